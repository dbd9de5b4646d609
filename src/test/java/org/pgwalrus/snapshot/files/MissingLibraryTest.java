package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar without its libraries has the codecs of the JDK, and says what the others need. */
class MissingLibraryTest {

  @ParameterizedTest
  @ValueSource(strings = {"lz4", "zstd"})
  void aCodecWithoutItsLibrarySaysSo(String name) {
    for (int time = 1; time <= 2; time++) {
      assertThat(catchThrowable(() -> load(name)))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageStartingWith("could not load the library of compression \"" + name + "\": ");
    }
  }

  @Test
  void theOthersNeedNone() throws Exception {
    load("none");
    load("gzip");
  }

  private static void load(String name) throws Exception {
    URL classes = Path.of("target/classes").toUri().toURL();
    try (URLClassLoader alone =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = alone.loadClass(Compression.class.getName());
      Object compression = type.getMethod("of", String.class).invoke(null, name);
      type.getMethod("load").invoke(compression);
    }
  }
}
