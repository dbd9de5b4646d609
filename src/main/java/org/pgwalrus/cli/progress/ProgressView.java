package org.pgwalrus.cli.progress;

/** Shows how far an operation is. Times are of one clock, in nanoseconds. */
public interface ProgressView {

  /** Told of every change, and several times a second without one. */
  void show(Progress progress, long now);

  /** Makes room for a message, or for the end. */
  void close();

  /** Shows nothing. */
  ProgressView SILENT =
      new ProgressView() {
        @Override
        public void show(Progress progress, long now) {}

        @Override
        public void close() {}
      };
}
