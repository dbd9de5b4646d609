package org.pgwalrus.cli;

import java.util.regex.Pattern;

/** Takes passwords out of text that repeats what the user has typed. */
final class Secrets {

  private static final Pattern KEYWORD =
      Pattern.compile("(password\\s*=\\s*)('(?:[^'\\\\]|\\\\.)*'?|[^\\s&']+)");
  private static final Pattern URI = Pattern.compile("(://[^/@:\\s]*:)[^@\\s]*@");

  private Secrets() {}

  static String hide(String text) {
    return URI.matcher(KEYWORD.matcher(text).replaceAll("$1...")).replaceAll("$1...@");
  }
}
