package org.pgwalrus.backend;

import java.util.List;
import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Bool;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Choice;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Text;
import org.pgwalrus.backend.Setting.Unit;

/** What becomes of a decision: carried out or only told, recorded, announced, when. */
public final class OperationSettings {

  /** {@code walrus.dry_run}. */
  public static final Bool DRY_RUN =
      new Bool(
          About.sighup(
              "walrus.dry_run",
              "Decides, logs and records, but changes nothing.",
              "Its decisions have a rate limit of their own, so that switching it off starts"
                  + " clean."),
          false);

  /** {@code walrus.apply_mode}: {@code alter_system} or {@code advise}. */
  public static final Choice APPLY_MODE =
      new Choice(
          About.sighup(
              "walrus.apply_mode",
              "Whether a size is written with ALTER SYSTEM or only recommended.",
              "advise is for servers whose configuration belongs to an operator or to Patroni."),
          List.of("alter_system", "advise"));

  /** {@code walrus.profiles}, JSON. */
  public static final Text PROFILES =
      new Text(
          About.sighup(
              "walrus.profiles",
              "Settings that hold at certain hours, as a JSON array.",
              "Each object has name, start_hour, end_hour and days, and may set max_size, min_size,"
                  + " threshold, shrink_enable and dry_run. The first that matches counts."),
          "",
          Check.JSON);

  /** {@code walrus.profile_timezone}. */
  public static final Text PROFILE_TIMEZONE =
      new Text(
          About.sighup(
              "walrus.profile_timezone",
              "The time zone of the hours in walrus.profiles.",
              "When empty, the server's TimeZone."),
          "",
          Check.TIME_ZONE);

  /** {@code walrus.history_retention_days}, days. */
  public static final Int HISTORY_RETENTION =
      new Int(
          About.sighup(
              "walrus.history_retention_days",
              "Days that rows of walrus.history are kept.",
              "Older ones are deleted once an hour. 0 deletes all of them each time."),
          7,
          0,
          3650,
          Unit.NONE);

  /** {@code walrus.notify_channel}. */
  public static final Text NOTIFY_CHANNEL =
      new Text(
          About.sighup(
              "walrus.notify_channel",
              "The channel on which changes are announced by NOTIFY.",
              "Listeners must be connected to walrus.database. Empty announces nothing."),
          "walrus_events",
          Check.CHANNEL);

  /** {@code walrus.notify_dry_run}. */
  public static final Bool NOTIFY_DRY_RUN =
      new Bool(
          About.sighup(
              "walrus.notify_dry_run",
              "Announces also what was only tried or advised.",
              "For dry run and advise mode."),
          false);

  private OperationSettings() {}
}
