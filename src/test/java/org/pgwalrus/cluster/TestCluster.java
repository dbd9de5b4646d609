package org.pgwalrus.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A cluster of its own for one test: in a temporary directory, on a free port of the loopback
 * interface, with pg_walrus preloaded. Closing it stops the server and deletes the directory; the
 * end of the program closes those that are still open.
 */
public final class TestCluster implements AutoCloseable {

  /** How long the server may take for anything that it should do at once. */
  public static final Duration SOON = Duration.ofSeconds(15);

  /** How long an interval of {@code checkpoint_timeout} may take on a busy machine. */
  public static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  /** Forces a checkpoint of a small server every second or two. */
  public static final double STORM_MB_PER_SECOND = 20;

  private static final int FIRST_PORT = 20_000;
  private static final int PORTS = 10_000;

  /** Test runs side by side begin at different places. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger((int) ProcessHandle.current().pid() * 100);

  private static final Set<TestCluster> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(TestCluster::closeAll));
  }

  private final Installation installation = Installation.get();
  private final Path directory;
  private final Path data;
  private final int port;
  private final Map<String, String> environment = new TreeMap<>();
  private final List<RamDisk> disks = new ArrayList<>();

  private TestCluster(Path directory) {
    this.directory = directory;
    this.data = directory.resolve("data");
    this.port = freePort();
    OPEN.add(this);
  }

  /** A new cluster, not started, with the shortest interval that the server knows. */
  public static TestCluster create() {
    TestCluster cluster = new TestCluster(Template.temporaryDirectory());
    Template.copyTo(cluster.data);
    return cluster
        .set("listen_addresses", "127.0.0.1")
        .set("port", String.valueOf(cluster.port))
        .set("unix_socket_directories", "")
        .set("shared_preload_libraries", "pg_walrus")
        .set("checkpoint_timeout", "30s")
        .set("walrus.sample_interval_sec", "1")
        .set("log_min_messages", "debug1")
        .set("log_line_prefix", "%m [%p] %b ")
        .set("fsync", "off");
  }

  /** A streaming standby of a running primary, not started. */
  public static TestCluster standbyOf(TestCluster primary) {
    TestCluster standby = new TestCluster(Template.temporaryDirectory());
    Programs.run(
        primary.installation.command(
            "pg_basebackup",
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-D",
            standby.data.toString(),
            "-h",
            "127.0.0.1",
            "-p",
            String.valueOf(primary.port),
            "-U",
            "postgres"));
    return standby.set("port", String.valueOf(standby.port));
  }

  /** Appends a setting to postgresql.conf; the last one counts. */
  public TestCluster set(String name, String value) {
    append(data.resolve("postgresql.conf"), name + " = '" + value.replace("'", "''") + "'\n");
    return this;
  }

  /** Appends lines to a file of the cluster. */
  public void append(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Puts a directory, of the stopped cluster or a new one, onto a small file system of its own,
   * which is closed with the cluster.
   */
  public RamDisk onRamDisk(Path path, int megabytes) {
    RamDisk disk = RamDisk.under(path, megabytes);
    disks.add(disk);
    return disk;
  }

  /** Adds to the environment in which the server is started. */
  public TestCluster environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Starts the server and waits until it accepts connections. */
  public TestCluster start(String... serverOptions) {
    List<String> command = new ArrayList<>(installation.command("pg_ctl", "-w", "-t", "60"));
    command.addAll(List.of("-D", data.toString(), "-l", logFile().toString()));
    if (serverOptions.length > 0) {
      command.addAll(List.of("-o", String.join(" ", serverOptions)));
    }
    command.add("start");
    try {
      Programs.run(command, environment);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(log(), e);
    }
    return this;
  }

  /** Stops the server: {@code smart}, {@code fast} or {@code immediate}. */
  public void stop(String mode) {
    Programs.run(
        installation.command(
            "pg_ctl", "-D", data.toString(), "-m", mode, "-t", "60", "-w", "stop"));
  }

  /** Starts the server anew, in good order. */
  public void restart() {
    stop("fast");
    start();
  }

  /** Makes a standby a primary. */
  public void promote() {
    Programs.run(installation.command("pg_ctl", "-D", data.toString(), "-w", "promote"));
  }

  /** Whether the postmaster lives. */
  public boolean isRunning() {
    return Files.exists(data.resolve("postmaster.pid"));
  }

  /** Asks the postmaster to read its configuration again. */
  public void reload() {
    Processes.signal(postmasterPid(), "HUP");
  }

  /** A new connection as superuser. */
  public Connection connect() throws SQLException {
    return connect("postgres");
  }

  /** A new connection as a role. */
  public Connection connect(String role) throws SQLException {
    return connect(role, "postgres");
  }

  /** A new connection as a role to a database. */
  public Connection connect(String role, String database) throws SQLException {
    return DriverManager.getConnection(url(role, database));
  }

  private String url(String role, String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + role;
  }

  /** Runs a statement. */
  public void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + log(), e);
    }
  }

  /** The first value of the first row as text, null where there is none. */
  public @Nullable String value(String sql) {
    try {
      return Query.value(url("postgres", "postgres"), sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + log(), e);
    }
  }

  /** The first column of all rows as text. */
  public List<String> column(String sql) {
    try {
      return Query.column(url("postgres", "postgres"), sql).stream().map(String::valueOf).toList();
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + log(), e);
    }
  }

  /** The rows of the history, the oldest first: action, size before and size after. */
  public List<String> history() {
    return column(
        "SELECT concat_ws(' ', action, old_size_mb, new_size_mb) FROM walrus.history ORDER BY id");
  }

  /** The rows of the history that tell of changes that were made, in the same form. */
  public List<String> changes() {
    return history().stream().filter(row -> row.matches("(increase|capped|decrease) .*")).toList();
  }

  /** A key of {@code walrus.status()}; needs the extension. */
  public String status(String key) {
    return String.valueOf(value("SELECT walrus.status() ->> '" + key + "'"));
  }

  /** A field of the shared state; needs the extension. */
  public String state(String field) {
    return String.valueOf(value("SELECT walrus.shmem_status() ->> '" + field + "'"));
  }

  /** A number in the shared state. */
  public long stateNumber(String field) {
    return Long.parseLong(state(field));
  }

  /** The effective value of a setting, in its base unit. */
  public String setting(String name) {
    return String.valueOf(value("SELECT setting FROM pg_settings WHERE name = '" + name + "'"));
  }

  /** The worker's process id, 0 when it is not there. */
  public long workerPid() {
    String pid = value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_walrus'");
    return pid == null ? 0 : Long.parseLong(pid);
  }

  /** Waits until a worker other than {@code previous} runs and its engine is ready. */
  public long awaitWorker(long previous, Duration limit) {
    Wait.until(
        () -> "no new worker\n" + log(),
        limit,
        () -> isReachable() && workerPid() != 0 && workerPid() != previous);
    return workerPid();
  }

  /** Starts, makes the extension, and waits until the worker has its baseline. */
  public TestCluster startWithBaseline() {
    start();
    execute("CREATE EXTENSION IF NOT EXISTS pg_walrus");
    awaitBaseline();
    return this;
  }

  /** Waits until the worker has its baseline. */
  public void awaitBaseline() {
    Wait.until(() -> "no baseline\n" + log(), SOON, () -> state("baseline_valid").equals("true"));
  }

  /** Whether a session can be opened. */
  public boolean isReachable() {
    try (Connection connection = connect()) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Writes this much WAL, and nothing else. */
  public void writeWal(int megabytes) {
    execute(
        "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1024 * 1024))"
            + " FROM generate_series(1, "
            + megabytes
            + ")");
  }

  /** Writes much WAL until so many changes have been made and are in effect. */
  public void loadUntilChanged(int changes) {
    try (var _ = WalLoad.start(this, STORM_MB_PER_SECOND)) {
      Wait.until(
          () -> "not " + changes + " changes\n" + log(),
          AN_INTERVAL,
          () -> stateNumber("total_adjustments") >= changes);
    }
    awaitState("pending_size_mb", "0", SOON);
  }

  /** The server log so far. */
  public String log() {
    try {
      return Files.readString(logFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often a text stands in the log. */
  public int logCount(String text) {
    return log().split(java.util.regex.Pattern.quote(text), -1).length - 1;
  }

  /** Waits until a text stands in the log. */
  public void awaitLog(String text, Duration limit) {
    awaitLog(text, 1, limit);
  }

  /** Waits until a text stands in the log so many times. */
  public void awaitLog(String text, int times, Duration limit) {
    Wait.until(
        () -> times + " times \"" + text + "\" in the log:\n" + log(),
        limit,
        () -> logCount(text) >= times);
  }

  /** How often the cluster was restarted after the crash of a process. */
  public int crashRestarts() {
    return logCount("all server processes terminated; reinitializing");
  }

  /** The data directory. */
  public Path data() {
    return data;
  }

  /** The directory of this cluster, which holds the data directory and the log. */
  public Path directory() {
    return directory;
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Writes a setting to postgresql.auto.conf, not yet loaded. */
  public TestCluster alterSystem(String name, String value) {
    execute("ALTER SYSTEM SET " + name + " = '" + value.replace("'", "''") + "'");
    return this;
  }

  /** The error of a statement that has to fail. */
  public ServerErrorMessage error(String sql) {
    return error("postgres", sql);
  }

  /** The error of a statement of a role that has to fail. */
  public ServerErrorMessage error(String role, String sql) {
    try (Connection connection = connect(role);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (PSQLException e) {
      return Objects.requireNonNull(e.getServerErrorMessage());
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + log(), e);
    }
    throw new AssertionError("no error: " + sql);
  }

  /** Waits until a field of the shared state has a value. */
  public void awaitState(String field, String value, Duration limit) {
    Wait.until(
        () -> field + " is " + state(field) + ", not " + value + "\n" + log(),
        limit,
        () -> state(field).equals(value));
  }

  /** Waits until so many decisions have been taken since the shared state was made. */
  public void awaitDecisions(int count, Duration limit) {
    Wait.until(
        () -> "not " + count + " decisions\n" + log(),
        limit,
        () -> stateNumber("analysis_cycles") >= count);
  }

  /** The counter of requested checkpoints, as the server's own view has it. */
  public long requestedCheckpoints() {
    return Long.parseLong(
        String.valueOf(
            value(
                installation.major() >= 17
                    ? "SELECT num_requested FROM pg_stat_checkpointer"
                    : "SELECT checkpoints_req FROM pg_stat_bgwriter")));
  }

  /** What ALTER SYSTEM has written. */
  public String autoConf() {
    try {
      return Files.readString(autoConfFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file that ALTER SYSTEM writes. */
  public Path autoConfFile() {
    return data.resolve("postgresql.auto.conf");
  }

  /** The process id of the postmaster. */
  public long postmasterPid() {
    try {
      return Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the server accepts connections. */
  public void awaitReachable() {
    Wait.until(() -> "not reachable\n" + log(), SOON, this::isReachable);
  }

  private Path logFile() {
    return directory.resolve("server.log");
  }

  @Override
  public void close() {
    if (!OPEN.remove(this)) {
      return;
    }
    try {
      if (isRunning()) {
        stop("immediate");
      }
    } finally {
      disks.forEach(RamDisk::close);
      Template.delete(directory);
    }
  }

  private static void closeAll() {
    for (TestCluster cluster : OPEN) {
      try {
        cluster.close();
      } catch (IllegalStateException e) {
        System.err.println(e.getMessage());
      }
    }
  }

  /** Below the range from which the system takes the ports of connections, none twice. */
  private static int freePort() {
    for (; ; ) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken by somebody else: try the next one.
      }
    }
  }
}
