package org.pgwalrus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/**
 * What the configuration file, the server, the history and the rate limit say about the sizes that
 * were set. They must say the same: no change is lost, and none is there twice.
 */
public final class Books {

  private static final String SETTING = "max_wal_size = ";

  private Books() {}

  /** Asserts that all know of exactly these automatic changes, and of their last size. */
  public static void assertBalanced(TestCluster cluster, int changes) {
    assertSameSizes(cluster);
    assertThat(cluster.changes()).as(cluster.log()).hasSize(changes);
    assertThat(cluster.status("changes_this_hour")).isEqualTo(String.valueOf(changes));
  }

  /** Asserts that file, server and history agree on the sizes, whoever wanted them. */
  public static void assertSameSizes(TestCluster cluster) {
    List<String> written =
        cluster.autoConf().lines().filter(line -> line.startsWith(SETTING)).toList();
    List<String> changes = cluster.changes();
    if (changes.isEmpty()) {
      assertThat(written).isEmpty();
      return;
    }
    String size = after(changes.getLast());
    assertThat(written).as(cluster.log()).containsExactly(SETTING + "'" + size + "'");
    assertThat(cluster.setting("max_wal_size")).isEqualTo(size);
    for (int i = 1; i < changes.size(); i++) {
      assertThat(before(changes.get(i)))
          .as("each change begins where the one before it ended: " + changes)
          .isEqualTo(after(changes.get(i - 1)));
    }
    Wait.until(
        () -> "nobody says that the last change is in effect: " + changes,
        TestCluster.SOON,
        () ->
            "true"
                .equals(
                    cluster.value(
                        "SELECT metadata ->> 'effective' FROM walrus.history"
                            + " WHERE action IN ('increase', 'capped', 'decrease')"
                            + " ORDER BY id DESC LIMIT 1")));
  }

  private static String before(String change) {
    return change.substring(change.indexOf(' ') + 1, change.lastIndexOf(' '));
  }

  private static String after(String change) {
    return change.substring(change.lastIndexOf(' ') + 1);
  }
}
