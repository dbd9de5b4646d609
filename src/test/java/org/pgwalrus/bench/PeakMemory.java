package org.pgwalrus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pgwalrus.cluster.TestCluster;

/**
 * Samples what the processes of a job hold in memory: its worker, its copiers, and the programs
 * that it has started. Memory that is shared with the server, and pages of files, are not the
 * job's.
 */
final class PeakMemory implements AutoCloseable {

  private static final String PROCESSES =
      "SELECT pid FROM pg_stat_activity"
          + " WHERE backend_type IN ('steep_repl job', 'steep_repl copy worker')";
  private static final String PRIVATE = "Pss_Anon:";
  private static final int INTERVAL_MILLIS = 50;

  private final Thread sampler;
  private volatile boolean ended;
  private volatile long peakKb;

  /** Begins to sample. */
  PeakMemory(TestCluster cluster) {
    sampler = Thread.ofPlatform().start(() -> sample(cluster));
  }

  private void sample(TestCluster cluster) {
    try (Connection connection = cluster.connect();
        Statement statement = connection.createStatement()) {
      while (!ended) {
        peakKb = Math.max(peakKb, processes(statement).mapToLong(PeakMemory::privateKb).sum());
        Thread.sleep(INTERVAL_MILLIS);
      }
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<Long> processes(Statement statement) throws SQLException {
    List<Long> pids = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(PROCESSES)) {
      while (rows.next()) {
        pids.add(rows.getLong(1));
      }
    }
    return pids.stream()
        .flatMap(pid ->
            Stream.concat(
                Stream.of(pid),
                ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::descendants)
                    .map(ProcessHandle::pid)));
  }

  private static long privateKb(long pid) {
    try (Stream<String> lines =
        Files.lines(Path.of("/proc", String.valueOf(pid), "smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith(PRIVATE))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException | UncheckedIOException e) {
      // It has ended meanwhile.
      return 0;
    }
  }

  /** Ends; the most that all held at once, MB. */
  double end() {
    close();
    return peakKb / 1024.0;
  }

  @Override
  public void close() {
    ended = true;
    try {
      sampler.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
