package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists snapshots. */
@Command(name = "list", description = "Lists the snapshots that you may see, the newest first.")
final class ListCommand extends DatabaseCommand {

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description =
          "only those that are pending, generating, complete, applying, applied, failed,"
              + " cancelled or expired")
  @Nullable String status;

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      description = "how many at most (the server's default: 100)")
  @Nullable Integer limit;

  @Override
  protected Requirement requirement() {
    return Requirement.of("list_snapshots");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    List<Row> rows =
        Row.of(
            session.connection(),
            new FunctionCall("list_snapshots")
                .with("p_status", "text", status)
                .with("p_limit", "integer", limit));
    if (output().isJson()) {
      console.data(Row.json(rows));
    } else {
      console.table(SnapshotText.HEADER, rows.stream().map(SnapshotText::cells).toList());
    }
    return ExitCode.SUCCESS;
  }
}
