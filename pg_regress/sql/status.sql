-- The shared state is one JSON object whose fields have fixed names and types,
-- it tells of the worker that is there, and everybody may read it.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;

-- Each statement that finds no baseline waits a tenth of a second.
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE NOT (walrus.shmem_status() ->> 'baseline_valid')::bool$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

-- A time that has not come yet is null.
SELECT key, replace(jsonb_typeof(value), 'null', 'string') AS type
  FROM jsonb_each(walrus.shmem_status())
 ORDER BY key COLLATE "C";

SELECT s ->> 'engine' AS engine,
       s ->> 'baseline_valid' AS baseline,
       s ->> 'apply_blocked' AS blocked,
       (s ->> 'worker_pid')::int = a.pid AS same_worker,
       (s ->> 'worker_start')::timestamptz <= now() AS started,
       (s ->> 'last_check_time')::timestamptz >= (s ->> 'worker_start')::timestamptz AS checked,
       (s ->> 'generation')::int >= 1 AS counted,
       (s ->> 'samples')::int >= 1 AS sampled,
       s ->> 'engine_failures' AS failures
  FROM walrus.shmem_status() AS s, pg_stat_activity AS a
 WHERE a.backend_type = 'pg_walrus';

SELECT (walrus.shmem_status() ->> 'current_size_mb')::int = setting::int AS same_size
  FROM pg_settings WHERE name = 'max_wal_size';

CREATE ROLE regress_walrus_user IN ROLE pg_monitor;
SET ROLE regress_walrus_user;
SELECT walrus.shmem_status() ->> 'worker_pid' <> '0' AS running;
RESET ROLE;
DROP ROLE regress_walrus_user;

DROP EXTENSION pg_walrus;
