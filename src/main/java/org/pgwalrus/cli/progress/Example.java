package org.pgwalrus.cli.progress;

import java.io.PrintWriter;

/** Progress as it is shown, without a server. */
public final class Example {

  private static final String PAYLOAD =
      """
      {"op": "snapshot_generate", "id": "snap", "snapshot_id": "snap", "work_id": 1, "seq": 7,
       "phase": "data", "status": "running", "percent": 45.2, "tables_completed": 5,
       "tables_total": 12, "table": "public.orders", "bytes": 1073741824, "eta": 5}
      """;

  private Example() {}

  /** Shows it in every way. */
  public static void show(PrintWriter out) {
    Progress progress = Announcement.parse(PAYLOAD).orElseThrow().progress();
    for (ProgressView view : new ProgressView[] {new BarView(out, () -> 80), new LineView(out)}) {
      view.show(progress, System.nanoTime());
      view.close();
    }
  }
}
