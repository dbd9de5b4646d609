package org.pgwalrus.cluster;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What a server has counted since it was started, read at one moment. The statistics of a session
 * reach the server with a delay of up to a second; WAL and checkpoints come without.
 *
 * @param nanos when it was read
 * @param forced requested checkpoints
 * @param walBytes WAL written
 * @param transactions committed transactions
 * @param fullPageImages full-page images in WAL
 * @param maxWalSizeMb the effective {@code max_wal_size}
 */
public record Counters(
    long nanos,
    long forced,
    long walBytes,
    long transactions,
    long fullPageImages,
    int maxWalSizeMb) {

  /** 17 gave the checkpointer a view of its own. */
  private static final String FORCED =
      Installation.get().major() >= 17
          ? "SELECT num_requested FROM pg_stat_checkpointer"
          : "SELECT checkpoints_req FROM pg_stat_bgwriter";

  private static final String QUERY =
      "SELECT ("
          + FORCED
          + "), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'),"
          + " (SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'),"
          + " (SELECT wal_fpi FROM pg_stat_wal),"
          + " pg_size_bytes(current_setting('max_wal_size')) / 1024 / 1024";

  /** Reads the counters. */
  public static Counters read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      row.next();
      return new Counters(
          System.nanoTime(),
          row.getLong(1),
          row.getBigDecimal(2).longValue(),
          row.getLong(3),
          row.getLong(4),
          row.getInt(5));
    }
  }

  /** What happened between an earlier reading and this one. */
  public Stretch since(Counters earlier) {
    return new Stretch(
        (nanos - earlier.nanos) / 1e9,
        forced - earlier.forced,
        walBytes - earlier.walBytes,
        transactions - earlier.transactions,
        fullPageImages - earlier.fullPageImages,
        earlier.maxWalSizeMb);
  }

  /**
   * What happened in a stretch of time.
   *
   * @param seconds its length
   * @param forced requested checkpoints begun in it
   * @param walBytes WAL written in it
   * @param transactions transactions committed in it
   * @param fullPageImages full-page images written in it
   * @param maxWalSizeMb {@code max_wal_size} at its beginning
   */
  public record Stretch(
      double seconds,
      long forced,
      long walBytes,
      long transactions,
      long fullPageImages,
      int maxWalSizeMb) {

    /** Transactions per second. */
    public double tps() {
      return transactions / seconds;
    }

    /** WAL rate, MB/s. */
    public double walMbPerSecond() {
      return walBytes / 1048576.0 / seconds;
    }

    /** WAL for one transaction, bytes. */
    public double walBytesPerTransaction() {
      return (double) walBytes / Math.max(transactions, 1);
    }

    /** Full-page images for one transaction. */
    public double imagesPerTransaction() {
      return (double) fullPageImages / Math.max(transactions, 1);
    }
  }
}
