package org.pgwalrus.cli.progress;

import java.time.Duration;
import java.util.List;

/** Where announcements come from. */
interface Announcements {

  /** What has come, after waiting for it no longer than this. */
  List<Announcement> await(Duration limit);
}
