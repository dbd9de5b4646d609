package org.pgwalrus.worker;

import java.util.Locale;
import org.pgwalrus.backend.GrowthSettings;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Algorithm;
import org.pgwalrus.sizing.CapPolicy;
import org.pgwalrus.sizing.CountMode;
import org.pgwalrus.sizing.GrowthPolicy;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.RateLimit;
import org.pgwalrus.sizing.RatePolicy;
import org.pgwalrus.sizing.ShrinkPolicy;

/**
 * The settings as the policy that they amount to. They change by a reload alone, so that samples do
 * with what was read last; each decision reads them anew.
 */
final class PolicyReader {

  private final Server server;
  private Policy policy;

  PolicyReader(Server server) {
    this.server = server;
    policy = read(server);
  }

  /** The settings as they were read last, without any profile. */
  Policy policy() {
    return policy;
  }

  /** Reads them anew. */
  void refresh() {
    policy = read(server);
  }

  private static Policy read(Server server) {
    return new Policy(
        server.get(Settings.MAX),
        server.get(Settings.THRESHOLD),
        CountMode.valueOf(constant(server.get(Settings.COUNT_MODE))),
        new GrowthPolicy(
            Algorithm.valueOf(constant(server.get(GrowthSettings.ALGORITHM))),
            server.get(GrowthSettings.ADDITIVE_INCREMENT),
            server.get(GrowthSettings.PROACTIVE_SIZING),
            server.get(GrowthSettings.EARLY_REACTION)),
        new ShrinkPolicy(
            server.get(ShrinkSettings.ENABLE),
            server.get(ShrinkSettings.FACTOR),
            server.get(ShrinkSettings.INTERVALS),
            server.get(ShrinkSettings.MIN_SIZE)),
        new RatePolicy(
            server.get(GrowthSettings.EMA_ALPHA),
            server.get(GrowthSettings.TARGET_PERCENTILE),
            server.get(GrowthSettings.HEADROOM)),
        new RateLimit(
            server.get(LimitSettings.COOLDOWN), server.get(LimitSettings.MAX_CHANGES_PER_HOUR)),
        new CapPolicy(
            server.get(LimitSettings.DISK_RESERVE),
            server.get(LimitSettings.RECOVERY_TARGET),
            server.get(LimitSettings.REPLAY_RATE)),
        server.get(OperationSettings.DRY_RUN));
  }

  /** Whether sizes are only recommended, by setting or since {@code walrus.release()}. */
  boolean advises() {
    return server.get(OperationSettings.APPLY_MODE).equals("advise")
        || server.state().get(StateField.RELEASED) != 0;
  }

  /** The value of a setting for a constant. */
  static String value(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** The name of the constant for the value of a setting. */
  static String constant(String value) {
    return value.toUpperCase(Locale.ROOT);
  }
}
