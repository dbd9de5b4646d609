package org.pgwalrus.worker;

import org.pgwalrus.sizing.Algorithm;
import org.pgwalrus.sizing.Block;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.Evidence;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Trigger;
import org.pgwalrus.sizing.WalRates;

/** The numbers of one decision, which several tests tell of. */
final class Examples {

  static final Evidence EVIDENCE = new Evidence(6, 1, 5, 299.6, 2700, 528);

  /** EVIDENCE in words. */
  static final String DETAIL =
      "Requested checkpoints: 6, of which 5 count as forced by WAL. WAL since the interval began:"
          + " 2700 MB in 300 s; the server forced a checkpoint every 528 MB.";

  static final Change GROWTH = growth(Change.Kind.INCREASE, Trigger.REACTIVE, 6144, Limit.NONE);
  static final Change CAPPED = growth(Change.Kind.CAPPED, Trigger.REACTIVE, 4096, Limit.MAX);

  static final Change SHRINK =
      new Change(
          Change.Kind.DECREASE,
          Trigger.REACTIVE,
          4096,
          3072,
          3072,
          Limit.NONE,
          Algorithm.MULTIPLICATIVE,
          5);

  /** The last change was 180 s ago, the oldest of the hour 2000 s. */
  static final Block COOLDOWN = new Block(Block.Cause.COOLDOWN, 120, 2, 8_000);

  static final Block HOURLY_LIMIT = new Block(Block.Cause.HOURLY_LIMIT, 1600, 4, 8_000);
  static final Block DISABLED = new Block(Block.Cause.DISABLED, 0, 0, Double.NaN);

  private static final double NOW_SECONDS = 10_000;

  private Examples() {}

  /** A growth from 1024 MB, calculated as 6144 MB. */
  static Change growth(Change.Kind kind, Trigger trigger, int toMb, Limit limit) {
    return new Change(kind, trigger, 1024, toMb, 6144, limit, Algorithm.MULTIPLICATIVE, 0);
  }

  /** The defaults. */
  static Policy policy() {
    return new PolicyReader(new FakeServer()).policy();
  }

  /** A moment on 2000-01-01, 77 seconds after midnight UTC. */
  static Circumstances circumstances() {
    return circumstances(policy(), 0.25);
  }

  static Circumstances circumstances(Policy policy, double fpiShare) {
    return circumstances(policy, fpiShare, /* advised= */ false);
  }

  static Circumstances circumstances(Policy policy, double fpiShare, boolean advised) {
    return new Circumstances(
        policy,
        "night",
        advised,
        ChangeLedger.of(9_820, new double[] {8_000, 9_820}),
        WalRates.of(new double[] {4, 5, 6}, 4.5),
        63,
        300,
        fpiShare,
        7,
        NOW_SECONDS,
        FakeServer.WALL_MICROS);
  }
}
