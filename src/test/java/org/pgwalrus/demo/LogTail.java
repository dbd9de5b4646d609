package org.pgwalrus.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgwalrus.cluster.TestCluster;

/**
 * The new lines of the server log that concern the story: those of pg_walrus with what they go on
 * to say, and the server's own complaint about the storm, once.
 */
final class LogTail {

  private static final Pattern LINE =
      Pattern.compile("(LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT):  (.*)");
  private static final String COMPLAINT = "checkpoints are occurring too frequently";

  private final TestCluster cluster;
  private int seen;
  private boolean following;
  private boolean complained;

  /** Begins with what stands in the log now. */
  LogTail(TestCluster cluster) {
    this.cluster = cluster;
    this.seen = cluster.log().length();
  }

  /** What has been written since the last call, as far as it was written to the end of a line. */
  List<String> read() {
    String log = cluster.log();
    int end = log.lastIndexOf('\n') + 1;
    List<String> lines = new ArrayList<>();
    if (end > seen) {
      for (String line : log.substring(seen, end).split("\n", -1)) {
        Matcher matcher = LINE.matcher(line);
        if (matcher.matches() && concerns(matcher.group(1), matcher.group(2))) {
          lines.add(line);
        }
      }
      seen = end;
    }
    return lines;
  }

  private boolean concerns(String level, String text) {
    if (level.equals("DETAIL") || level.equals("HINT")) {
      return following;
    }
    boolean complaint = text.startsWith(COMPLAINT);
    following =
        text.contains("pg_walrus")
            || text.contains("\"max_wal_size\"")
            || (complaint && !complained)
            || !(level.equals("LOG") || level.equals("WARNING"));
    complained |= complaint;
    return following;
  }
}
