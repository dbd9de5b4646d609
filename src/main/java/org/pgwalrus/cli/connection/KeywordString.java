package org.pgwalrus.cli.connection;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parses {@code keyword=value} strings as libpq does: spaces around the equals sign, values in
 * single quotes, backslashes before quotes and backslashes, the last of equal keywords counts.
 */
final class KeywordString {

  private final String text;
  private int at;

  private KeywordString(String text) {
    this.text = text;
  }

  static Map<String, String> parse(String text) {
    return new KeywordString(text).pairs();
  }

  private Map<String, String> pairs() {
    Map<String, String> pairs = new LinkedHashMap<>();
    skipSpaces();
    while (at < text.length()) {
      String keyword = keyword();
      skipSpaces();
      if (at == text.length() || text.charAt(at) != '=') {
        throw new InvalidConnection(
            "the connection string lacks \"=\" at position " + (at + 1),
            "Write keyword=value, and put values with spaces into single quotes.");
      }
      at++;
      skipSpaces();
      pairs.put(Keyword.checked(keyword), value());
      skipSpaces();
    }
    return pairs;
  }

  private String keyword() {
    int begin = at;
    while (at < text.length() && text.charAt(at) != '=' && !isSpace()) {
      at++;
    }
    return text.substring(begin, at);
  }

  private String value() {
    boolean quoted = at < text.length() && text.charAt(at) == '\'';
    int begin = at;
    if (quoted) {
      at++;
    }
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (quoted ? c == '\'' : isSpace()) {
        break;
      }
      if (c == '\\') {
        at++;
        if (at == text.length()) {
          break;
        }
      }
      value.append(text.charAt(at++));
    }
    if (quoted) {
      if (at == text.length()) {
        throw new InvalidConnection(
            "the quote at position " + (begin + 1) + " of the connection string is never closed");
      }
      at++;
    }
    return value.toString();
  }

  private void skipSpaces() {
    while (at < text.length() && isSpace()) {
      at++;
    }
  }

  /** As the C library's isspace() has it. */
  private boolean isSpace() {
    char c = text.charAt(at);
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
