package org.pgwalrus.cli.ops;

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

/** Lists jobs. */
@Command(name = "list", description = "Lists the jobs that you may see, the newest first.")
final class ListCommand extends DatabaseCommand {

  private static final List<String> COLUMNS =
      List.of("id", "operation", "status", "snapshot_id", "requested_by", "created_at");
  private static final List<String> HEADER =
      List.of("ID", "OPERATION", "STATUS", "SNAPSHOT", "REQUESTED BY", "CREATED");

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "only those that are pending, running, complete, failed or cancelled")
  @Nullable String status;

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      description = "how many at most (the server's default: 100)")
  @Nullable Integer limit;

  @Override
  protected Requirement requirement() {
    return Requirement.of("list_operations");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    List<Row> rows =
        Row.of(
            session.connection(),
            new FunctionCall("list_operations")
                .with("p_status", "text", status)
                .with("p_limit", "integer", limit));
    if (output().isJson()) {
      console.data(Row.json(rows));
    } else {
      console.table(
          HEADER, rows.stream().map(row -> COLUMNS.stream().map(row::get).toList()).toList());
    }
    return ExitCode.SUCCESS;
  }
}
