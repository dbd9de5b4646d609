package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;

/** What each option of the commands about snapshots does to the server's own functions. */
class SnapshotOptionsIT {

  private static final String TABLES =
      """
      CREATE ROLE keeper;
      CREATE SCHEMA a;
      CREATE SCHEMA b;
      CREATE TABLE a.one (id integer PRIMARY KEY, word text);
      CREATE TABLE a.two (id integer PRIMARY KEY);
      CREATE TABLE b.three (id integer PRIMARY KEY);
      INSERT INTO a.one SELECT i, md5((i % 999)::text) FROM generate_series(1, 20000) AS i;
      INSERT INTO a.two SELECT generate_series(1, 10);
      INSERT INTO b.three SELECT generate_series(1, 10);
      ALTER TABLE a.two OWNER TO keeper;
      """;
  private static final String TARGET =
      "CREATE SCHEMA a; CREATE TABLE a.one (id integer PRIMARY KEY, word text);"
          + " CREATE TABLE a.two (id integer PRIMARY KEY);"
          + " CREATE SCHEMA b; CREATE TABLE b.three (id integer PRIMARY KEY)";
  private static final String COUNTS =
      "SELECT concat_ws(' ', (SELECT count(*) FROM a.one), (SELECT count(*) FROM a.two),"
          + " (SELECT count(*) FROM b.three))";

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    Databases.create(cluster, "shop", TABLES);
    generate("whole", "--compression", "gzip");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Result run(Map<String, String> environment, String database, String... command) {
    List<String> all =
        new ArrayList<>(
            List.of("-c", "host=127.0.0.1 user=postgres port=" + cluster.port(), "snapshot"));
    all.set(1, all.get(1) + " dbname=" + database);
    all.addAll(List.of(command));
    return Program.run(environment, all.toArray(String[]::new));
  }

  private static Result run(String database, String... command) {
    return run(Map.of(), database, command);
  }

  private static String[] with(List<String> first, String... more) {
    return Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new);
  }

  private static Result generate(String name, String... options) {
    return generate(Map.of(), name, options);
  }

  private static Result generate(Map<String, String> environment, String name, String... options) {
    Result result =
        run(environment, "shop", with(List.of("generate", "-o", snapshots.path(name)), options));
    assertThat(result.code()).as("%s", result).isZero();
    return result;
  }

  private static Result apply(String name, String database, String... options) {
    return run(database, with(List.of("apply", "-i", snapshots.path(name)), options));
  }

  /** A column of the row of the snapshot in a directory. */
  private static String of(String name, String column) {
    return value(
        "shop",
        "SELECT "
            + column
            + " FROM steep_repl.snapshots WHERE storage_path = '"
            + snapshots.path(name)
            + "'");
  }

  /** An expression of the manifest in a directory. */
  private static String manifest(String name, String expression) {
    return value(
        "shop",
        "SELECT "
            + expression
            + " FROM (SELECT pg_read_file('"
            + Path.of(snapshots.path(name), "manifest.json")
            + "')::jsonb) AS f(manifest)");
  }

  private static String value(String database, String query) {
    return String.valueOf(Databases.value(cluster, database, query));
  }

  @ParameterizedTest
  @CsvSource({
    "--include-schema=a, a.one a.two",
    "--exclude-schema=b, a.one a.two",
    "--include-table=a.one, a.one",
    "'--include-table=a.one,b.three', a.one b.three",
    "'--exclude-table=a.one,a.two', b.three"
  })
  void tablesAreChosen(String option, String tables) {
    String name = option.replaceAll("[^a-z]", "_");
    generate(name, option);

    assertThat(
            manifest(
                name,
                "(SELECT string_agg((t ->> 'schema') || '.' || (t ->> 'name'), ' '"
                    + " ORDER BY t ->> 'schema', t ->> 'name')"
                    + " FROM jsonb_array_elements(manifest -> 'tables') AS t)"))
        .isEqualTo(tables);
  }

  @Test
  void theCodecTriesAsHardAsItIsTold() {
    generate("quick", "--compression", "zstd", "--compression-level", "1");
    generate("hard", "--compression", "zstd", "--compression-level", "19");

    assertThat(manifest("hard", "manifest ->> 'compression'")).isEqualTo("zstd");
    assertThat(Long.parseLong(of("hard", "size_bytes")))
        .isLessThan(Long.parseLong(of("quick", "size_bytes")));
    Result wrong =
        run(
            "shop",
            "generate",
            "-o",
            snapshots.path("wrong"),
            "--compression",
            "gzip",
            "--compression-level",
            "99");
    assertThat(wrong.code()).as("%s", wrong).isEqualTo(ExitCode.INVALID_ARGUMENTS);
  }

  @Test
  void workersAreAsManyAsTheOptionOrTheVariableSays() {
    Map<String, String> variable = Map.of("STEEP_REPL_PARALLEL", "3");
    generate(variable, "three");
    generate(variable, "two", "--parallel", "2", "--expires-after", "3 days");

    assertThat(manifest("three", "manifest ->> 'parallel_workers'")).isEqualTo("3");
    assertThat(manifest("two", "manifest ->> 'parallel_workers'")).isEqualTo("2");
    assertThat(of("two", "expires_at - created_at > interval '2 days 23 hours'")).isEqualTo("t");
    assertThat(of("three", "expires_at")).isEqualTo("null");
  }

  @Test
  void aKeptSlotIsFollowedByTheTargetOfAnApplication() {
    String slots = "SELECT count(*) FROM pg_replication_slots";
    assertThat(value("shop", slots)).isEqualTo("0");
    generate("slot", "--keep-slot");
    assertThat(
            value(
                "shop",
                slots + " WHERE slot_name = '" + of("slot", "manifest ->> 'slot_name'") + "'"))
        .isEqualTo("1");

    Databases.create(
        cluster,
        "follower",
        "SELECT steep_repl.register_node('source', 'Source', '127.0.0.1', "
            + cluster.port()
            + ", p_dbname => 'shop', p_conninfo => 'user=postgres')");
    try {
      Result result = apply("slot", "follower", "--create-schema", "--source", "source");
      assertThat(result.code()).as("%s", result).isZero();
      Databases.execute(cluster, "shop", "INSERT INTO a.two VALUES (77)");
      Wait.until(
          () -> "the row has not followed\n" + cluster.log(),
          SnapshotServer.SOON,
          () -> value("follower", "SELECT count(*) FROM a.two WHERE id = 77").equals("1"));
    } finally {
      Databases.execute(cluster, "shop", "DELETE FROM a.two WHERE id = 77");
      drop("follower");
    }
    assertThat(value("shop", slots)).isEqualTo("0");
  }

  /** With its subscriptions, and the slots of these. */
  private static void drop(String database) {
    String subscriptions = "SELECT string_agg(subname, ' ') FROM pg_subscription";
    for (String one = value(database, subscriptions); !one.equals("null"); ) {
      Databases.execute(cluster, database, "DROP SUBSCRIPTION " + one.replaceFirst(" .*", ""));
      one = value(database, subscriptions);
    }
    cluster.execute("DROP DATABASE " + database + " WITH (FORCE)");
  }

  @Test
  void tablesThatAreNotEmptyAreEmptiedOnRequest() {
    Databases.create(cluster, "full", TARGET, "INSERT INTO a.two VALUES (-1), (-2)");

    Result refused = apply("whole", "full");
    assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(refused.err()).contains("a.two").contains("SR008");
    assertThat(value("full", COUNTS)).isEqualTo("0 2 0");

    Result result = apply("whole", "full", "--truncate");
    assertThat(result.code()).as("%s", result).isZero();
    assertThat(value("full", COUNTS)).isEqualTo("20000 10 10");
    assertThat(value("full", "SELECT min(id) FROM a.two")).isEqualTo("1");
  }

  @Test
  void whatIsCreatedBelongsToItsOwnersUnlessThatIsNotWanted() {
    Databases.create(cluster, "owned");
    Databases.create(cluster, "unowned");

    assertThat(apply("whole", "owned", "--create-schema").code()).isZero();
    assertThat(apply("whole", "unowned", "--create-schema", "--no-owner").code()).isZero();

    String owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'two'";
    assertThat(value("owned", owner)).isEqualTo("keeper");
    assertThat(value("unowned", owner)).isEqualTo("postgres");
  }

  @ParameterizedTest
  @CsvSource({"--verify=false", "--no-verify"})
  void theLookAtAllChecksumsBeforehandCanBeLeftOut(String option) {
    String name = "damaged" + option.replaceAll("[^a-z]", "_");
    String database = name.replace("damaged_", "d");
    generate(name);
    Snapshots.flipLastByte(Path.of(snapshots.path(name), "data", "a.two.csv"));
    Databases.create(cluster, database, TARGET);

    Result verified = apply(name, database);
    assertThat(verified.code()).as("%s", verified).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(verified.err()).contains("a.two.csv").contains("nothing was changed");
    assertThat(value(database, COUNTS)).isEqualTo("0 0 0");

    Result hasty = apply(name, database, option);
    assertThat(hasty.code()).as("%s", hasty).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(hasty.err()).contains("a.two.csv").doesNotContain("nothing was changed");
  }

  @Test
  void theTargetIsTheNodeThatIsNamed() {
    Databases.create(cluster, "named", TARGET);

    Result result = apply("whole", "named", "east", "--format", "json", "--no-color");

    assertThat(result.code()).as("%s", result).isZero();
    JsonText row = JsonText.of(cluster, result.out());
    assertThat(row.get("target_node_id")).isEqualTo("east");
    assertThat(row.get("status")).isEqualTo("applied");
  }

  @ParameterizedTest
  @CsvSource({"--no-progress", "--progress=false", "--quiet"})
  void progressIsLeftOutOnRequest(String option) {
    Result result = generate("silent" + option.replaceAll("[^a-z]", "_"), option);

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).containsPattern("Status: +complete");
  }

  /** Bytes of rows beside the total of stored files would be more than all. */
  @Test
  void bytesOfACompressedSnapshotAreThoseOfItsRows() {
    Databases.create(cluster, "counted", TARGET);

    Result result = apply("whole", "counted", "--json-progress");

    assertThat(result.code()).as("%s", result).isZero();
    String rows =
        manifest(
            "whole",
            "(SELECT sum((t ->> 'uncompressed_bytes')::bigint)"
                + " FROM jsonb_array_elements(manifest -> 'tables') AS t)");
    assertThat(result.err().lines())
        .allSatisfy(line -> {
          JsonText progress = JsonText.of(cluster, line);
          assertThat(progress.get("bytes_total")).isIn("0", rows);
          assertThat(progress.number("bytes_complete")).isLessThanOrEqualTo(Long.parseLong(rows));
        });
    assertThat(JsonText.of(cluster, last(result.err())).get("bytes_complete")).isEqualTo(rows);
  }

  private static String last(String lines) {
    return lines.lines().reduce((_, second) -> second).orElse("");
  }

  @Test
  void theNewestIsListedFirst() {
    for (String name : List.of("first", "second", "third")) {
      generate(name);
    }
    Result list = run("shop", "list", "--limit", "3");

    assertThat(list.code()).as("%s", list).isZero();
    assertThat(list.out().lines().skip(1).map(line -> line.replaceFirst(".* ", "")))
        .containsExactly(
            snapshots.path("third"), snapshots.path("second"), snapshots.path("first"));
    Result json = run("shop", "list", "--limit", "2", "--format", "json");
    assertThat(value("shop", "SELECT '" + json.out() + "'::json #>> '{0,storage_path}'"))
        .isEqualTo(snapshots.path("third"));
  }

  /**
   * But for what no two have in common: id, place in the WAL, and time, which the archive has too.
   * pg_dump writes another key into each script.
   */
  @Test
  void aSnapshotOfTheFunctionHasTheSameManifest() throws IOException {
    generate(
        "by_program",
        "--compression",
        "gzip",
        "--compression-level",
        "7",
        "--parallel",
        "2",
        "--exclude-table",
        "b.three");
    snapshots.generate(
        "shop",
        "by_function",
        ", 'gzip', 2, p_compression_level => 7, p_exclude_tables => ARRAY['b.three']");

    String rest =
        "jsonb_pretty(manifest"
            + " - ARRAY['snapshot_id', 'lsn', 'created_at', 'schema_archive_checksum',"
            + " 'schema_checksum'])";
    assertThat(manifest("by_program", rest))
        .contains("\"one\"")
        .isEqualTo(manifest("by_function", rest));
    assertThat(schema("by_program")).contains("CREATE SCHEMA a;").isEqualTo(schema("by_function"));
  }

  private static List<String> schema(String name) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of(snapshots.path(name), "schema.sql"))) {
      return lines.filter(line -> !line.matches("\\\\(un)?restrict .*")).toList();
    }
  }
}
