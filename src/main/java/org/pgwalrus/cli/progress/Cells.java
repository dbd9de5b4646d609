package org.pgwalrus.cli.progress;

/** How text lies in the cells of a terminal. Names come from users, and may hold anything. */
public final class Cells {

  private Cells() {}

  /** The text without what moves the cursor or begins an escape sequence. */
  public static String printable(String text) {
    return text.codePoints()
        .map(c -> isHarmful(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isHarmful(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  /** How many cells a text takes. */
  public static int width(String text) {
    return text.codePoints().map(Cells::width).sum();
  }

  /** The longest beginning of a text that takes no more cells, with dots where that is not all. */
  public static String cut(String text, int cells) {
    if (width(text) <= cells) {
      return text;
    }
    String mark = cells > 3 ? "..." : "";
    StringBuilder kept = new StringBuilder();
    int used = mark.length();
    for (int c : text.codePoints().toArray()) {
      used += width(c);
      if (used > cells) {
        break;
      }
      kept.appendCodePoint(c);
    }
    return kept.append(mark).toString();
  }

  private static int width(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    return isWide(c) ? 2 : 1;
  }

  /** The blocks that terminals show in two cells: Hangul, East Asian and full-width, emoji. */
  private static boolean isWide(int c) {
    return (c >= 0x1100 && c <= 0x115F)
        || (c >= 0x2E80 && c <= 0xA4CF && c != 0x303F)
        || (c >= 0xAC00 && c <= 0xD7A3)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0xFE30 && c <= 0xFE6F)
        || (c >= 0xFF00 && c <= 0xFF60)
        || (c >= 0xFFE0 && c <= 0xFFE6)
        || (c >= 0x1F300 && c <= 0x1FAFF)
        || (c >= 0x20000 && c <= 0x3FFFD);
  }
}
