package org.pgwalrus.worker;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.pgwalrus.backend.Server;

/**
 * The real server, under which the worker's own process gets a signal at a chosen moment: {@code
 * before-write}, {@code before-reload}, {@code before-row} or {@code after-row}, each of which
 * comes once in every change of the size.
 */
final class MortalServer implements InvocationHandler {

  private static final String ROW = "INSERT INTO walrus.history";

  private final Server server;
  private String moment = "";
  private int signal;

  private MortalServer(Server server) {
    this.server = server;
  }

  /** Puts it around a server. */
  static MortalServer around(Server server) {
    return new MortalServer(server);
  }

  /** What the worker is to use. */
  Server asServer() {
    return (Server)
        Proxy.newProxyInstance(Server.class.getClassLoader(), new Class<?>[] {Server.class}, this);
  }

  /** Chooses the moment and the number of the signal, in one text. */
  String arm(String momentAndSignal) {
    int blank = momentAndSignal.indexOf(' ');
    signal = Integer.parseInt(momentAndSignal.substring(blank + 1));
    moment = momentAndSignal.substring(0, blank);
    return "armed";
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    String name = name(method.getName(), arguments);
    passed("before-" + name);
    try {
      return method.invoke(server, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      passed("after-" + name);
    }
  }

  private static String name(String method, Object[] arguments) {
    return switch (method) {
      case "alterSystemSet" -> "write";
      case "execute" -> ((String) arguments[0]).contains(ROW) ? "row" : method;
      default -> method;
    };
  }

  private void passed(String now) {
    if (now.equals(moment)) {
      moment = "";
      kill(signal);
    }
  }

  private static void kill(int signal) {
    try {
      Linker linker = Linker.nativeLinker();
      MethodHandle kill =
          linker.downcallHandle(
              linker.defaultLookup().find("kill").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int failed = (int) kill.invokeExact((int) ProcessHandle.current().pid(), signal);
      if (failed != 0) {
        throw new IllegalStateException("kill failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
