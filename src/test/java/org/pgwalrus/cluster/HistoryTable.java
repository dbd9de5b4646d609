package org.pgwalrus.cluster;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The rows of {@code walrus.history} in the database postgres. */
public final class HistoryTable {

  private final TestCluster cluster;

  private HistoryTable(TestCluster cluster) {
    this.cluster = cluster;
  }

  /** That of a cluster with the extension. */
  public static HistoryTable of(TestCluster cluster) {
    return new HistoryTable(cluster);
  }

  /** How many rows meet a condition. */
  public int count(String condition) {
    return Integer.parseInt(
        String.valueOf(cluster.value("SELECT count(*) FROM walrus.history WHERE " + condition)));
  }

  /** An expression over the newest row that meets a condition. */
  public String newest(String expression, String condition) {
    return String.valueOf(
        cluster.value(
            "SELECT "
                + expression
                + " FROM walrus.history WHERE "
                + condition
                + " ORDER BY id DESC LIMIT 1"));
  }

  /** A member of the newest row's metadata. */
  public String metadata(String key, String condition) {
    return newest("metadata ->> '" + key + "'", condition);
  }

  /** The keys of the newest row's metadata. */
  public List<String> metadataKeys(String condition) {
    String keys =
        newest("(SELECT string_agg(k, ' ') FROM jsonb_object_keys(metadata) AS k)", condition);
    return Arrays.asList(keys.split(" ", -1));
  }

  /** Waits until this many rows meet a condition. */
  public void await(String condition, int rows, Duration limit) {
    Wait.until(
        () -> rows + " rows where " + condition + "\n" + cluster.log(),
        limit,
        () -> count(condition) >= rows);
  }
}
