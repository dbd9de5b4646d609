package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's signal handlers stay the server's, and run on its own thread. */
class ThreadsIT {

  private static final int SIGHUP = 1;
  private static final int SIGINT = 2;
  private static final int SIGQUIT = 3;
  private static final int SIGFPE = 8;
  private static final int SIGUSR1 = 10;
  private static final int SIGUSR2 = 12;
  private static final int SIGPIPE = 13;
  private static final int SIGTERM = 15;
  private static final int SIGURG = 23;
  private static final List<Integer> OF_THE_SERVER =
      List.of(SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGTERM);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void onlyTheMainThreadTakesTheServersSignals(boolean withCache) {
    try (FaultCluster faults = withCache ? FaultCluster.installed() : FaultCluster.faulty()) {
      faults.startReady();
      long pid = faults.cluster().workerPid();
      List<Path> tasks = tasks(pid);

      assertThat(tasks).hasSizeBetween(5, 15);
      for (Path task : tasks) {
        boolean main = task.endsWith(String.valueOf(pid));
        BigInteger blocked = mask(task, "SigBlk");
        for (int signal : OF_THE_SERVER) {
          assertThat(blocked.testBit(signal - 1)).as("%s blocks %d", task, signal).isEqualTo(!main);
        }
        if (!main) {
          assertThat(blocked.testBit(SIGURG - 1)).as("%s blocks SIGURG", task).isTrue();
        }
      }
    }
  }

  @Test
  void theServersHandlersStayInPlace() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      for (int signal : OF_THE_SERVER) {
        assertThat(handler(faults, signal)).startsWith("value p").doesNotContain("libjvm");
      }
      assertThat(handler(faults, SIGPIPE)).isEqualTo("value ignored");
      assertThat(handler(faults, SIGUSR2)).isEqualTo("value ignored");
      assertThat(handler(faults, SIGFPE)).isEqualTo("value libjvm.so");
    }
  }

  @Test
  void noProcessButTheWorkerHasAJvm() {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      long worker = faults.cluster().workerPid();
      ProcessHandle postmaster = ProcessHandle.of(worker).orElseThrow().parent().orElseThrow();

      assertThat(Memory.hasJvm(worker)).isTrue();
      assertThat(Memory.hasJvm(postmaster.pid())).isFalse();
      assertThat(postmaster.children().filter(child -> Memory.hasJvm(child.pid()))).hasSize(1);
    }
  }

  @Test
  void aWorkerThatIsSwitchedOffHasNoJvmUntilItIsSwitchedOn() {
    try (FaultCluster faults = FaultCluster.installed().set("walrus.enable", "off").start()) {
      faults.awaitLog("pg_walrus worker started");
      long worker = faults.cluster().workerPid();
      assertThat(faults.cluster().state("engine")).isEqualTo("off");
      assertThat(Memory.hasJvm(worker)).isFalse();

      faults.set("walrus.enable", "on").cluster().reload();
      faults.cluster().awaitBaseline();
      assertThat(Memory.hasJvm(worker)).isTrue();
    }
  }

  private static String handler(FaultCluster faults, int signal) {
    return faults.outcomeOf("query SELECT public.fault_handler(" + signal + ")");
  }

  private static List<Path> tasks(long pid) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return tasks.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BigInteger mask(Path task, String name) {
    try (Stream<String> lines = Files.lines(task.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> new BigInteger(line.substring(name.length() + 1).strip(), 16))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
