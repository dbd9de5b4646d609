package org.pgwalrus.cli.progress;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgwalrus.cli.ExitCode;

/**
 * Counts how often the user has pressed Ctrl-C, in place of ending the program. The third time ends
 * it whatever it is doing.
 */
public final class Interrupts {

  /** What is said after the first time. */
  public static final String FIRST = "cancelling; press Ctrl-C again to wait for that no longer";

  private static final int ENOUGH = 3;

  private final AtomicInteger count = new AtomicInteger();

  /** Counts from now on. */
  public static Interrupts install() {
    Interrupts interrupts = new Interrupts();
    interrupts.handle();
    return interrupts;
  }

  public int count() {
    return count.get();
  }

  void press() {
    if (count.incrementAndGet() >= ENOUGH) {
      Runtime.getRuntime().halt(ExitCode.CANCELLED);
    }
  }

  /** The JDK has no other way, and the compiler warns of this one unless it is found by name. */
  private void handle() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object counting =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  press();
                }
                return null;
              });
      handle.invoke(null, signal.getConstructor(String.class).newInstance("INT"), counting);
    } catch (ReflectiveOperationException e) {
      // Then Ctrl-C ends the program, and the operation goes on.
    }
  }
}
