package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Errors of the server under Java, and exceptions of Java that nobody catches. */
class ErrorsIT {

  private static final String FAILED = "WARNING:  pg_walrus: decision engine failed: ";

  private static final List<Uncaught> UNCAUGHT =
      List.of(
          new Uncaught(
              "uncaught-query SELECT 1/0", "org.pgwalrus.backend.PgException: division by zero"),
          new Uncaught("state on purpose", "java.lang.IllegalStateException: on purpose"),
          new Uncaught("silent", "an exception that could not be described"),
          new Uncaught("heap", "java.lang.OutOfMemoryError: Java heap space"),
          new Uncaught("stack", "java.lang.StackOverflowError"),
          new Uncaught("class", "java.lang.NoClassDefFoundError: org/pgwalrus/worker/Absent"),
          new Uncaught("beyond", "java.lang.IndexOutOfBoundsException: Out of bound access on "));

  /** How much a worker may grow over a thousand errors, kB. */
  private static final long GROWTH_KB = 1024;

  @Test
  void exceptionsFailOneCycleAndAreReportedOnce() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      long pid = faults.cluster().workerPid();
      int failures = 0;
      for (Uncaught fault : UNCAUGHT) {
        faults.commit(fault.name());
        awaitFailures(faults, ++failures);
        faults.commit(fault.name());
        awaitFailures(faults, ++failures);

        assertThat(faults.cluster().logCount(FAILED + fault.message()))
            .as(fault.name())
            .isEqualTo(1);
        faults.awaitGoodCycle();
      }
      assertThat(faults.cluster().logCount(FAILED)).isEqualTo(UNCAUGHT.size());
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
      faults.assertUntouched();
    }
  }

  @Test
  void aHeapThatStaysFullFailsEachCycleAndFloodsNoLog() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      long pid = faults.cluster().workerPid();

      faults.commit("full-heap");
      awaitFailures(faults, 1);
      Wait.sleep(FaultCluster.AT_ONCE);

      assertThat(faults.cluster().logCount(FAILED)).isBetween(1, 3);
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
      faults.assertUntouched();
    }
  }

  @Test
  void aThousandErrorsLeaveNothingBehind() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      long pid = faults.cluster().workerPid();
      assertThat(faults.outcomeOf("errors 1000")).isEqualTo("1000 errors");
      long before = Memory.privateDirtyKb(pid);

      assertThat(faults.outcomeOf("errors 1000")).isEqualTo("1000 errors");

      assertThat(Memory.privateDirtyKb(pid)).isLessThan(before + GROWTH_KB);
      faults.awaitGoodCycle();
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
    }
  }

  @Test
  void everyArithmeticTrapIsAnError() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      for (int i = 0; i < 3; i++) {
        assertThat(faults.outcomeOf("query SELECT public.fault_fpe()"))
            .startsWith("SQLSTATE 22P01: floating-point exception");
      }
      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  @Test
  void aFatalErrorUnderJavaEndsTheWorkerAlone() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      faults.commit("query SELECT public.fault_fatal()").awaitLog("FATAL:  a fatal fault");
      faults.assertWorkerLeft();
    }
  }

  /** A fault of Faults.java, and what is said of it. */
  private record Uncaught(String name, String message) {}

  private static void awaitFailures(FaultCluster faults, long count) {
    Wait.until(
        () -> count + " failures\n" + faults.cluster().log(),
        TestCluster.SOON,
        () -> faults.cluster().stateNumber("engine_failures") >= count);
  }
}
