package org.pgwalrus.snapshot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pgwalrus.cluster.Crash;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.postgresql.PGConnection;

/** Kills whoever has to do with a job, and brings the server back. */
final class Killer {

  /** A third crash restart within an hour makes the JVM suspect; a restart forgets them. */
  private static final int CRASHES_ALLOWED = 2;

  private static final String COPIERS = "backend_type LIKE 'steep_repl copy%'";
  private static final String WORKERS = "backend_type = 'steep_repl job'";

  private final TestCluster cluster;
  private final Random random;
  private final Map<Victim, Integer> hits = new EnumMap<>(Victim.class);
  private int crashesBefore;

  Killer(TestCluster cluster, Random random) {
    this.cluster = cluster;
    this.random = random;
  }

  /** How often whom. */
  Map<Victim, Integer> hits() {
    return hits;
  }

  /** To be called while no job runs. */
  void prepare() {
    if (cluster.crashRestarts() - crashesBefore >= CRASHES_ALLOWED) {
      restart("fast");
    }
  }

  /** Kills; who has ended by himself before is not counted. */
  void kill(Victim victim, Connection client) throws SQLException {
    boolean hit =
        switch (victim) {
          case CLIENT -> abort(client);
          case SESSION -> terminate(client);
          case COPIER_TERM -> interrupt("pg_terminate_backend", COPIERS);
          case COPIER_KILL -> crash(COPIERS);
          case WORKER_TERM -> interrupt("pg_terminate_backend", WORKERS);
          case WORKER_INT -> interrupt("pg_cancel_backend", WORKERS);
          case WORKER_KILL -> crash(WORKERS);
          case SERVER_FAST -> restart("fast");
          case SERVER_IMMEDIATE -> restart("immediate");
          case SERVER_KILL -> killServer();
        };
    if (hit) {
      hits.merge(victim, 1, Integer::sum);
    }
  }

  private static boolean abort(Connection client) throws SQLException {
    client.abort(Runnable::run);
    return true;
  }

  private boolean terminate(Connection client) throws SQLException {
    int pid = client.unwrap(PGConnection.class).getBackendPID();
    return "t".equals(cluster.value("SELECT pg_terminate_backend(" + pid + ")"));
  }

  /** One of several copiers. */
  private boolean interrupt(String function, String which) {
    return cluster
        .column(
            "SELECT "
                + function
                + "(pid) FROM (SELECT pid FROM pg_stat_activity WHERE "
                + which
                + " ORDER BY random() LIMIT 1) AS a")
        .contains("t");
  }

  private boolean crash(String which) {
    List<String> pids = cluster.column("SELECT pid FROM pg_stat_activity WHERE " + which);
    if (pids.isEmpty()) {
      return false;
    }
    return Crash.of(cluster, pids.get(random.nextInt(pids.size())));
  }

  private boolean restart(String mode) {
    cluster.stop(mode);
    return startAgain();
  }

  /** Nobody stops the others but they themselves. A dead postmaster may pass for a living one. */
  private boolean killServer() {
    Family family = Family.of(cluster);
    Processes.signal(cluster.postmasterPid(), "KILL");
    family.awaitGone();
    try {
      Files.delete(cluster.data().resolve("postmaster.pid"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return startAgain();
  }

  private boolean startAgain() {
    cluster.start();
    crashesBefore = cluster.crashRestarts();
    return true;
  }
}
