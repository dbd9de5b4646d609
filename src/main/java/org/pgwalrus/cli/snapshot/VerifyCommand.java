package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.pgwalrus.cli.BoundedCall;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.progress.Interrupts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies a snapshot. */
@Command(
    name = "verify",
    description = "Compares the files of a snapshot with their checksums, on the server.")
final class VerifyCommand extends DatabaseCommand {

  private static final String GOOD = "ok";

  @Parameters(paramLabel = "PATH", description = "the directory on the server")
  String path;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "24h",
      description = "give up after this time, such as 90s, 10m or 24h (default: ${DEFAULT-VALUE})")
  Duration timeout;

  @Override
  protected Requirement requirement() {
    return Requirement.ofLibrary("verify_snapshot");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    List<Row> rows =
        BoundedCall.rows(
            session.connection(),
            new FunctionCall("verify_snapshot").with("p_path", "text", path),
            Interrupts.install()::count,
            timeout,
            console,
            "the verification of " + path);
    if (output().isJson()) {
      console.data(Row.json(rows));
    } else {
      console.table(
          List.of("FILE", "STATUS", "DETAIL"),
          rows.stream()
              .map(row -> List.of(row.get("file"), row.get("status"), row.get("detail")))
              .toList());
    }
    long bad = rows.stream().filter(row -> !row.get("status").equals(GOOD)).count();
    if (bad > 0) {
      console.error(
          bad + " of " + rows.size() + " files of the snapshot in " + path + " are not as written",
          "Do not apply it; generate another one.");
      return ExitCode.OPERATION_FAILED;
    }
    return ExitCode.SUCCESS;
  }
}
