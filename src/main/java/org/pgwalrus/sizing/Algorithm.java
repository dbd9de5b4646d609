package org.pgwalrus.sizing;

/** How a size is calculated from an interval under pressure: {@code walrus.algorithm}. */
public enum Algorithm {
  /** The size times the number of checkpoint cycles that the interval had. */
  MULTIPLICATIVE("multiplicative"),
  /** A fixed step for each forced checkpoint. */
  ADDITIVE("additive"),
  /** What the moving average of the WAL rate needs. */
  ADAPTIVE("adaptive"),
  /** What a high percentile of the WAL rates needs. */
  PERCENTILE("percentile");

  private final String text;

  Algorithm(String text) {
    this.text = text;
  }

  /** The value of {@code walrus.algorithm}. */
  public String text() {
    return text;
  }
}
