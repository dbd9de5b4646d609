package org.pgwalrus.jobs;

import java.nio.ByteBuffer;
import org.pgwalrus.backend.CopierServer;

/** A server that never has a worker to spare. */
final class NoCopiers implements CopierServer {

  @Override
  public int open() {
    return -1;
  }

  @Override
  public boolean send(int copier, ByteBuffer message) {
    throw new AssertionError("there is no copier " + copier);
  }

  @Override
  public ByteBuffer receive(int copier) {
    throw new AssertionError("there is no copier " + copier);
  }

  @Override
  public void await(int millis) {
    throw new AssertionError("there is no copier to wait for");
  }

  @Override
  public void wake() {
    // Nobody waits.
  }

  @Override
  public void close(int copier, boolean idle) {
    throw new AssertionError("there is no copier " + copier);
  }

  @Override
  public Thread start(String name, Runnable work) {
    return Thread.ofPlatform().name(name).start(work);
  }
}
