package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;

/**
 * A child process of the job worker's JVM. A thread that no signal of the server reaches starts it
 * and takes its output.
 */
final class Program {

  private static final File NOTHING = new File("/dev/null");

  /** How much of what it has complained of is told, bytes. */
  private static final int LONGEST_COMPLAINT = 4000;

  /** What becomes of its standard output; called on a thread of its own. */
  @FunctionalInterface
  interface Output {

    /** Takes some bytes. */
    void take(byte[] bytes, int length);
  }

  private final String name;
  private final Path complaints;
  private final Output output;
  private final ProcessBuilder builder;
  private final Thread thread;
  private @Nullable Process process;
  private boolean abandoned;
  private volatile boolean done;
  private volatile int exitCode = -1;
  private volatile @Nullable RuntimeException failure;

  /**
   * Starts it.
   *
   * @param workplace where its errors, and arguments that are not ASCII, are put down
   */
  Program(
      Copiers copiers,
      Workplace workplace,
      List<String> command,
      Map<String, String> environment,
      Output output) {
    name = Path.of(command.getFirst()).getFileName().toString();
    complaints = workplace.file("errors");
    this.output = output;
    builder = new ProcessBuilder(Shell.wrap(command, workplace.file("command")));
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.directory(new File("/"));
    builder.redirectInput(NOTHING);
    builder.redirectError(complaints.toFile());
    thread =
        copiers.start(
            name,
            () -> {
              try {
                run();
              } finally {
                done = true;
                copiers.wake();
              }
            });
  }

  private void run() {
    try {
      Process started = start();
      try (InputStream in = started.getInputStream()) {
        byte[] bytes = new byte[1 << 16];
        for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
          output.take(bytes, length);
        }
      } finally {
        exitCode = exitCode(started);
      }
    } catch (IOException e) {
      failure = new JobException("could not run program \"" + name + "\": " + e.getMessage());
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private synchronized Process start() throws IOException {
    if (abandoned) {
      throw new IOException("given up before it was started");
    }
    process = builder.start();
    return process;
  }

  /** It ends soon when nobody takes its output any more. */
  private static int exitCode(Process started) {
    try {
      return started.waitFor();
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }

  /** Whether it has ended. */
  boolean isDone() {
    return done;
  }

  /**
   * Throws what has gone wrong, once it has ended.
   *
   * @throws JobException with what it has said
   */
  void check() {
    if (failure != null) {
      throw failure;
    }
    if (exitCode != 0) {
      String said = complaint();
      throw new JobException(
          name + " ended with exit code " + exitCode + (said.isEmpty() ? "" : ": " + said));
    }
  }

  /** The last of what it has said. */
  private String complaint() {
    try (FileChannel said = FileChannel.open(complaints)) {
      ByteBuffer last = ByteBuffer.allocate(LONGEST_COMPLAINT);
      said.read(last, Math.max(0, said.size() - LONGEST_COMPLAINT));
      return UTF_8.decode(last.flip()).toString().strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Kills it with all that it has started, and waits until it is gone. */
  void abandon() {
    Process started;
    synchronized (this) {
      abandoned = true;
      started = process;
    }
    try {
      if (started != null) {
        List<ProcessHandle> children = started.descendants().toList();
        started.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
      }
      thread.join();
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }
}
