package org.pgwalrus.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.pgwalrus.snapshot.files.Compression;

/**
 * Runs a job without a server, as {@link org.pgwalrus.jobs.Rehearsal} does, and loads what jobs
 * about snapshots need besides, so that the JVM records that in its AOT cache too. Run by the
 * installation.
 */
public final class Rehearsal {

  private static final String PACKAGE = "org/pgwalrus/snapshot/";
  private static final String CLASS = ".class";

  private Rehearsal() {}

  /** Runs the rehearsal; takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    org.pgwalrus.jobs.Rehearsal.main(arguments);
    for (String name : classes()) {
      Class.forName(name);
    }
    for (Compression compression : Compression.values()) {
      roundTrip(compression);
    }
  }

  private static List<String> classes() throws IOException, URISyntaxException {
    Path jar = Path.of(Rehearsal.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(JarEntry::getName)
          .filter(name -> name.startsWith(PACKAGE) && name.endsWith(CLASS))
          .filter(name -> !name.endsWith("package-info" + CLASS))
          .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
          .toList();
    }
  }

  private static void roundTrip(Compression compression) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = compression.compress(compressed, compression.defaultLevel())) {
      out.write(new byte[1]);
    }
    compression.decompress(new ByteArrayInputStream(compressed.toByteArray())).readAllBytes();
  }
}
