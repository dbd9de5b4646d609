package org.pgwalrus.cli.snapshot;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads a snapshot. */
@Command(
    name = "apply",
    description = "Loads a snapshot from a directory of the server into the database.")
final class ApplyCommand extends JobCommand {

  @Parameters(
      arity = "0..1",
      paramLabel = "TARGET_NODE",
      description = "the node that the snapshot is applied to")
  @Nullable String node;

  @Option(
      names = {"-i", "--input"},
      required = true,
      paramLabel = "PATH",
      description = "the directory on the server")
  String path;

  @Option(
      names = "--source",
      paramLabel = "NODE",
      description = "the node to follow afterwards, by a subscription")
  @Nullable String source;

  @Option(
      names = "--parallel",
      paramLabel = "COUNT",
      description = {
        "how many tables are loaded at once; otherwise STEEP_REPL_PARALLEL (the server's default:"
            + " 4)"
      })
  @Nullable Integer parallel;

  @Option(
      names = "--verify",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      arity = "0..1",
      description = "compare all checksums before anything is written (default: true)")
  boolean verify;

  @Option(names = "--truncate", description = "empty the tables first that are not empty")
  boolean truncate;

  @Option(names = "--create-schema", description = "create the tables and what belongs to them")
  boolean createSchema;

  @Option(
      names = "--no-owner",
      description = "let all that is created belong to the role of the job, without privileges")
  boolean noOwner;

  @Option(names = "--no-analyze", description = "collect no statistics for the planner")
  boolean noAnalyze;

  @Override
  protected Requirement requirement() {
    return Requirement.ofJob("start_apply", "snapshot_progress", "cancel_snapshot");
  }

  @Override
  FunctionCall starter() {
    return new FunctionCall("start_apply")
        .with("p_input_path", "text", path)
        .with("p_parallel", "integer", Parallelism.or(parallel))
        .with("p_verify", "boolean", verify ? null : Boolean.FALSE)
        .with("p_target_node", "text", node)
        .with("p_source_node", "text", source)
        .with("p_truncate", "boolean", truncate ? Boolean.TRUE : null)
        .with("p_create_schema", "boolean", createSchema ? Boolean.TRUE : null)
        .with("p_no_owner", "boolean", noOwner ? Boolean.TRUE : null)
        .with("p_analyze", "boolean", noAnalyze ? Boolean.FALSE : null);
  }

  /** The server checks both nodes itself. */
  @Override
  void check(Session session, Console console) {}
}
