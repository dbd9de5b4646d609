package org.pgwalrus.cli.snapshot;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a snapshot. */
@Command(
    name = "generate",
    description = "Writes a consistent copy of the database into a directory of the server.")
final class GenerateCommand extends JobCommand {

  private static final String NODE =
      "SELECT nullif(current_setting('steep_repl.node_id', true), '')";

  @Parameters(
      arity = "0..1",
      paramLabel = "SOURCE_NODE",
      description = "the node that the server should be; refused if it is another one")
  @Nullable String node;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "PATH",
      description = "the directory on the server; it must be empty or not exist")
  String path;

  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      description = "none, gzip, lz4 or zstd (the server's default: none)")
  @Nullable String compression;

  @Option(
      names = "--compression-level",
      paramLabel = "LEVEL",
      description = "how hard the codec tries (its own default unless given)")
  @Nullable Integer level;

  @Option(
      names = "--parallel",
      paramLabel = "COUNT",
      description = {
        "how many tables are copied at once; otherwise STEEP_REPL_PARALLEL (the server's default:"
            + " 4)"
      })
  @Nullable Integer parallel;

  @Option(
      names = "--include-schema",
      split = ",",
      paramLabel = "SCHEMA",
      description = "copy these schemas only")
  @Nullable List<String> includeSchemas;

  @Option(
      names = "--exclude-schema",
      split = ",",
      paramLabel = "SCHEMA",
      description = "leave these schemas out")
  @Nullable List<String> excludeSchemas;

  @Option(
      names = "--include-table",
      split = ",",
      paramLabel = "TABLE",
      description = "copy these tables only, as schema.table")
  @Nullable List<String> includeTables;

  @Option(
      names = "--exclude-table",
      split = ",",
      paramLabel = "TABLE",
      description = "leave these tables out, as schema.table")
  @Nullable List<String> excludeTables;

  @Option(
      names = "--keep-slot",
      description = "keep the replication slot, to follow the changes after the snapshot")
  boolean keepSlot;

  @Option(
      names = "--expires-after",
      paramLabel = "INTERVAL",
      description = "when the snapshot may be deleted, as an interval of PostgreSQL: '7 days'")
  @Nullable String expiresAfter;

  @Override
  protected Requirement requirement() {
    return Requirement.ofJob("start_snapshot", "snapshot_progress", "cancel_snapshot");
  }

  @Override
  FunctionCall starter() {
    return new FunctionCall("start_snapshot")
        .with("p_output_path", "text", path)
        .with("p_compression", "text", compression)
        .with("p_parallel", "integer", Parallelism.or(parallel))
        .with("p_compression_level", "integer", level)
        .with("p_include_schemas", "text[]", includeSchemas)
        .with("p_exclude_schemas", "text[]", excludeSchemas)
        .with("p_include_tables", "text[]", includeTables)
        .with("p_exclude_tables", "text[]", excludeTables)
        .with("p_keep_slot", "boolean", keepSlot ? Boolean.TRUE : null)
        .with("p_expires_after", "interval", expiresAfter);
  }

  @Override
  void check(Session session, Console console) throws SQLException {
    if (node == null) {
      return;
    }
    String actual = node(session);
    if (actual == null) {
      console.warning(
          "the server does not know which node it is, so \""
              + node
              + "\" is not checked; its setting steep_repl.node_id tells");
    } else if (!actual.equals(node)) {
      throw new CliException(
          ExitCode.INVALID_ARGUMENTS,
          "this server is node \"" + actual + "\", not \"" + node + "\"",
          "Connect to the node that you mean, or leave its name out.");
    }
  }

  private static @Nullable String node(Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(NODE)) {
      return row.next() ? row.getString(1) : null;
    }
  }
}
