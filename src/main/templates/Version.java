package org.pgwalrus.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that {@code --version} tells. Written by the build. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"steep-repl @VERSION@"};
  }
}
