-- The worker answers what it would do, and says nothing but why when it is
-- switched off.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET client_min_messages = warning;
\set SHOW_CONTEXT never

CREATE EXTENSION pg_walrus;

-- Each statement that finds no baseline waits a tenth of a second.
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE NOT (walrus.status() ->> 'baseline_valid')::boolean$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

CREATE TEMP TABLE advice AS SELECT walrus.recommendation() AS r;
SELECT key, CASE key WHEN 'evidence' THEN NULL ELSE jsonb_typeof(value) END AS type
  FROM advice, jsonb_each(r)
 ORDER BY key COLLATE "C";
SELECT r ->> 'action' IN ('increase', 'decrease', 'none') AS action,
       (r ->> 'confidence')::integer BETWEEN 0 AND 100 AS confidence,
       r ->> 'reason' <> '' AS reason,
       (r ->> 'action' <> 'none')
         = ((r ->> 'recommended_size_mb')::integer <> (r ->> 'current_size_mb')::integer) AS size
  FROM advice;
SELECT key FROM advice, jsonb_object_keys(nullif(r -> 'evidence', 'null')) AS key ORDER BY key COLLATE "C";

SELECT key, CASE WHEN key IN ('effective', 'blocked_by') THEN NULL ELSE jsonb_typeof(value) END
         AS type
  FROM jsonb_each(walrus.analyze())
 ORDER BY key COLLATE "C";
SELECT a -> 'analyzed' AS analyzed, a -> 'applied' AS applied,
       (SELECT array_agg(key ORDER BY key COLLATE "C")
          FROM jsonb_object_keys(a -> 'recommendation') AS key) =
       (SELECT array_agg(key ORDER BY key COLLATE "C")
          FROM advice, jsonb_object_keys(r) AS key) AS same_keys
  FROM walrus.analyze() AS a;

-- No cycle, no sample, no change.
SELECT (walrus.shmem_status() ->> 'total_adjustments')::integer AS adjustments;

-- An interval of 3000 MB at a size of 1024 MB forces checkpoints; less does not.
SELECT step, rate_mb_sec, max_wal_size_mb > 1024 AS grown, forced_checkpoints > 0 AS forced,
       action
  FROM walrus.simulate(ARRAY[10, 1], start_size_mb => 1024, max_mb => 16384,
                       checkpoint_timeout_sec => 300);

-- Switched off.
ALTER SYSTEM SET walrus.enable = off;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.enable') <> 'off'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all
SELECT r ->> 'action' AS action, r ->> 'reason' AS reason, r -> 'confidence' AS confidence,
       r -> 'recommended_size_mb' = r -> 'current_size_mb' AS same
  FROM walrus.recommendation() AS r;
SELECT walrus.analyze();
SELECT walrus.analyze(apply := true);

ALTER SYSTEM RESET walrus.enable;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.enable') <> 'on'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

DROP EXTENSION pg_walrus;
