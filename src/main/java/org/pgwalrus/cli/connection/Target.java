package org.pgwalrus.cli.connection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where to connect to and how, from what was given: the connection string before the configuration
 * file before the environment before the defaults, and a service behind what names it, but before
 * the environment.
 */
public final class Target {

  static final String APPLICATION = "steep-repl-direct";

  private static final int DEFAULT_PORT = 5432;
  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  /** The driver's names of what it does as libpq does. */
  private static final Map<String, String> DRIVER_PROPERTIES =
      Map.of(
          "options", "options",
          "sslcert", "sslcert",
          "sslkey", "sslkey",
          "sslpassword", "sslpassword",
          "sslnegotiation", "sslNegotiation",
          "channel_binding", "channelBinding",
          "require_auth", "requireAuth",
          "gssencmode", "gssEncMode",
          "krbsrvname", "kerberosServerName");

  private final Map<String, String> parameters;
  private final Surroundings surroundings;
  private final Consumer<String> warnings;
  private final List<Host> hosts;
  private final List<String> command;
  private final boolean isOfProfile;

  private Target(
      Levels levels, List<String> command, Surroundings surroundings, Consumer<String> warnings) {
    this.parameters = levels.merged();
    Keyword.checkPaths(parameters);
    this.command = command;
    this.isOfProfile = levels.areOfProfile();
    this.surroundings = surroundings;
    this.warnings = warnings;
    this.hosts = hosts(parameters, surroundings);
  }

  /**
   * Puts together what is known.
   *
   * @param connection the connection string, if there is one
   * @param configuration tells which configuration file is read
   * @param warnings told of files that are not used
   */
  public static Target resolve(
      @Nullable String connection,
      Configuration configuration,
      Surroundings surroundings,
      Consumer<String> warnings) {
    Keyword.checkVariables(surroundings);
    Map<String, String> given = connection == null ? Map.of() : ConnectionString.parse(connection);
    Map<String, String> ofGiven =
        service(Optional.ofNullable(given.get(Keyword.SERVICE)), surroundings);
    Profile profile = configuration.read(surroundings);
    Optional<String> named = Optional.ofNullable(profile.parameters().get(Keyword.SERVICE));
    // One service is enough.
    Optional<String> other =
        given.containsKey(Keyword.SERVICE)
            ? Optional.empty()
            : named.or(() -> surroundings.variable("PGSERVICE"));
    Levels levels =
        new Levels(
            List.of(
                new Levels.Level(given, false),
                new Levels.Level(ofGiven, false),
                new Levels.Level(profile.parameters(), true),
                new Levels.Level(service(other, surroundings), named.isPresent()),
                new Levels.Level(variables(surroundings), false)));
    return new Target(levels, profile.passwordCommand(), surroundings, warnings);
  }

  private static Map<String, String> service(Optional<String> name, Surroundings surroundings) {
    return name.map(one -> ServiceFile.lookUp(one, surroundings)).orElse(Map.of());
  }

  private static Map<String, String> variables(Surroundings surroundings) {
    Map<String, String> set = new LinkedHashMap<>();
    Keyword.BY_VARIABLE.forEach((variable, keyword) ->
        surroundings.variable(variable).ifPresent(value -> set.put(keyword, value)));
    return set;
  }

  List<Host> hosts() {
    return hosts;
  }

  String user() {
    return get(Keyword.USER).orElse(surroundings.user());
  }

  String database() {
    return get(Keyword.DBNAME).orElseGet(this::user);
  }

  SessionAttributes sessionAttributes() {
    return SessionAttributes.of(get(Keyword.TARGET_SESSION_ATTRS).orElse("any"));
  }

  /** The program that prints the password, to be asked once; it is not told to another server. */
  PasswordCommand passwordCommand() {
    return new PasswordCommand(isOfProfile ? command : List.of());
  }

  /** Whether there is such a program, and it is not for this server. */
  boolean withholdsPassword() {
    return !isOfProfile && !command.isEmpty() && get(Keyword.PASSWORD).isEmpty();
  }

  /** What the driver is told for one of the hosts. */
  Properties properties(Host host, PasswordCommand passwordCommand) {
    Properties properties = new Properties();
    properties.setProperty("user", user());
    // An empty one keeps the driver from looking for a password by rules of its own.
    properties.setProperty("password", password(host, passwordCommand).orElse(""));
    properties.setProperty(
        "ApplicationName",
        get("application_name").or(() -> get("fallback_application_name")).orElse(APPLICATION));
    properties.setProperty(
        "tcpKeepAlive", String.valueOf(!get("keepalives").equals(Optional.of("0"))));
    // Older ones are refused anyway; what is set need not be sent in statements of its own.
    properties.setProperty("assumeMinServerVersion", "15");
    // Whatever lies in the user's schemas cannot stand in for the server's own functions.
    properties.setProperty("currentSchema", "pg_catalog,pg_temp");
    // Otherwise the driver looks for Kerberos tickets before each connection.
    properties.setProperty("gssEncMode", "disable");
    DRIVER_PROPERTIES.forEach((keyword, property) ->
        get(keyword).ifPresent(value -> properties.setProperty(property, value)));
    connectTimeout().ifPresent(seconds -> setTimeout(properties, seconds));
    host.socket()
        .ifPresentOrElse(socket -> useSocket(properties, socket), () -> secure(properties));
    return properties;
  }

  private static void setTimeout(Properties properties, String seconds) {
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
  }

  private Optional<String> connectTimeout() {
    Optional<String> seconds = get(Keyword.CONNECT_TIMEOUT);
    if (seconds.isPresent() && !seconds.get().matches("-?\\d{1,7}")) {
      throw new InvalidConnection("connect_timeout is not a number of seconds");
    }
    return seconds.filter(value -> Integer.parseInt(value) > 0);
  }

  private static void useSocket(Properties properties, Path socket) {
    properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
    properties.setProperty("socketFactoryArg", socket.toString());
    properties.setProperty("sslmode", "disable");
  }

  private void secure(Properties properties) {
    String mode = get(Keyword.SSLMODE).orElse("prefer");
    if (!SSL_MODES.contains(mode)) {
      throw new InvalidConnection(
          "sslmode is none of disable, allow, prefer, require, verify-ca, verify-full");
    }
    Optional<String> root = get(Keyword.SSLROOTCERT);
    if (root.equals(Optional.of("system"))) {
      properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    } else {
      root.ifPresent(file -> properties.setProperty("sslrootcert", file));
    }
    // With a root certificate at hand, libpq verifies by it.
    boolean hasRoot =
        Files.exists(
            root.map(Path::of)
                .orElseGet(() -> surroundings.home().resolve(".postgresql/root.crt")));
    properties.setProperty("sslmode", mode.equals("require") && hasRoot ? "verify-ca" : mode);
  }

  private Optional<String> password(Host host, PasswordCommand passwordCommand) {
    return get(Keyword.PASSWORD).or(() -> passwordFromFile(host)).or(passwordCommand::password);
  }

  private Optional<String> passwordFromFile(Host host) {
    Path file =
        get(Keyword.PASSFILE).map(Path::of).orElseGet(() -> surroundings.home().resolve(".pgpass"));
    boolean isDefaultSocket =
        surroundings.socketDirectories().stream()
            .anyMatch(directory -> directory.toString().equals(host.name()));
    return new PasswordFile(file, warnings)
        .password(
            isDefaultSocket ? "localhost" : host.name(),
            String.valueOf(host.port()),
            database(),
            user());
  }

  private Optional<String> get(String keyword) {
    return Optional.ofNullable(parameters.get(keyword)).filter(value -> !value.isEmpty());
  }

  private static List<Host> hosts(Map<String, String> parameters, Surroundings surroundings) {
    String names = parameters.getOrDefault(Keyword.HOST, "");
    String addresses = parameters.getOrDefault(Keyword.HOSTADDR, "");
    if (!names.isEmpty() && !addresses.isEmpty()) {
      throw new InvalidConnection(
          "steep-repl cannot use host and hostaddr together", "Give one of them.");
    }
    String[] hosts = (names.isEmpty() ? addresses : names).split(",", -1);
    String[] ports = parameters.getOrDefault(Keyword.PORT, "").split(",", -1);
    if (ports.length != 1 && ports.length != hosts.length) {
      throw new InvalidConnection(
          "there are " + ports.length + " ports for " + hosts.length + " hosts",
          "Give one port for all hosts, or one for each.");
    }
    List<Host> all = new ArrayList<>();
    for (int i = 0; i < hosts.length; i++) {
      int port = port(ports[ports.length == 1 ? 0 : i].strip());
      String host = hosts[i].strip();
      FilePath.of(host, Keyword.HOST);
      all.add(new Host(host.isEmpty() ? defaultHost(port, surroundings) : host, port));
    }
    return all;
  }

  private static int port(String text) {
    if (text.isEmpty()) {
      return DEFAULT_PORT;
    }
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65_535) {
      throw new InvalidConnection("a port is a number from 1 to 65535");
    }
    return port;
  }

  /** The directory where a server has its socket, as no library tells where this one looks. */
  private static String defaultHost(int port, Surroundings surroundings) {
    List<Path> directories = surroundings.socketDirectories();
    return directories.stream()
        .filter(directory -> Files.exists(directory.resolve(".s.PGSQL." + port)))
        .findFirst()
        .orElse(directories.getFirst())
        .toString();
  }

  /** All but the password. */
  @Override
  public String toString() {
    return "database \"" + database() + "\" as user \"" + user() + "\" at " + list(hosts);
  }

  private static String list(List<Host> hosts) {
    return String.join(", ", hosts.stream().map(Host::toString).toList());
  }
}
