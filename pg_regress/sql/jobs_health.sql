-- Whether jobs can run here, and what is wrong.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
BEGIN;
CREATE EXTENSION steep_repl;
SELECT steep_repl.disable_db(current_database()) <> '' AS done;
COMMIT;

SELECT number, name, format_type(type, NULL) AS type
  FROM pg_proc, unnest(proargnames, proallargtypes) WITH ORDINALITY AS a(name, type, number)
 WHERE oid = 'steep_repl.health'::regproc
 ORDER BY number;

-- Not enabled: degraded, and nothing could be queued.
CREATE VIEW look AS
SELECT h.status, h.background_worker_running AS worker, h.shared_memory_available AS memory,
       h.active_operations AS active, h.running_operations AS running, h.queue_depth AS depth,
       h.oldest_pending_age > interval '59 minutes' AS old, h.registered, h.preload,
       h.worker_pid > 0 AS pid, h.last_error
  FROM steep_repl.health() AS h;
SELECT * FROM look;
SELECT steep_repl.bgworker_available(), steep_repl.worker_available();

-- Somebody who asks for a look does not make jobs run where they may not.
INSERT INTO steep_repl.work_queue (operation, params) VALUES ('schema_capture', '{"node_id": "x"}');
SELECT steep_repl.wake_worker();
SELECT steep_repl.launch_worker() > 0 AS pid;
DO $$
BEGIN
  FOR i IN 1..300 LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity
      WHERE backend_type LIKE 'steep_repl sweeper');
    PERFORM pg_sleep(0.1);
  END LOOP;
  PERFORM pg_sleep(1);
END
$$;
SELECT status, worker_pid FROM steep_repl.work_queue;
DELETE FROM steep_repl.work_queue;

-- Enabled: healthy, and jobs run.
SELECT steep_repl.enable_db(current_database()) <> '' AS done;
SELECT * FROM look;
SELECT extension_version = (SELECT extversion FROM pg_extension
  WHERE extname = 'steep_repl') AS version,
       pg_version = version() AS server, pg_version LIKE 'PostgreSQL%' AS begins
  FROM steep_repl.health();
SELECT steep_repl.bgworker_available(), steep_repl.worker_available();
SELECT count(*) AS launcher FROM pg_stat_activity WHERE backend_type LIKE 'steep_repl%launcher';
SELECT (steep_repl.start_capture('here')).id AS job \gset
SELECT status FROM steep_repl.wait_operation(:job, 120);
SELECT status, last_error FROM look;

-- Counts, of what waits and what runs.
SELECT steep_repl.disable_db(current_database()) <> '' AS done;
DELETE FROM steep_repl.work_queue;
INSERT INTO steep_repl.work_queue (id, operation, status, created_at)
VALUES (1000001, 'schema_capture', 'pending', now()),
       (1000002, 'schema_capture', 'pending', now() - interval '1 hour'),
       (1000003, 'schema_capture', 'running', now() - interval '2 hours');
SELECT active, running, depth, old FROM look;
DELETE FROM steep_repl.work_queue WHERE status <> 'running';
SELECT active, running, depth, old FROM look;

-- A failure counts for an hour, until the next success, for everybody but without its words.
SELECT steep_repl.fail_work(1000003, 'secret of 1003');
SELECT status, last_error FROM look;
GRANT SELECT ON look TO PUBLIC;
CREATE ROLE regress_jobs_plain;
SET ROLE regress_jobs_plain;
SELECT status, last_error FROM look;
RESET ROLE;
INSERT INTO steep_repl.work_queue (id, operation, status, completed_at)
VALUES (1000004, 'schema_capture', 'cancelled', now() + interval '1 s');
SELECT last_error FROM look;
INSERT INTO steep_repl.work_queue (id, operation, status, completed_at)
VALUES (1000005, 'schema_capture', 'complete', now() + interval '2 s');
SELECT last_error FROM look;
DELETE FROM steep_repl.work_queue WHERE id = 1000005;
UPDATE steep_repl.work_queue SET completed_at = now() - interval '61 minutes';
SELECT last_error FROM look;

-- A library and an extension of different versions do not go together.
BEGIN;
UPDATE pg_extension SET extversion = '0.1.9' WHERE extname = 'steep_repl';
SELECT status, last_error FROM look;
ROLLBACK;

-- An answer at once, however much lies in the queue: no plan reads all of it.
INSERT INTO steep_repl.work_queue (operation, status, created_at, started_at, completed_at)
SELECT 'schema_capture', 'complete', t, t, t
  FROM (SELECT now() - n * interval '1 minute' FROM generate_series(60, 100059) AS n) AS v(t);
ANALYZE steep_repl.work_queue;
CREATE FUNCTION pg_temp.buffers(sql text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || sql INTO plan;
  RETURN (plan #>> '{0,Plan,Shared Hit Blocks}')::bigint
         + (plan #>> '{0,Plan,Shared Read Blocks}')::bigint;
END
$$;
SELECT pg_relation_size('steep_repl.work_queue') / 8192 > 1000 AS a_big_table;
SELECT s.sql, pg_temp.buffers(s.sql) < 1000 AS quick
  FROM (SELECT unnest(ARRAY[
    'SELECT * FROM steep_repl.health()',
    'SELECT * FROM steep_repl.list_operations()',
    $$SELECT * FROM steep_repl.list_operations('running')$$,
    $$SELECT * FROM steep_repl.list_operations('failed')$$,
    $$SELECT * FROM steep_repl.list_operations('complete', 10)$$,
    'SELECT * FROM steep_repl.claim_work()',
    'SELECT * FROM steep_repl.next_work()',
    'SELECT steep_repl.recover_abandoned_work()',
    $$SELECT steep_repl.prune_work_queue('100 years')$$]) AS sql) AS s;
DELETE FROM steep_repl.work_queue;

-- Reading is for everybody, starting a worker is not.
SET ROLE regress_jobs_plain;
SELECT status <> '' AS status FROM steep_repl.health();
SELECT steep_repl.bgworker_available() IS NOT NULL AS known, steep_repl.wake_worker();
SELECT steep_repl.launch_worker();
RESET ROLE;

DROP VIEW look;
SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
DROP EXTENSION steep_repl;
DROP ROLE regress_jobs_plain;
