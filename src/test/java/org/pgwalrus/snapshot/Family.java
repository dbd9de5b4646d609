package org.pgwalrus.snapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Processes of a server at some moment, to see whether they end. */
record Family(List<ProcessHandle> members) {

  private static final Duration SOON = Duration.ofMinutes(1);

  /** What jobs start. */
  private static final Set<String> PROGRAMS = Set.of("pg_dump", "pg_restore", "sh", "dash");

  /** The postmaster with all that it and its children have started. */
  static Family of(TestCluster cluster) {
    return new Family(
        ProcessHandle.of(cluster.postmasterPid()).stream()
            .flatMap(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.descendants()))
            .toList());
  }

  /** Those that are no part of the server. */
  Family programs() {
    return new Family(members.stream().filter(Family::isProgram).toList());
  }

  private static boolean isProgram(ProcessHandle process) {
    return process
        .info()
        .command()
        .map(command -> Path.of(command).getFileName().toString())
        .filter(PROGRAMS::contains)
        .isPresent();
  }

  void awaitGone() {
    Wait.until(
        () -> "processes are left: " + members.stream().filter(Family::isAlive).toList(),
        SOON,
        () -> members.stream().noneMatch(Family::isAlive));
  }

  private static boolean isAlive(ProcessHandle process) {
    return process.isAlive() && Processes.isAlive(process.pid());
  }
}
