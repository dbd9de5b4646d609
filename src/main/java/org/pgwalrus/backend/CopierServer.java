package org.pgwalrus.backend;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Copiers: sessions of a job's role in processes of their own, which speak as a server does to its
 * client. To be used on the main thread alone, but for {@link #wake}.
 */
public interface CopierServer {

  /**
   * Starts a copier: a session of the job's role in a process of its own.
   *
   * @return its number, or -1 when the server has no worker to spare
   */
  int open();

  /**
   * Sends a message to a copier.
   *
   * @param message a direct buffer; what lies between its position and its limit
   * @return false when there is no room yet: then the same message has to be sent again
   */
  boolean send(int copier, ByteBuffer message);

  /** The next message of a copier, good until the next call for it; null when there is none yet. */
  @Nullable ByteBuffer receive(int copier);

  /**
   * Waits until a copier has something to say or room for more, or until somebody wakes it, so many
   * milliseconds at most.
   *
   * @throws PgException when the job is to end
   */
  void await(int millis);

  /** Ends the wait of the main thread, or its next one. Any thread may call this. */
  void wake();

  /**
   * Ends a copier and waits until it is gone.
   *
   * @param idle whether it has nothing to do; else what it is doing is cut short
   */
  void close(int copier, boolean idle);

  /**
   * Starts a daemon thread that never sees a signal. It must not call the server.
   *
   * @param name for thread dumps
   */
  Thread start(String name, Runnable work);
}
