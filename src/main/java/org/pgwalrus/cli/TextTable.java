package org.pgwalrus.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pgwalrus.cli.progress.Cells;

/** Lines of columns, each as wide as its widest cell. */
final class TextTable {

  private static final String GAP = "  ";

  private TextTable() {}

  static List<String> lines(List<String> header, List<List<String>> rows) {
    List<List<String>> cells =
        Stream.concat(Stream.of(header), rows.stream())
            .map(row -> row.stream().map(Cells::printable).toList())
            .toList();
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < header.size(); column++) {
      int at = column;
      widths.add(cells.stream().mapToInt(row -> Cells.width(row.get(at))).max().orElse(0));
    }
    return cells.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(row.get(i)).repeat(" ", widths.get(i) - Cells.width(row.get(i))).append(GAP);
    }
    return line.toString().stripTrailing();
  }
}
