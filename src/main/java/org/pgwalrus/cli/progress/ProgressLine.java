package org.pgwalrus.cli.progress;

import java.util.ArrayList;
import java.util.List;

/** {@code [data] ####---- 45.2% | public.orders | 5/12 tables | 1.0 GB / 2.1 GB | ...}. */
final class ProgressLine {

  private static final int BAR = 20;
  private static final int SHORT_BAR = 8;
  private static final int SHORT_NAME = 12;

  private ProgressLine() {}

  /** Everything that is known. */
  static String whole(Progress progress) {
    return text(progress, BAR, Integer.MAX_VALUE, Detail.values().length);
  }

  /** As much of it as fits: first the bar shrinks, then the name, then the last parts go. */
  static String fitting(Progress progress, int cells) {
    List<String> shorter = new ArrayList<>();
    shorter.add(whole(progress));
    int details = Detail.values().length;
    shorter.add(text(progress, SHORT_BAR, Integer.MAX_VALUE, details));
    for (int shown = details; shown >= 0; shown--) {
      shorter.add(text(progress, SHORT_BAR, SHORT_NAME, shown));
    }
    shorter.add(text(progress, 0, 0, 0));
    return shorter.stream()
        .filter(line -> Cells.width(line) <= cells)
        .findFirst()
        .orElseGet(() -> Cells.cut(shorter.getLast(), cells));
  }

  /** The parts behind the percentage, the dearest first. */
  private enum Detail {
    ETA,
    TABLES,
    BYTES,
    TABLE,
    RATE;

    private String of(Progress p, int name) {
      return switch (this) {
        case TABLE -> p.table() == null ? "" : Cells.cut(Cells.printable(p.table()), name);
        case TABLES ->
            p.tablesTotal() == 0 ? "" : p.tablesCompleted() + "/" + p.tablesTotal() + " tables";
        case BYTES ->
            p.bytes() == 0
                ? ""
                : Quantities.bytes(p.bytes())
                    + (p.bytesTotal() == 0 ? "" : " / " + Quantities.bytes(p.bytesTotal()));
        case RATE -> p.bytesPerSecond() <= 0 ? "" : Quantities.bytes(p.bytesPerSecond()) + "/s";
        case ETA -> p.etaSeconds() == null ? "" : "ETA " + Quantities.duration(p.etaSeconds());
      };
    }
  }

  private static final List<Detail> IN_ORDER =
      List.of(Detail.TABLE, Detail.TABLES, Detail.BYTES, Detail.RATE, Detail.ETA);

  private static String text(Progress progress, int bar, int name, int shown) {
    StringBuilder line = new StringBuilder("[" + Cells.printable(progress.phase()) + "] ");
    if (bar > 0) {
      int done = (int) Math.floor(bar * Math.clamp(progress.percent(), 0, 100) / 100);
      line.repeat("#", done).repeat("-", bar - done).append(' ');
    }
    line.append(Quantities.percent(progress.percent()));
    for (Detail detail : IN_ORDER) {
      String text = detail.ordinal() < shown ? detail.of(progress, name) : "";
      if (!text.isEmpty()) {
        line.append(" | ").append(text);
      }
    }
    return line.toString();
  }
}
