package org.pgwalrus.snapshot;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import org.pgwalrus.jobs.Copiers;

/**
 * Threads that write or read files, each one file after another: to start a thread takes the main
 * thread longer than all else that it does for a small table.
 */
public final class FileThreads {

  private final String name;
  private final BiConsumer<String, Runnable> starter;
  private final Runnable waker;

  /** An empty one ends the thread that takes it. */
  private final BlockingQueue<Optional<Runnable>> tasks = new LinkedBlockingQueue<>();

  /** Threads that wait for a task and will get none of those in the queue. */
  private final Semaphore idle = new Semaphore(0);

  private int threads;

  /** Whether the main thread waits for the end of a task. */
  private volatile boolean awaited;

  /** None yet; they will be those of a job. */
  public FileThreads(String name, Copiers copiers) {
    this(name, copiers::start, copiers::wake);
  }

  /**
   * None yet.
   *
   * @param name for thread dumps
   * @param starter starts a thread of that name
   * @param waker has the main thread look at all streams again
   */
  public FileThreads(String name, BiConsumer<String, Runnable> starter, Runnable waker) {
    this.name = name;
    this.starter = starter;
    this.waker = waker;
  }

  /** Has a thread do something at once. Main thread only. */
  public void execute(Runnable task) {
    tasks.add(Optional.of(task));
    if (!idle.tryAcquire()) {
      starter.accept(name, this::work);
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
          wake();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts it", e);
    }
  }

  /** Has the next task that ends wake the main thread, which looks after this what has ended. */
  void expectEnd() {
    awaited = true;
  }

  /** Has the main thread look at all streams again. Any thread may call this. */
  public void wake() {
    waker.run();
  }

  /** Ends all threads once they have done what they were told. */
  public void end() {
    for (; threads > 0; threads--) {
      tasks.add(Optional.empty());
    }
  }
}
