package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/**
 * A cluster for one fault, with a session that is opened before the fault and must outlive it.
 * Closing it looks for files that do not belong in the data directory.
 */
final class FaultCluster implements AutoCloseable {

  /** "Within a second", on a machine that is busy with other tests. */
  static final Duration AT_ONCE = Duration.ofSeconds(2);

  private static final String LITTER = "hs_err.*|core(\\..*)?|replay.*|.*\\.(log|hprof|jfr|aot.*)";
  private static final Set<String> OF_THE_SERVER =
      Set.of("postmaster.pid", "postmaster.opts", "current_logfiles");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

  private static final String FUNCTIONS =
      function("fault_recurse()", "int")
          + function("fault_fpe()", "int")
          + function("fault_fatal()", "int")
          + function("fault_abort()", "int")
          + function("fault_handler(int)", "text")
          + "CREATE OR REPLACE FUNCTION public.fault_nest(depth int) RETURNS int LANGUAGE plpgsql"
          + " AS 'DECLARE result int; BEGIN EXECUTE ''SELECT '' || repeat(''abs('', depth) ||"
          + " ''1'' || repeat('')'', depth) INTO result; RETURN result; END'";

  private final TestCluster cluster = TestCluster.create();
  private final Set<String> filesBefore = topLevelFiles();
  private @Nullable Connection witness;
  private int wish;

  private FaultCluster() {}

  /** With the installed jar. */
  static FaultCluster installed() {
    return new FaultCluster();
  }

  /** With the faulty Main. */
  static FaultCluster faulty() {
    return new FaultCluster().set("walrus.classpath", FaultFiles.classPath());
  }

  /** With the faulty Main, which commits a fault as soon as it is called. */
  static FaultCluster faultyAtStart(String fault) {
    return faulty().set("walrus.jvm_options", "-Dfault.start=" + fault);
  }

  FaultCluster set(String name, String value) {
    cluster.set(name, value);
    return this;
  }

  FaultCluster environment(String name, String value) {
    cluster.environment(name, value);
    return this;
  }

  /** Starts the server. */
  FaultCluster start() {
    return orClose(() -> {
      cluster.start();
      openWitness();
      cluster.execute("CREATE EXTENSION IF NOT EXISTS pg_walrus");
    });
  }

  /** Waits until the cluster is back after so many crash restarts, with a worker. */
  long awaitCrashRestart(int count) {
    cluster.awaitLog("pg_walrus worker started", count + 1, TestCluster.SOON);
    assertThat(cluster.crashRestarts()).isEqualTo(count);
    return cluster.workerPid();
  }

  /** Starts a server that will crash at once, and so can have no session yet. */
  FaultCluster startCrashing() {
    return orClose(cluster::start);
  }

  /** Starts the server, with the functions of faults.c, and waits for the first decision. */
  FaultCluster startReady() {
    start();
    return orClose(() -> {
      cluster.execute(FUNCTIONS);
      cluster.awaitBaseline();
    });
  }

  /** A test that fails before it holds the cluster cannot close it. */
  private FaultCluster orClose(Runnable step) {
    try {
      step.run();
      return this;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  TestCluster cluster() {
    return cluster;
  }

  /** Makes the worker commit a fault; see Faults.java for their names. */
  FaultCluster commit(String fault) {
    wish++;
    cluster.set("fault.run", wish + " " + fault);
    cluster.reload();
    return this;
  }

  /** Makes the worker commit a fault that it survives, and returns what came of it. */
  String outcomeOf(String fault) {
    commit(fault);
    return outcome();
  }

  /** What came of the fault that was committed last. */
  String outcome() {
    String prefix = "fault " + wish + ": ";
    cluster.awaitLog(prefix, TestCluster.SOON);
    return cluster
        .log()
        .lines()
        .filter(line -> line.contains(prefix))
        .map(line -> line.substring(line.indexOf(prefix) + prefix.length()))
        .findFirst()
        .orElseThrow();
  }

  /** Waits until the worker runs a query, and returns the worker's process id. */
  long awaitQuery(String sql) {
    Wait.until(
        () -> "no query\n" + cluster.log(),
        TestCluster.SOON,
        () ->
            sql.equals(
                cluster.value(
                    "SELECT query FROM pg_stat_activity"
                        + " WHERE backend_type = 'pg_walrus' AND state = 'active'")));
    return cluster.workerPid();
  }

  void awaitLog(String text) {
    cluster.awaitLog(text, TestCluster.SOON);
  }

  /** Waits until the worker has sampled anew, without an engine failure in between. */
  void awaitGoodCycle() {
    long samples = cluster.stateNumber("samples");
    long failures = cluster.stateNumber("engine_failures");
    Wait.until(
        () -> "no cycle\n" + cluster.log(),
        TestCluster.SOON,
        () -> cluster.stateNumber("samples") > samples);
    assertThat(cluster.stateNumber("engine_failures")).isEqualTo(failures);
  }

  /** Asserts that nobody but the worker has noticed anything. */
  FaultCluster assertUntouched() {
    assertThat(cluster.crashRestarts()).as(cluster.log()).isZero();
    try {
      assertThat(witness != null && witness.isValid(5)).as("the session lives").isTrue();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    assertThat(cluster.value("SELECT 1")).isEqualTo("1");
    return this;
  }

  /** Asserts that the worker says once what is wrong, and waits. */
  void assertOnlyWarning(String message, String... more) {
    awaitLog("WARNING:  " + message);
    Wait.sleep(AT_ONCE);
    assertThat(cluster.log()).contains(more).doesNotContain("FATAL:");
    assertThat(cluster.logCount("pg_walrus: could not start JVM")).isEqualTo(1);
    assertThat(cluster.state("engine")).startsWith("failed: ");
    assertThat(cluster.workerPid()).isNotZero();
    assertUntouched();
  }

  /** Asserts that the worker says what is wrong and leaves, to come back much later. */
  void assertOnlyFatal(String message, String... more) {
    awaitLog(message);
    assertWorkerLeft();
    assertThat(cluster.log()).contains(more);
    assertThat(cluster.logCount("FATAL:  pg_walrus: ")).isEqualTo(1);
    assertThat(cluster.state("engine")).startsWith("failed: ");
  }

  /** Asserts that the worker left in a way that is no crash. */
  FaultCluster assertWorkerLeft() {
    awaitLog("background worker \"pg_walrus\" (PID ");
    assertThat(cluster.log())
        .containsPattern("background worker \"pg_walrus\" \\(PID \\d+\\) exited with exit code 1");
    return assertUntouched();
  }

  /** How much later the first line with {@code end} came than the last one with {@code begin}. */
  Duration logged(String begin, String end) {
    Wait.until(
        () -> "no \"" + end + "\" after \"" + begin + "\"\n" + cluster.log(),
        TestCluster.SOON,
        () -> cluster.log().lastIndexOf(end) > cluster.log().lastIndexOf(begin));
    List<String> lines = cluster.log().lines().toList();
    int from = lines.size() - 1;
    while (!lines.get(from).contains(begin)) {
      from--;
    }
    int to = from;
    while (!lines.get(to).contains(end)) {
      to++;
    }
    return Duration.between(time(lines.get(from)), time(lines.get(to)));
  }

  /** Opens the session that {@link #assertUntouched} asks after. */
  void openWitness() {
    try {
      witness = cluster.connect();
    } catch (SQLException e) {
      throw new IllegalStateException(cluster.log(), e);
    }
  }

  /** Smart shutdown waits for sessions. */
  void closeWitness() {
    try {
      if (witness != null) {
        witness.close();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closeWitness();
    try (cluster) {
      if (cluster.isRunning()) {
        cluster.stop("immediate");
      }
      assertNoLitter();
    }
  }

  private void assertNoLitter() {
    Set<String> files = topLevelFiles();
    files.removeAll(filesBefore);
    files.removeAll(OF_THE_SERVER);
    assertThat(files).as("new files in the data directory").isEmpty();
    try (Stream<Path> all = Files.walk(cluster.data())) {
      assertThat(all.filter(path -> path.getFileName().toString().matches(LITTER))).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Set<String> topLevelFiles() {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(cluster.data())) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  private static String function(String signature, String type) {
    return "CREATE OR REPLACE FUNCTION public."
        + signature
        + " RETURNS "
        + type
        + " LANGUAGE C AS '"
        + FaultFiles.library()
        + "', '"
        + signature.substring(0, signature.indexOf('('))
        + "';";
  }

  private static LocalDateTime time(String line) {
    return LocalDateTime.parse(line.substring(0, "yyyy-MM-dd HH:mm:ss.SSS".length()), TIME);
  }
}
