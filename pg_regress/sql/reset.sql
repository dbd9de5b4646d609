-- walrus.reset() clears history and shared state together, when its
-- transaction commits.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET client_min_messages = warning;

CREATE EXTENSION pg_walrus;

-- Some samples, which a reset takes away.
ALTER SYSTEM SET walrus.sample_interval_sec = 1;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE (walrus.shmem_status() ->> 'samples')::integer < 5$$
  FROM generate_series(1, 200) \gexec
\o
\set ECHO all
ALTER SYSTEM RESET walrus.sample_interval_sec;
SELECT pg_reload_conf();
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 1, 1, 1);

CREATE FUNCTION pg_temp.look(OUT rows bigint, OUT samples boolean)
LANGUAGE sql AS $$
  SELECT (SELECT count(*) FROM walrus.history),
         (walrus.shmem_status() ->> 'samples')::integer >= 5
$$;
SELECT * FROM pg_temp.look();

BEGIN;
SELECT walrus.reset();
SELECT * FROM pg_temp.look();
ROLLBACK;
SELECT * FROM pg_temp.look();

BEGIN;
SAVEPOINT here;
SELECT walrus.reset();
ROLLBACK TO here;
COMMIT;
SELECT * FROM pg_temp.look();

BEGIN;
SAVEPOINT here;
SELECT walrus.reset();
RELEASE here;
COMMIT;
SELECT * FROM pg_temp.look();

-- The worker begins again, with a new baseline.
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE NOT (walrus.status() ->> 'baseline_valid')::boolean$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all
SELECT s -> 'baseline_valid' AS baseline, s -> 'worker_running' AS running,
       s -> 'total_adjustments' AS adjustments, s -> 'quiet_intervals' AS quiet,
       s -> 'changes_this_hour' AS changes, s -> 'cooldown_active' AS cooldown
  FROM walrus.status() AS s;

-- Without the table the rest is still cleared.
ALTER TABLE walrus.history RENAME TO lost;
SELECT walrus.reset();

DROP EXTENSION pg_walrus;
