package org.pgwalrus.backend;

import java.util.regex.Pattern;

/** Text for a server whose encoding may lack a character. */
public final class PlainText {

  private static final Pattern NOT_ASCII = Pattern.compile("[^\\x00-\\x7f]");

  private PlainText() {}

  /**
   * The text in ASCII, which every encoding of the server has, with question marks for the rest.
   */
  public static String of(String text) {
    return NOT_ASCII.matcher(text).replaceAll("?");
  }
}
