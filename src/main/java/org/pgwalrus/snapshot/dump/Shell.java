package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Arguments in UTF-8 whatever the locale: the JVM gives programs their arguments in the encoding of
 * the locale that the server was started in, and a question mark for what that lacks. Where one is
 * not ASCII a script puts the bytes together.
 */
final class Shell {

  private Shell() {}

  /** The command itself, or one that runs it from a script. */
  static List<String> wrap(List<String> command, Path script) {
    if (US_ASCII.newEncoder().canEncode(String.join("", command))) {
      return command;
    }
    try {
      Files.writeString(script, script(command), US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of("/bin/sh", script.toString());
  }

  /** A dot behind each argument, as the shell cuts ends of lines off. */
  static String script(List<String> command) {
    StringBuilder script = new StringBuilder("set --\n");
    for (String argument : command) {
      script.append("a=$(printf %b '");
      for (byte b : argument.getBytes(UTF_8)) {
        script.append(String.format(Locale.ROOT, "\\0%03o", b & 0xff));
      }
      script.append(".'); set -- \"$@\" \"${a%.}\"\n");
    }
    return script.append("exec \"$@\"\n").toString();
  }
}
