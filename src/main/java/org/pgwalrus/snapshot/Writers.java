package org.pgwalrus.snapshot;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.pgwalrus.jobs.Copiers;

/**
 * Threads that write files, each one file after another: to start a thread takes the main thread
 * longer than all else that it does for a small table.
 */
final class Writers {

  private final Copiers copiers;

  /** An empty one ends the thread that takes it. */
  private final BlockingQueue<Optional<Runnable>> tasks = new LinkedBlockingQueue<>();

  /** Threads that wait for a task and will get none of those in the queue. */
  private final Semaphore idle = new Semaphore(0);

  private int threads;

  /** Whether the main thread waits for the end of a task. */
  private volatile boolean awaited;

  Writers(Copiers copiers) {
    this.copiers = copiers;
  }

  /** Has a thread do something at once. Main thread only. */
  void execute(Runnable task) {
    tasks.add(Optional.of(task));
    if (!idle.tryAcquire()) {
      copiers.start("snapshot writer", this::work);
      threads++;
    }
  }

  private void work() {
    try {
      for (Optional<Runnable> task = tasks.take(); task.isPresent(); task = tasks.take()) {
        task.get().run();
        idle.release();
        if (awaited) {
          awaited = false;
          copiers.wake();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a writer", e);
    }
  }

  /** Has the next task that ends wake the main thread, which looks after this what has ended. */
  void expectEnd() {
    awaited = true;
  }

  /** Has the main thread look at all streams again. Any thread may call this. */
  void wake() {
    copiers.wake();
  }

  /** Ends all threads once they have done what they were told. */
  void end() {
    for (; threads > 0; threads--) {
      tasks.add(Optional.empty());
    }
  }
}
