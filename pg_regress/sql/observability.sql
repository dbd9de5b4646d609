-- What the functions tell has fixed keys of fixed types, agrees with the
-- server's own views, and a time that has not come yet is null.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;

-- Each statement that finds no baseline waits a tenth of a second.
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE NOT (walrus.status() ->> 'baseline_valid')::boolean$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

SELECT key, jsonb_typeof(value) AS type
  FROM jsonb_each(walrus.status())
 WHERE key NOT IN ('active_profile', 'apply_blocked', 'disk_cap_mb', 'hourly_window_start',
                   'last_adjustment_time', 'profile_error', 'rate_p95_mb_sec',
                   'recommended_floor_mb', 'recovery_cap_mb')
 ORDER BY key COLLATE "C";
SELECT key, jsonb_typeof(value) IN ('null', expected) AS of_type
  FROM (VALUES ('active_profile', 'string'), ('apply_blocked', 'string'),
               ('disk_cap_mb', 'number'), ('hourly_window_start', 'string'),
               ('last_adjustment_time', 'string'), ('profile_error', 'string'),
               ('rate_p95_mb_sec', 'number'), ('recommended_floor_mb', 'number'),
               ('recovery_cap_mb', 'number')) AS nullable(key, expected)
  JOIN jsonb_each(walrus.status()) USING (key)
 ORDER BY key COLLATE "C";

-- The settings are told as they are.
SELECT s -> 'enabled' AS enabled, s -> 'configured_maximum_mb' AS max,
       s -> 'threshold' AS threshold, s -> 'shrink_enabled' AS shrink,
       s -> 'shrink_factor' AS factor, s -> 'shrink_intervals' AS intervals,
       s -> 'min_size_mb' AS min, s -> 'cooldown_sec' AS cooldown,
       s -> 'max_changes_per_hour' AS changes, s -> 'dry_run' AS dry_run,
       s -> 'apply_mode' AS mode, s -> 'algorithm' AS algorithm
  FROM walrus.status() AS s;
SELECT s -> 'cooldown_active' AS cooling, s -> 'cooldown_remaining_sec' AS remaining,
       s -> 'hourly_limit_reached' AS exhausted, s -> 'config_warnings' AS warnings,
       s -> 'in_recovery' AS standby, s -> 'released' AS released, s ->> 'database' AS database,
       s ->> 'engine' AS engine, s -> 'engine_failures' AS failures
  FROM walrus.status() AS s;

SELECT (s ->> 'current_max_wal_size_mb')::integer = m.setting::integer AS size,
       s ->> 'max_wal_size_source' = m.source AS source,
       (s ->> 'checkpoint_timeout_sec')::integer = t.setting::integer AS timeout,
       (s ->> 'at_ceiling')::boolean =
         ((s ->> 'current_max_wal_size_mb')::integer >= (s ->> 'configured_maximum_mb')::integer)
         AS ceiling,
       (s ->> 'worker_pid')::integer = a.pid AS worker,
       s ->> 'version' = e.extversion AS version
  FROM walrus.status() AS s, pg_settings AS m, pg_settings AS t, pg_stat_activity AS a,
       pg_extension AS e
 WHERE m.name = 'max_wal_size' AND t.name = 'checkpoint_timeout'
   AND a.backend_type = 'pg_walrus' AND e.extname = 'pg_walrus';

-- Times are in UTC whatever the session prefers.
SET TimeZone = 'Asia/Kolkata';
SET DateStyle = 'German';
SELECT s ->> key ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$' AS iso,
       (s ->> key)::timestamptz BETWEEN now() - interval '1 day' AND clock_timestamp() AS recent
  FROM walrus.status() AS s, unnest(ARRAY['worker_started_at', 'last_check_time']) AS key;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

-- Before the third decided interval there may be nothing to tell.
SELECT key, jsonb_typeof(value) IN ('number', 'null') AS number
  FROM jsonb_each(walrus.wal_rate())
 ORDER BY key COLLATE "C";
SELECT w -> 'samples_count' <> '0' OR
       w - 'samples_count' = '{"current_rate_mb_sec": null, "avg_rate": null, "p95_rate": null,
         "max_rate": null, "ema_rate": null, "window_sec": null, "projected_mb_per_timeout": null,
         "needed_size_mb": null, "fpi_share": null}' AS null_without_samples
  FROM walrus.wal_rate() AS w;

SELECT coalesce(bool_and(step = ordinality AND "check" <> '' AND result <> ''), true) AS explained
  FROM walrus.explain() WITH ORDINALITY;

-- Counters under one name on every version.
SELECT timed >= 0 AS timed, requested >= 0 AS requested, coalesce(done >= 0, true) AS done,
       write_time >= 0 AS write_time, sync_time >= 0 AS sync_time,
       buffers_written >= 0 AS buffers, stats_reset <= now() AS reset
  FROM walrus.checkpoint_stats;

DROP EXTENSION pg_walrus;
