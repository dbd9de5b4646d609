package org.pgwalrus.cluster;

import java.util.Arrays;
import java.util.List;

/** A JSON object that the server has sent, read by the server: strictly, and without a library. */
public final class JsonText {

  private final TestCluster cluster;
  private final String literal;

  private JsonText(TestCluster cluster, String json) {
    this.cluster = cluster;
    this.literal = "'" + json.replace("'", "''") + "'::jsonb";
  }

  /** The object, which need not have come from this server. */
  public static JsonText of(TestCluster cluster, String json) {
    return new JsonText(cluster, json);
  }

  /** What a query returns. */
  public static JsonText query(TestCluster cluster, String sql) {
    return of(cluster, String.valueOf(cluster.value(sql)));
  }

  /** A member as text, {@code null} for one that is null or missing. */
  public String get(String key) {
    return String.valueOf(cluster.value("SELECT " + literal + " #>> '{" + key + "}'"));
  }

  /** A member that is a whole number. */
  public long number(String key) {
    return Long.parseLong(get(key));
  }

  /** The names of the members. */
  public List<String> keys() {
    String keys =
        String.valueOf(
            cluster.value(
                "SELECT string_agg(k, ' ') FROM jsonb_object_keys(" + literal + ") AS k"));
    return Arrays.asList(keys.split(" ", -1));
  }

  @Override
  public String toString() {
    return literal;
  }
}
