package org.pgwalrus.backend;

/** What the build knows about itself. Written by the build; the C library carries the same id. */
public final class BuildInfo {

  /** Digest of the sources, in hexadecimal: library and classes of one build agree on it. */
  public static final String BUILD_ID = "@BUILD_ID@";

  /** The version of the extension. */
  public static final String VERSION = "@VERSION@";

  /** How the server's structs are read: {@code layout} table or {@code jextract}. */
  public static final String READER = "@READER@";

  private BuildInfo() {}
}
