package org.pgwalrus.backend;

import java.util.List;
import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Bool;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Choice;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Real;
import org.pgwalrus.backend.Setting.Unit;

/** When {@code max_wal_size} grows, and by how much. */
public final class GrowthSettings {

  /** {@code walrus.algorithm}. */
  public static final Choice ALGORITHM =
      new Choice(
          About.sighup(
              "walrus.algorithm",
              "How the size to grow to is calculated.",
              "multiplicative: size times forced checkpoints plus one; additive: a step for each"
                  + " forced checkpoint; adaptive and percentile: what the measured WAL rate"
                  + " needs, by its moving average or a percentile."),
          List.of("multiplicative", "additive", "adaptive", "percentile"));

  /** {@code walrus.additive_increment_mb}, MB. */
  public static final Int ADDITIVE_INCREMENT =
      new Int(
          About.sighup(
              "walrus.additive_increment_mb",
              "The step for each forced checkpoint with the additive algorithm.",
              "Also the step of the others where the measured rate explains no growth."),
          512,
          1,
          1_048_576,
          Unit.MB);

  /** {@code walrus.ema_alpha}. */
  public static final Real EMA_ALPHA =
      new Real(
          About.sighup(
              "walrus.ema_alpha",
              "The weight of the newest WAL rate in the moving average.",
              "Used by the adaptive algorithm."),
          0.2,
          0.01,
          1.0,
          Check.NONE);

  /** {@code walrus.target_percentile}. */
  public static final Real TARGET_PERCENTILE =
      new Real(
          About.sighup(
              "walrus.target_percentile",
              "The percentile of the measured WAL rates that the size must hold.",
              "Used by the percentile algorithm, by proactive sizing, and for the size below which"
                  + " nothing shrinks."),
          95,
          1,
          100,
          Check.NONE);

  /** {@code walrus.headroom}. */
  public static final Real HEADROOM =
      new Real(
          About.sighup(
              "walrus.headroom",
              "The factor by which a measured WAL rate is multiplied for safety.",
              "0, or 1 to 10. 0 takes each use's own: 1.5 adaptive, 1.2 percentile and shrinking,"
                  + " 1.3 proactive, 1.1 early reaction."),
          0,
          0,
          10,
          Check.HEADROOM);

  /** {@code walrus.early_reaction}. */
  public static final Bool EARLY_REACTION =
      new Bool(
          About.sighup(
              "walrus.early_reaction",
              "Decides at the sample that shows walrus.threshold forced checkpoints.",
              "When off, a storm lasts until checkpoint_timeout has passed."),
          true);

  /** {@code walrus.proactive_sizing}. */
  public static final Bool PROACTIVE_SIZING =
      new Bool(
          About.sighup(
              "walrus.proactive_sizing",
              "Grows from the measured WAL rate before a checkpoint is forced.",
              "A short burst may then cost disk space that it never needs."),
          false);

  private GrowthSettings() {}
}
