\echo Use "ALTER EXTENSION pg_walrus UPDATE TO '1.1'" to load this file. \quit

CREATE TABLE walrus.history (
  id bigserial CONSTRAINT history_pkey PRIMARY KEY,
  "timestamp" timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL
    CONSTRAINT history_action_check
    CHECK (action IN ('increase', 'decrease', 'capped', 'dry_run', 'skipped')),
  old_size_mb integer NOT NULL
    CONSTRAINT history_old_size_mb_check CHECK (old_size_mb > 0),
  new_size_mb integer NOT NULL
    CONSTRAINT history_new_size_mb_check CHECK (new_size_mb > 0),
  forced_checkpoints bigint NOT NULL
    CONSTRAINT history_forced_checkpoints_check CHECK (forced_checkpoints >= 0),
  checkpoint_timeout_sec integer NOT NULL
    CONSTRAINT history_checkpoint_timeout_sec_check CHECK (checkpoint_timeout_sec > 0),
  reason text,
  metadata jsonb
);
CREATE INDEX walrus_history_timestamp_idx ON walrus.history ("timestamp");

-- pg_dump keeps the rows.
SELECT pg_catalog.pg_extension_config_dump('walrus.history', '');
SELECT pg_catalog.pg_extension_config_dump('walrus.history_id_seq', '');

-- The way to the worker.

-- Everybody may ask: it checks the privilege that a request needs.
CREATE FUNCTION walrus.ask(request text, argument text) RETURNS text
  AS 'MODULE_PATHNAME', 'walrus_ask'
  LANGUAGE C STRICT VOLATILE;

CREATE FUNCTION walrus.reset_shared_state() RETURNS void
  AS 'MODULE_PATHNAME', 'walrus_reset_shared_state'
  LANGUAGE C VOLATILE;
REVOKE ALL ON FUNCTION walrus.reset_shared_state() FROM PUBLIC;

-- What the shared state and the settings tell.

CREATE FUNCTION walrus.status() RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  state record;
  config record;
  limiter record;
  remaining integer;
BEGIN
  SELECT * INTO state
    FROM jsonb_to_record(walrus.shmem_status()) AS s(
      version text, monotonic_sec float8, worker_pid integer, worker_start text, engine text,
      engine_failures bigint, self_reloads bigint, released boolean, baseline_valid boolean, quiet_intervals integer,
      total_adjustments bigint, last_check_time text, last_adjustment_time text,
      last_forced_checkpoints bigint, trigger_distance_mb integer, apply_blocked text,
      recommended_floor_mb integer, disk_cap_mb bigint, limiting_factor text, fpi_share float8,
      wal_rate_mb_sec float8, rate_samples float8[], last_applied_sec integer,
      applied_sec integer[], last_trial_sec integer, trial_sec integer[], active_profile text,
      profile_error text, config_warnings text);

  SELECT g.*, p.source INTO config
    FROM (SELECT jsonb_object_agg(replace(s.name, 'walrus.', ''), s.setting) AS pairs,
                 max(s.source) FILTER (WHERE s.name = 'max_wal_size') AS source
            FROM pg_settings AS s
           WHERE s.name LIKE 'walrus.%' OR s.name IN ('max_wal_size', 'checkpoint_timeout')) AS p,
         jsonb_to_record(p.pairs) AS g(
           enable boolean, max integer, threshold integer, shrink_enable boolean,
           shrink_factor numeric, shrink_intervals integer, min_size integer,
           cooldown_sec integer, max_changes_per_hour integer, dry_run boolean, apply_mode text,
           algorithm text, recovery_target_sec bigint, replay_rate_mb_sec bigint, database text,
           max_wal_size integer, checkpoint_timeout integer);

  IF state.released THEN
    config.apply_mode := 'advise';
  END IF;

  -- What is only tried or advised has a ledger of its own.
  SELECT l.began, count(t) AS changes,
         to_char(date_trunc('second', clock_timestamp()
                   - make_interval(secs => state.monotonic_sec - min(t))) AT TIME ZONE 'UTC',
                 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS window_start
    INTO limiter
    FROM (SELECT CASE WHEN trial THEN state.last_trial_sec ELSE state.last_applied_sec END AS began,
                 CASE WHEN trial THEN state.trial_sec ELSE state.applied_sec END AS ledger
            FROM (SELECT config.dry_run OR config.apply_mode = 'advise' AS trial) AS m) AS l
    LEFT JOIN unnest(l.ledger) AS t ON state.monotonic_sec - t < 3600
   GROUP BY l.began;

  remaining := CASE WHEN limiter.began > 0 THEN
    least(greatest(ceil(limiter.began + config.cooldown_sec - state.monotonic_sec), 0),
          config.cooldown_sec) ELSE 0 END;

  RETURN jsonb_build_object(
    'enabled', config.enable,
    'current_max_wal_size_mb', config.max_wal_size,
    'configured_maximum_mb', config.max,
    'threshold', config.threshold,
    'checkpoint_timeout_sec', config.checkpoint_timeout,
    'shrink_enabled', config.shrink_enable,
    'shrink_factor', config.shrink_factor,
    'shrink_intervals', config.shrink_intervals,
    'min_size_mb', config.min_size,
    'worker_running', state.worker_pid <> 0,
    'last_check_time', state.last_check_time,
    'last_adjustment_time', state.last_adjustment_time,
    'total_adjustments', state.total_adjustments,
    'quiet_intervals', state.quiet_intervals,
    'self_reloads', state.self_reloads,
    'at_ceiling', config.max_wal_size >= config.max,
    'cooldown_sec', config.cooldown_sec,
    'max_changes_per_hour', config.max_changes_per_hour,
    'cooldown_active', remaining > 0,
    'cooldown_remaining_sec', remaining,
    'changes_this_hour', limiter.changes,
    'hourly_window_start', limiter.window_start,
    'hourly_limit_reached', limiter.changes >= config.max_changes_per_hour
  ) || jsonb_build_object(
    'version', state.version,
    'database', config.database,
    'dry_run', config.dry_run,
    'apply_mode', config.apply_mode,
    'released', state.released,
    'apply_blocked', nullif(state.apply_blocked, ''),
    'algorithm', config.algorithm,
    'active_profile', nullif(state.active_profile, ''),
    'profile_error', nullif(state.profile_error, ''),
    'config_warnings', coalesce(nullif(state.config_warnings, ''), '[]')::jsonb,
    'in_recovery', pg_is_in_recovery(),
    'worker_pid', nullif(state.worker_pid, 0),
    'worker_started_at', state.worker_start,
    -- The reason of a failure may name files.
    'engine', CASE WHEN pg_has_role(session_user, 'pg_monitor', 'USAGE') THEN state.engine
                   ELSE split_part(state.engine, ':', 1) END,
    'engine_failures', state.engine_failures,
    'baseline_valid', state.baseline_valid,
    'trigger_distance_mb', nullif(state.trigger_distance_mb, 0),
    'forced_checkpoints_last_interval', state.last_forced_checkpoints,
    'wal_rate_mb_sec', state.wal_rate_mb_sec,
    'rate_p95_mb_sec', (SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY rate)
                          FROM unnest(state.rate_samples) AS rate),
    'recommended_floor_mb', nullif(state.recommended_floor_mb, 0),
    'disk_cap_mb', nullif(state.disk_cap_mb, 0),
    'recovery_cap_mb', nullif(config.recovery_target_sec * config.replay_rate_mb_sec, 0),
    'limiting_factor', coalesce(nullif(state.limiting_factor, ''), 'none'),
    'fpi_share', state.fpi_share,
    'max_wal_size_source', config.source);
END
$$;

CREATE FUNCTION walrus.wal_rate() RETURNS jsonb
  LANGUAGE sql VOLATILE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
           'current_rate_mb_sec', CASE WHEN r.count > 0 THEN s.wal_rate_mb_sec END,
           'avg_rate', r.avg,
           'p95_rate', r.p95,
           'max_rate', r.max,
           'ema_rate', CASE WHEN r.count > 0 THEN s.wal_rate_ema END,
           'samples_count', r.count,
           'window_sec', nullif(r.count, 0) * t.seconds,
           'projected_mb_per_timeout', r.target * t.seconds,
           'needed_size_mb', nullif(s.recommended_floor_mb, 0),
           'fpi_share', CASE WHEN r.count > 0 THEN s.fpi_share END)
    FROM jsonb_to_record(walrus.shmem_status()) AS s(
           wal_rate_mb_sec float8, wal_rate_ema float8, recommended_floor_mb integer,
           fpi_share float8, rate_samples float8[]),
         LATERAL (
           SELECT count(*), avg(rate), max(rate),
                  percentile_disc(0.95) WITHIN GROUP (ORDER BY rate) AS p95,
                  percentile_disc(current_setting('walrus.target_percentile')::float8 / 100)
                    WITHIN GROUP (ORDER BY rate) AS target
             FROM unnest(s.rate_samples) AS rate) AS r,
         (SELECT extract(epoch FROM current_setting('checkpoint_timeout')::interval)::integer
         ) AS t(seconds);
$$;

CREATE FUNCTION walrus.explain()
  RETURNS TABLE (step integer, "check" text, value text, result text)
  LANGUAGE sql VOLATILE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT e.n::integer, e.item ->> 'check', e.item ->> 'value', e.item ->> 'result'
    FROM jsonb_array_elements(
           nullif(walrus.shmem_status() ->> 'last_decision', '')::jsonb)
         WITH ORDINALITY AS e(item, n)
   ORDER BY e.n;
$$;

CREATE FUNCTION walrus.metrics()
  RETURNS TABLE (metric text, type text, help text, labels jsonb, value float8)
  LANGUAGE sql VOLATILE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'walrus_' || m.name, m.type, m.help, m.labels, m.value
    FROM jsonb_to_record(walrus.status()) AS g(
           version text, algorithm text, active_profile text, enabled boolean,
           current_max_wal_size_mb float8, configured_maximum_mb float8, at_ceiling boolean,
           checkpoint_timeout_sec float8, disk_cap_mb float8, trigger_distance_mb float8,
           wal_rate_mb_sec float8, worker_running boolean, in_recovery boolean, engine text,
           apply_blocked text, quiet_intervals float8, forced_checkpoints_last_interval float8,
           last_check_time timestamptz, last_adjustment_time timestamptz),
         jsonb_to_record(walrus.shmem_status()) AS s(
           total_increases float8, total_decreases float8, total_capped float8,
           total_skipped_cooldown float8, total_skipped_hourly_limit float8,
           total_dry_run float8, analysis_cycles float8, apply_failures float8,
           engine_failures float8, current_recommendation_mb float8),
         LATERAL (VALUES
           ('info', 'gauge', 'Version and algorithm, always 1.',
            jsonb_build_object('version', g.version, 'algorithm', g.algorithm), 1.0),
           ('active_profile', 'gauge', 'The profile in force, always 1.',
            jsonb_build_object('profile', coalesce(g.active_profile, '')), 1.0),
           ('enabled', 'gauge', 'Whether walrus.enable is on.', NULL, g.enabled::integer),
           ('worker_up', 'gauge', 'Whether the worker runs.', NULL, g.worker_running::integer),
           ('engine_ready', 'gauge', 'Whether the decision engine is ready.', NULL,
            (g.engine = 'ready')::integer),
           ('in_recovery', 'gauge', 'Whether the server is a standby, which has no worker.', NULL,
            g.in_recovery::integer),
           ('max_wal_size_bytes', 'gauge', 'The effective max_wal_size.', NULL,
            g.current_max_wal_size_mb * 1048576),
           ('max_allowed_bytes', 'gauge', 'walrus.max.', NULL,
            g.configured_maximum_mb * 1048576),
           ('disk_cap_bytes', 'gauge', 'The largest size that the disk allows; +Inf if unknown.',
            NULL, coalesce(g.disk_cap_mb * 1048576, 'Infinity')),
           ('recommended_bytes', 'gauge', 'The size that the last decision came to.', NULL,
            coalesce(nullif(s.current_recommendation_mb, 0), g.current_max_wal_size_mb) * 1048576),
           ('at_ceiling', 'gauge', 'Whether max_wal_size has reached walrus.max.', NULL,
            g.at_ceiling::integer),
           ('apply_blocked', 'gauge', 'Whether a size that was written has no effect.', NULL,
            (g.apply_blocked IS NOT NULL)::integer),
           ('checkpoint_timeout_seconds', 'gauge', 'checkpoint_timeout.', NULL,
            g.checkpoint_timeout_sec),
           ('trigger_distance_bytes', 'gauge', 'WAL volume that forces a checkpoint.', NULL,
            coalesce(g.trigger_distance_mb, 0) * 1048576),
           ('wal_rate_bytes_per_second', 'gauge', 'WAL rate at the last sample.', NULL,
            g.wal_rate_mb_sec * 1048576),
           ('forced_checkpoints', 'gauge', 'Forced checkpoints of the last decided interval.', NULL,
            g.forced_checkpoints_last_interval),
           ('quiet_intervals', 'gauge', 'Quiet intervals in a row.', NULL, g.quiet_intervals),
           ('analysis_cycles_total', 'counter', 'Decisions taken.', NULL, s.analysis_cycles),
           ('increases_total', 'counter', 'Increases applied.', NULL, s.total_increases),
           ('decreases_total', 'counter', 'Decreases applied.', NULL, s.total_decreases),
           ('capped_total', 'counter', 'Increases that walrus.max limited.', NULL, s.total_capped),
           ('skipped_total', 'counter', 'Changes put off by the rate limit.',
            '{"reason": "cooldown"}', s.total_skipped_cooldown),
           ('skipped_total', 'counter', 'Changes put off by the rate limit.',
            '{"reason": "hourly_limit"}', s.total_skipped_hourly_limit),
           ('dry_run_total', 'counter', 'Changes only tried or advised.', NULL, s.total_dry_run),
           ('apply_failures_total', 'counter', 'Changes that could not be written.', NULL,
            s.apply_failures),
           ('engine_failures_total', 'counter', 'Cycles that ended in an exception.', NULL,
            s.engine_failures),
           ('last_check_timestamp_seconds', 'gauge', 'When the worker last looked; 0 for never.',
            NULL, coalesce(extract(epoch FROM g.last_check_time), 0)),
           ('last_adjustment_timestamp_seconds', 'gauge', 'The last change; 0 for never.', NULL,
            coalesce(extract(epoch FROM g.last_adjustment_time), 0))
         ) AS m(name, type, help, labels, value);
$$;
REVOKE ALL ON FUNCTION walrus.metrics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION walrus.metrics() TO pg_monitor;

CREATE FUNCTION walrus.prometheus_labels(labels jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce('{' || string_agg(format('%s="%s"', l.key,
           replace(replace(replace(l.value, E'\\', E'\\\\'), '"', E'\\"'), E'\n', E'\\n')),
           ',') || '}', '')
    FROM jsonb_each_text(labels) AS l;
$$;

CREATE FUNCTION walrus.metrics_prometheus() RETURNS text
  LANGUAGE sql VOLATILE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(
           CASE WHEN m.first THEN
             format(E'# HELP %1$s %2$s\n# TYPE %1$s %3$s\n', m.metric, m.help, m.type)
           ELSE '' END
           || m.metric || walrus.prometheus_labels(m.labels) || ' '
           || replace(m.value::text, 'Infinity', '+Inf') || E'\n', '' ORDER BY m.n)
    FROM (SELECT *, row_number() OVER (PARTITION BY metric ORDER BY n) = 1 AS first
            FROM walrus.metrics() WITH ORDINALITY AS f(metric, type, help, labels, value, n)
         ) AS m;
$$;
REVOKE ALL ON FUNCTION walrus.metrics_prometheus() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION walrus.metrics_prometheus() TO pg_monitor;

-- What the worker answers.

CREATE FUNCTION walrus.no_recommendation(reason text) RETURNS jsonb
  LANGUAGE sql VOLATILE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
           'current_size_mb', s -> 'current_max_wal_size_mb',
           'recommended_size_mb', s -> 'current_max_wal_size_mb',
           'action', 'error',
           'reason', reason,
           'confidence', 0,
           'evidence', NULL,
           'limited_by', 'none',
           'dry_run', s -> 'dry_run')
    FROM walrus.status() AS s;
$$;

CREATE FUNCTION walrus.recommendation() RETURNS jsonb
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  answer jsonb := '{"error": "extension is disabled"}';
BEGIN
  IF (walrus.status() ->> 'enabled')::boolean THEN
    answer := walrus.ask('recommendation', '')::jsonb;
  END IF;
  IF answer ? 'error' THEN
    RETURN walrus.no_recommendation(answer ->> 'error');
  END IF;
  RETURN answer;
END
$$;

CREATE FUNCTION walrus.analyze(apply boolean DEFAULT false) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  answer jsonb;
BEGIN
  IF apply AND NOT has_parameter_privilege('max_wal_size', 'ALTER SYSTEM') THEN
    RAISE insufficient_privilege USING
      MESSAGE = 'permission denied: walrus.analyze(apply := true) requires superuser',
      HINT = 'Or the right that GRANT ALTER SYSTEM ON PARAMETER max_wal_size gives.';
  END IF;
  IF NOT (walrus.status() ->> 'enabled')::boolean THEN
    RETURN '{"analyzed": false, "reason": "extension is disabled"}';
  END IF;

  IF apply THEN
    answer := walrus.ask('apply', '')::jsonb;
    IF NOT answer ? 'error' THEN
      RETURN answer;
    END IF;
    answer := walrus.no_recommendation(answer ->> 'error');
  ELSE
    answer := walrus.recommendation();
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object(
           'reason', CASE WHEN answer ->> 'action' = 'error' THEN answer ->> 'reason' END))
         || jsonb_build_object(
              'analyzed', answer ->> 'action' <> 'error',
              'recommendation', answer,
              'applied', false,
              'effective', NULL,
              'blocked_by', NULL);
END
$$;

CREATE FUNCTION walrus.release(value_mb integer DEFAULT NULL) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  smallest CONSTANT bigint := 2 * pg_size_bytes(current_setting('wal_segment_size')) / 1048576;
  refusal text;
BEGIN
  -- The server would take less, and not start again.
  IF value_mb < smallest THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('%s MB is less than two WAL segments (%s MB)', value_mb, smallest);
  END IF;
  refusal := walrus.ask('release', coalesce(value_mb::text, ''))::jsonb ->> 'error';
  IF refusal IS NOT NULL THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = format('max_wal_size was not released: %s', refusal),
      HINT = 'Run ALTER SYSTEM RESET max_wal_size and SELECT pg_reload_conf() instead.';
  END IF;
  RETURN true;
END
$$;

CREATE FUNCTION walrus.simulation(rates float8[], settings jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wrong record;
  answer jsonb;
BEGIN
  IF coalesce(cardinality(rates), 0) NOT BETWEEN 1 AND 500 THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'walrus.simulate() takes 1 to 500 rates';
  END IF;
  IF EXISTS (SELECT FROM unnest(rates) AS rate
              WHERE rate IS NULL OR rate NOT BETWEEN 0 AND 1000000) THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'a rate must be between 0 and 1000000 MB a second, and not null';
  END IF;

  -- Each parameter has the range of the setting that it stands for.
  SELECT p.key, p.value,
         coalesce(array_to_string(s.enumvals, ', '), s.min_val || ' to ' || s.max_val) AS valid
    INTO wrong
    FROM jsonb_each_text(settings) AS p
    JOIN pg_settings AS s
      ON s.name = CASE p.key WHEN 'start_size_mb' THEN 'max_wal_size'
                             WHEN 'checkpoint_timeout_sec' THEN 'checkpoint_timeout'
                             ELSE 'walrus.' || replace(p.key, '_mb', '') END
   WHERE CASE s.vartype WHEN 'bool' THEN false
                        WHEN 'enum' THEN p.value <> ALL (s.enumvals)
                        ELSE p.value::numeric
                             NOT BETWEEN s.min_val::numeric AND s.max_val::numeric END
   ORDER BY p.key
   LIMIT 1;
  IF FOUND THEN
    RAISE invalid_parameter_value USING
      MESSAGE = format('invalid value for parameter "%s": "%s"', wrong.key, wrong.value),
      HINT = format('Valid values are %s.', wrong.valid);
  END IF;

  answer := walrus.ask('simulate', concat_ws(' ',
    (SELECT string_agg(p.key || '=' || p.value, ' ' ORDER BY p.key)
       FROM jsonb_each_text(settings) AS p),
    'rates=' || (SELECT string_agg(trim_scale(round(rate::numeric, 3))::text, ',' ORDER BY n)
                   FROM unnest(rates) WITH ORDINALITY AS r(rate, n))))::jsonb;
  IF answer ? 'error' THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = format('the simulation was not run: %s', answer ->> 'error');
  END IF;
  RETURN answer -> 'steps';
END
$$;

-- Not PL/pgSQL, which takes no parameter and column of one name.
CREATE FUNCTION walrus.simulate(
    rate_mb_sec float8[],
    start_size_mb integer DEFAULT NULL,
    max_mb integer DEFAULT NULL,
    threshold integer DEFAULT NULL,
    shrink_factor float8 DEFAULT NULL,
    shrink_intervals integer DEFAULT NULL,
    min_size_mb integer DEFAULT NULL,
    algorithm text DEFAULT NULL,
    proactive_sizing boolean DEFAULT NULL,
    checkpoint_timeout_sec integer DEFAULT NULL)
  RETURNS TABLE (step integer, rate_mb_sec float8, max_wal_size_mb integer,
                 forced_checkpoints bigint, action text)
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.n::integer, s.rate, (s.step ->> 0)::integer, (s.step ->> 1)::bigint, s.step ->> 2
    FROM ROWS FROM (
           unnest(simulate.rate_mb_sec),
           jsonb_array_elements(walrus.simulation(simulate.rate_mb_sec,
             jsonb_strip_nulls(jsonb_build_object(
               'start_size_mb', start_size_mb,
               'max_mb', max_mb,
               'threshold', threshold,
               'shrink_factor', shrink_factor,
               'shrink_intervals', shrink_intervals,
               'min_size_mb', min_size_mb,
               'algorithm', algorithm,
               'proactive_sizing', proactive_sizing,
               'checkpoint_timeout_sec', checkpoint_timeout_sec)))))
         WITH ORDINALITY AS s(rate, step, n)
   ORDER BY s.n;
$$;

-- The history.

CREATE FUNCTION walrus.mention_database() RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Once per session.
  IF current_setting('walrus.database', true) <> current_database()
     AND current_setting('pg_walrus.mentioned', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('pg_walrus.mentioned', 'yes', false);
    RAISE NOTICE 'the worker does not write to the history of this database'
      USING DETAIL = format('It writes to that of database "%s" (walrus.database).',
                            current_setting('walrus.database'));
  END IF;
END
$$;

CREATE FUNCTION walrus.history()
  RETURNS TABLE ("timestamp" timestamptz, action text, old_size_mb integer, new_size_mb integer,
                 forced_checkpoints bigint, reason text)
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM walrus.mention_database();
  RETURN QUERY
    SELECT h."timestamp", h.action, h.old_size_mb, h.new_size_mb, h.forced_checkpoints, h.reason
      FROM walrus.history AS h
     ORDER BY h."timestamp", h.id;
END
$$;

CREATE FUNCTION walrus.history(since timestamptz, until timestamptz DEFAULT now())
  RETURNS TABLE (id bigint, "timestamp" timestamptz, action text, old_size_mb integer,
                 new_size_mb integer, forced_checkpoints bigint, checkpoint_timeout_sec integer,
                 reason text, metadata jsonb)
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM walrus.mention_database();
  RETURN QUERY
    SELECT h.id, h."timestamp", h.action, h.old_size_mb, h.new_size_mb, h.forced_checkpoints,
           h.checkpoint_timeout_sec, h.reason, h.metadata
      FROM walrus.history AS h
     WHERE h."timestamp" BETWEEN since AND until
     ORDER BY h."timestamp", h.id;
END
$$;

CREATE FUNCTION walrus.cleanup_history() RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  batch_size CONSTANT integer := 10000;
  -- The setting is not there without the library; then its default.
  kept_days CONSTANT integer :=
    coalesce(current_setting('walrus.history_retention_days', true), '7');
  oldest CONSTANT timestamptz := now() - make_interval(days => kept_days);
  reached timestamptz := '-infinity';
  batch bigint;
  deleted bigint := 0;
BEGIN
  PERFORM walrus.mention_database();
  LOOP
    -- Rows that somebody else is deleting are not waited for; those deleted here are not
    -- read again.
    WITH gone AS (
      DELETE FROM walrus.history
       WHERE id = ANY (ARRAY(
               SELECT h.id FROM walrus.history AS h
                WHERE h."timestamp" >= reached AND h."timestamp" < oldest
                ORDER BY h."timestamp"
                LIMIT batch_size
                  FOR UPDATE SKIP LOCKED))
      RETURNING "timestamp")
    SELECT count(*), max("timestamp") INTO batch, reached FROM gone;
    deleted := deleted + batch;
    EXIT WHEN batch < batch_size;
  END LOOP;
  RETURN deleted;
EXCEPTION WHEN undefined_table THEN
  RAISE WARNING 'pg_walrus: history table does not exist, skipping cleanup';
  RETURN 0;
END
$$;
REVOKE ALL ON FUNCTION walrus.cleanup_history() FROM PUBLIC;

CREATE FUNCTION walrus.reset() RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM walrus.reset_shared_state();
  PERFORM walrus.mention_database();
  BEGIN
    DELETE FROM walrus.history;
  EXCEPTION WHEN undefined_table THEN
    RAISE WARNING 'pg_walrus: history table does not exist';
  END;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION walrus.reset() FROM PUBLIC;

-- The checkpointer's counters, under one name on every version.

-- PL/pgSQL looks at a query when it is reached, so the views of other versions do no harm; in
-- the view itself their columns would stop pg_upgrade.
CREATE FUNCTION walrus.checkpoint_stats()
  RETURNS TABLE (timed bigint, requested bigint, done bigint, write_time float8,
                 sync_time float8, buffers_written bigint, stats_reset timestamptz)
  LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  major CONSTANT integer := current_setting('server_version_num')::integer / 10000;
BEGIN
  IF major >= 18 THEN
    RETURN QUERY SELECT c.num_timed, c.num_requested, c.num_done, c.write_time, c.sync_time,
                        c.buffers_written, c.stats_reset
                   FROM pg_stat_checkpointer AS c;
  ELSIF major = 17 THEN
    RETURN QUERY SELECT c.num_timed, c.num_requested, NULL::bigint, c.write_time, c.sync_time,
                        c.buffers_written, c.stats_reset
                   FROM pg_stat_checkpointer AS c;
  ELSE
    RETURN QUERY SELECT b.checkpoints_timed, b.checkpoints_req, NULL::bigint,
                        b.checkpoint_write_time, b.checkpoint_sync_time, b.buffers_checkpoint,
                        b.stats_reset
                   FROM pg_stat_bgwriter AS b;
  END IF;
END
$$;

CREATE VIEW walrus.checkpoint_stats AS
  SELECT timed, requested, done, write_time, sync_time, buffers_written, stats_reset
    FROM walrus.checkpoint_stats();

GRANT SELECT ON walrus.history, walrus.checkpoint_stats TO PUBLIC;

COMMENT ON TABLE walrus.history IS
  'what the worker has changed, tried or put off; written in walrus.database';
COMMENT ON COLUMN walrus.history.id IS 'number of the row';
COMMENT ON COLUMN walrus.history."timestamp" IS 'when it was decided';
COMMENT ON COLUMN walrus.history.action IS
  'increase, decrease, capped (an increase that walrus.max limited), dry_run (only tried or advised) or skipped (put off by the rate limit)';
COMMENT ON COLUMN walrus.history.old_size_mb IS 'max_wal_size before, MB';
COMMENT ON COLUMN walrus.history.new_size_mb IS
  'max_wal_size after, MB; with dry_run and skipped what it would have been';
COMMENT ON COLUMN walrus.history.forced_checkpoints IS 'forced checkpoints of the interval';
COMMENT ON COLUMN walrus.history.checkpoint_timeout_sec IS 'checkpoint_timeout at the time, seconds';
COMMENT ON COLUMN walrus.history.reason IS 'why, for people';
COMMENT ON COLUMN walrus.history.metadata IS 'why, in numbers';
COMMENT ON SEQUENCE walrus.history_id_seq IS 'numbers the rows of walrus.history';
COMMENT ON INDEX walrus.walrus_history_timestamp_idx IS 'finds rows by time, for the cleanup above all';
COMMENT ON VIEW walrus.checkpoint_stats IS
  'the checkpointer''s counters, with the same columns on every version of PostgreSQL';

COMMENT ON FUNCTION walrus.ask(text, text) IS
  'puts a request to the worker; serves the other functions';
COMMENT ON FUNCTION walrus.reset_shared_state() IS
  'clears the shared state when the transaction commits; serves walrus.reset()';
COMMENT ON FUNCTION walrus.status() IS
  'settings, state of the worker, limits and last measurements';
COMMENT ON FUNCTION walrus.wal_rate() IS
  'WAL rates of the last decided intervals, and the size that they need';
COMMENT ON FUNCTION walrus.explain() IS
  'the last decision, step by step';
COMMENT ON FUNCTION walrus.metrics() IS
  'gauges and counters for monitoring, one a row';
COMMENT ON FUNCTION walrus.prometheus_labels(jsonb) IS
  'labels in the text format of Prometheus; serves walrus.metrics_prometheus()';
COMMENT ON FUNCTION walrus.metrics_prometheus() IS
  'gauges and counters in the text format 0.0.4 of Prometheus';
COMMENT ON FUNCTION walrus.no_recommendation(text) IS
  'a recommendation with action error; serves the functions that ask the worker';
COMMENT ON FUNCTION walrus.recommendation() IS
  'what the worker would do now, and why; changes nothing';
COMMENT ON FUNCTION walrus.analyze(boolean) IS
  'what the worker would do now; with apply := true it does so, whatever the rate limit says';
COMMENT ON FUNCTION walrus.release(integer) IS
  'resets max_wal_size, or sets it to value_mb, and only advises until the next start';
COMMENT ON FUNCTION walrus.simulation(float8[], jsonb) IS
  'checks and runs a simulation; serves walrus.simulate()';
COMMENT ON FUNCTION walrus.simulate(float8[], integer, integer, integer, float8, integer, integer, text, boolean, integer) IS
  'what the worker would do at given WAL rates, one an interval; settings not given are the present ones';
COMMENT ON FUNCTION walrus.mention_database() IS
  'tells once per session that the worker writes to another database';
COMMENT ON FUNCTION walrus.history() IS
  'the history, the oldest row first';
COMMENT ON FUNCTION walrus.history(timestamptz, timestamptz) IS
  'the history between two times, with all its columns';
COMMENT ON FUNCTION walrus.cleanup_history() IS
  'deletes rows older than walrus.history_retention_days, and tells how many';
COMMENT ON FUNCTION walrus.reset() IS
  'clears counters, rate limit, measurements and history; the worker begins with a new baseline';
COMMENT ON FUNCTION walrus.checkpoint_stats() IS
  'serves the view of this name';
