package org.pgwalrus.snapshot.apply;

import java.util.Iterator;
import java.util.List;
import org.pgwalrus.jobs.Progress;

/** Shows what of some files has been loaded: of each never more than the manifest tells. */
final class Shown implements FilePipe.Listener {

  private final Iterator<FileLoad> next;
  private final Progress progress;
  private FileLoad current;
  private long shown;

  Shown(List<FileLoad> loads, Progress progress) {
    next = loads.iterator();
    this.progress = progress;
    current = next.next();
    progress.table(current.tableName());
  }

  @Override
  public void sent(long bytes) {
    show(Math.min(bytes, current.bytes() - shown));
  }

  @Override
  public void ended() {
    show(current.bytes() - shown);
    if (next.hasNext()) {
      current = next.next();
      shown = 0;
      progress.table(current.tableName());
    }
  }

  private void show(long more) {
    shown += more;
    progress.bytes(more);
    progress.advance(more);
  }
}
