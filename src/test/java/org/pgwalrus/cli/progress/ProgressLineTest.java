package org.pgwalrus.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the bar says, and how little of it fits into how few columns. */
class ProgressLineTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private static final Progress HALF =
      new Progress("data", 45.2, "public.orders", 5, 12, 1L << 30, 2_254_857_830L, 220_200_960, 5);

  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text, true);

  private static Progress at(double percent) {
    return new Progress("data", percent, null, 0, 0, 0, 0, 0, null);
  }

  @Test
  void allThatIsKnownIsTold() {
    assertThat(ProgressLine.whole(HALF))
        .isEqualTo(
            "[data] #########----------- 45.2% | public.orders | 5/12 tables"
                + " | 1.0 GB / 2.1 GB | 210 MB/s | ETA 0:05");
    assertThat(ProgressLine.whole(Progress.NONE)).isEqualTo("[pending] -------------------- 0.0%");
  }

  @Test
  void aTotalThatIsSurpassedIsNone() {
    Progress more = new Progress("data", 50, null, 0, 0, 66, 5, 0, null);
    assertThat(ProgressLine.whole(more)).contains("| 66 B").doesNotContain("/");
    Progress before = new Progress("data", 50, null, 0, 0, 60, 100, 0, null);
    assertThat(ProgressLine.whole(more.after(before))).contains("66 B / 100 B");
  }

  @Test
  void itFitsIntoAnyWidth() {
    for (int cells = 1; cells < 150; cells++) {
      assertThat(Cells.width(ProgressLine.fitting(HALF, cells))).isLessThanOrEqualTo(cells);
    }
    assertThat(ProgressLine.fitting(HALF, 59)).contains("45.2%").contains("5/12 tables");
    assertThat(ProgressLine.fitting(HALF, 20)).isEqualTo("[data] 45.2%");
  }

  @Test
  void namesCannotMoveTheCursor() {
    Progress evil = new Progress("data", 1, "a\u001b[2J\r\n\u202eb\u6f22", 0, 0, 0, 0, 0, null);
    assertThat(ProgressLine.whole(evil)).contains("a?[2J???b\u6f22");
    assertThat(Cells.width("a\u6f22\u0301")).isEqualTo(3);
    assertThat(Cells.cut("\u6f22\u6f22\u6f22", 5)).isEqualTo("\u6f22...");
  }

  @Test
  void quantitiesAreShort() {
    assertThat(Quantities.bytes(512L)).isEqualTo("512 B");
    assertThat(Quantities.bytes(1023L * 1024 + 1023)).isEqualTo("1.0 MB");
    assertThat(Quantities.bytes(-1L)).isEqualTo("0 B");
    assertThat(Quantities.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EB");
    assertThat(Quantities.duration(3723)).isEqualTo("1:02:03");
  }

  @Test
  void theBarIsDrawnTenTimesASecondAtMost() {
    BarView view = new BarView(out, () -> 80);
    for (int i = 0; i <= 1000; i++) {
      view.show(at(i / 10.0), i * SECOND / 1000);
    }
    view.close();
    assertThat(text.toString().split("\r", -1)).hasSizeBetween(9, 12);
    assertThat(text.toString()).endsWith(System.lineSeparator());
  }

  @Test
  void aShorterLineLeavesNothingOfTheLonger() {
    BarView view = new BarView(out, () -> 80);
    view.show(HALF, 0);
    int longer = text.toString().length();
    view.show(at(46), SECOND);
    assertThat(text.toString().substring(longer)).contains("46.0%" + " ".repeat(10));
  }

  @Test
  void aLogHasALineEveryTenPercentAndEveryHalfMinute() {
    LineView view = new LineView(out);
    for (int i = 0; i <= 100; i++) {
      view.show(at(i), i);
    }
    assertThat(text.toString().lines()).hasSize(11).noneMatch(line -> line.contains("\r"));
    for (int seconds = 0; seconds <= 62; seconds++) {
      view.show(at(100), seconds * SECOND);
    }
    assertThat(text.toString().lines()).hasSize(13);
  }

  @Test
  void programsGetAnObjectALine() {
    JsonView view = new JsonView(out);
    view.show(HALF, 0);
    view.show(HALF, SECOND);
    view.show(at(50), 2 * SECOND);
    assertThat(text.toString().lines())
        .containsExactly(
            "{\"phase\":\"data\",\"percent\":45.2,\"bytes_complete\":1073741824,"
                + "\"bytes_total\":2254857830,\"throughput\":2.2020096E8,\"eta_seconds\":5,"
                + "\"current_table\":\"public.orders\"}",
            "{\"phase\":\"data\",\"percent\":50.0,\"bytes_complete\":0,\"bytes_total\":0,"
                + "\"throughput\":0.0,\"eta_seconds\":null,\"current_table\":null}");
  }
}
