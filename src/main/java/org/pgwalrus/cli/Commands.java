package org.pgwalrus.cli;

import picocli.CommandLine;

/** The commands, for those who write about them. */
public final class Commands {

  private Commands() {}

  /** The program with all of them. */
  public static CommandLine all() {
    return SteepRepl.commandLine();
  }
}
