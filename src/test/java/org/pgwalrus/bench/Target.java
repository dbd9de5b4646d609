package org.pgwalrus.bench;

/**
 * A target and what was measured.
 *
 * @param text the target in words
 * @param measured the number in words
 * @param met whether it was reached
 */
record Target(String text, String measured, boolean met) {

  /** A number that is to stay below a limit. */
  static Target below(String name, double value, double limit, int digits, String unit) {
    return new Target(
        name + " below " + Table.number(0, limit) + " " + unit,
        Table.number(digits, value) + " " + unit,
        value < limit);
  }

  /** The row of the table of targets. */
  void addTo(Table table) {
    table.row(text, measured, met ? "yes" : "**no**");
  }
}
