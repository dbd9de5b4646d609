-- What the functions read from a shared state, which a table holds here: what
-- is limited and for how long, what is unknown, what only some may see.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;
CREATE TABLE regress_walrus_state AS SELECT walrus.shmem_status() AS state;
CREATE OR REPLACE FUNCTION walrus.shmem_status() RETURNS jsonb
LANGUAGE sql AS 'SELECT state FROM public.regress_walrus_state';

-- With cooldown_sec 300 and max_changes_per_hour 4.
CREATE FUNCTION pg_temp.limits(changes text) RETURNS TABLE (
  cooling jsonb, remaining jsonb, changes_this_hour jsonb, exhausted jsonb, oldest_sec numeric)
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE regress_walrus_state SET state = state || changes::jsonb;
  RETURN QUERY
    SELECT s -> 'cooldown_active', s -> 'cooldown_remaining_sec', s -> 'changes_this_hour',
           s -> 'hourly_limit_reached',
           round(extract(epoch FROM
             clock_timestamp() - (s ->> 'hourly_window_start')::timestamptz), -1)
      FROM walrus.status() AS s;
END
$$;
SELECT * FROM pg_temp.limits('{"monotonic_sec": 10000.5, "last_applied_sec": 0, "applied_sec": [],
  "last_trial_sec": 9999, "trial_sec": [9999], "released": false}');
SELECT * FROM pg_temp.limits('{"last_applied_sec": 10001, "applied_sec": [10001]}');
SELECT * FROM pg_temp.limits('{"last_applied_sec": 9900}');
SELECT * FROM pg_temp.limits('{"last_applied_sec": 9701}');
SELECT * FROM pg_temp.limits('{"last_applied_sec": 9700}');
SELECT * FROM pg_temp.limits('{"applied_sec": [6399, 6400, 6401, 9700]}');
SELECT * FROM pg_temp.limits('{"applied_sec": [7000, 8000, 9000, 9700]}');
-- What is only advised has limits of its own.
SELECT * FROM pg_temp.limits('{"released": true}');
SELECT walrus.status() -> 'apply_mode' AS mode;

-- Unknown is null, never nothing or zero.
UPDATE regress_walrus_state SET state = state || '{"apply_blocked": "", "active_profile": "",
  "profile_error": "", "config_warnings": "", "limiting_factor": "", "disk_cap_mb": 0,
  "recommended_floor_mb": 0, "trigger_distance_mb": 0, "worker_pid": 0, "worker_start": null,
  "last_check_time": null, "last_adjustment_time": null, "rate_samples": [],
  "last_decision": ""}';
SELECT key, value FROM jsonb_each(walrus.status())
 WHERE value IN ('null', '[]', '""') OR key IN ('limiting_factor', 'worker_running')
 ORDER BY key COLLATE "C";
SELECT * FROM walrus.explain();

UPDATE regress_walrus_state SET state = state || '{"apply_blocked": "source: command line",
  "active_profile": "a \"b\" \\ c", "profile_error": "bad day", "config_warnings": "[\"one\"]",
  "limiting_factor": "disk", "disk_cap_mb": 3000000000, "recommended_floor_mb": 700,
  "trigger_distance_mb": 528, "worker_pid": 1, "engine": "failed: /secret/place",
  "last_check_time": "2026-01-01T00:00:00.500000+00:00", "fpi_share": 0.25,
  "wal_rate_mb_sec": 4, "wal_rate_ema": 3.5,
  "rate_samples": [5, 1, 2, 3, 4, 10, 9, 8, 7, 6, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
  "last_decision": "[{\"check\": \"threshold\", \"value\": \"3\", \"result\": \"grow\"}, {\"check\": \"cap\", \"value\": \"4096 MB\", \"result\": \"below\"}]"}';
SELECT key, value FROM jsonb_each(walrus.status())
 WHERE key IN ('apply_blocked', 'active_profile', 'profile_error', 'config_warnings', 'engine',
               'limiting_factor', 'disk_cap_mb', 'recommended_floor_mb', 'rate_p95_mb_sec',
               'trigger_distance_mb', 'worker_running', 'last_check_time', 'fpi_share')
 ORDER BY key COLLATE "C";
SELECT * FROM walrus.explain();
SELECT key, CASE WHEN key IN ('window_sec', 'projected_mb_per_timeout')
                 THEN trim_scale(value::numeric / t.setting::integer)::text ELSE value::text END AS value
  FROM jsonb_each(walrus.wal_rate()), pg_settings AS t WHERE t.name = 'checkpoint_timeout'
 ORDER BY key COLLATE "C";
SELECT line FROM regexp_split_to_table(walrus.metrics_prometheus(), E'\n') AS line
 WHERE line ~ '^walrus_(active_profile|apply_blocked|disk_cap|engine_ready|last_check|trigger)';

-- Why the engine failed is for those who see the shared state.
CREATE ROLE regress_walrus_plain;
CREATE ROLE regress_walrus_monitor IN ROLE pg_monitor;
SET SESSION AUTHORIZATION regress_walrus_plain;
SELECT walrus.status() -> 'engine' AS engine;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_walrus_monitor;
SELECT walrus.status() -> 'engine' AS engine;
RESET SESSION AUTHORIZATION;
DROP ROLE regress_walrus_plain, regress_walrus_monitor;

DROP TABLE regress_walrus_state;
DROP EXTENSION pg_walrus;
