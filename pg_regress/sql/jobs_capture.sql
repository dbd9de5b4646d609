-- Capturing fingerprints as a job.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE EXTENSION steep_repl;
\getenv abs_srcdir PG_ABS_SRCDIR
\set failure :abs_srcdir '/include/failure.sql'
\i :failure
SELECT pg_get_function_arguments('steep_repl.start_capture'::regproc),
       pg_get_function_result('steep_repl.start_capture'::regproc);

CREATE SCHEMA regress_jobs_a;
CREATE SCHEMA "regress_jobs B, {""}\";
CREATE SCHEMA regress_jobs_empty;
CREATE TABLE regress_jobs_a.one (id integer PRIMARY KEY, name varchar(20) DEFAULT 'x');
CREATE TABLE regress_jobs_a."Two \ ü" (a numeric(10,2)[]);
CREATE TABLE "regress_jobs B, {""}\".three ();
CREATE VIEW regress_jobs_a.a_view AS SELECT 1 AS one;

-- What is refused leaves nothing.
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_capture()$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_capture(NULL)$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_capture('')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_capture('n', ARRAY['regress_jobs_a',
  'none'])$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_capture('n', ARRAY['regress_jobs_a',
  NULL])$$);
SELECT count(*) FROM steep_repl.work_queue;

-- The job does what the function does.
SELECT operation, params, status, attempts, requested_by = session_user AS mine
  FROM steep_repl.start_capture('job', ARRAY['regress_jobs_a', 'regress_jobs B, {"}\']);
SELECT status, error_message, attempts, worker_pid > 0 AS pid,
  worker_started_at < completed_at AS timed,
       created_at <= started_at AND started_at <= completed_at AS in_order, needs_undo
  FROM steep_repl.wait_operation(1, 120);
SELECT steep_repl.capture_fingerprints('function') > 0 AS captured;
SELECT table_schema, table_name, column_count FROM steep_repl.schema_fingerprints
 WHERE node_id = 'job' ORDER BY table_schema COLLATE "C", table_name COLLATE "C";
SELECT count(*) AS differences FROM (
  SELECT table_schema, table_name, fingerprint, algorithm, column_count, column_definitions
    FROM steep_repl.schema_fingerprints
      WHERE node_id = 'function' AND table_schema LIKE 'regress\_jobs%'
  EXCEPT
  SELECT table_schema, table_name, fingerprint, algorithm, column_count, column_definitions
    FROM steep_repl.schema_fingerprints WHERE node_id = 'job') AS d;
SELECT count(*) AS left_over FROM steep_repl.captured_fingerprints;

-- Tables that are gone, go; only in the schemas asked for, and of that node.
DROP TABLE regress_jobs_a."Two \ ü";
DROP TABLE "regress_jobs B, {""}\".three;
ALTER TABLE regress_jobs_a.one ADD more text;
SELECT (steep_repl.start_capture('job', '{regress_jobs_a}')).id;
SELECT status FROM steep_repl.wait_operation(2, 120);
SELECT table_schema, table_name, column_count FROM steep_repl.schema_fingerprints
 WHERE node_id = 'job' ORDER BY table_schema COLLATE "C", table_name COLLATE "C";
SELECT count(*) > 1 AS others FROM steep_repl.schema_fingerprints WHERE node_id = 'function';

-- An empty schema, system schemas, no schema, all schemas.
SELECT (steep_repl.start_capture('empty', '{regress_jobs_empty,pg_catalog,information_schema}')).id;
SELECT status FROM steep_repl.wait_operation(3, 120);
SELECT (steep_repl.start_capture('empty', '{}')).id;
SELECT status FROM steep_repl.wait_operation(4, 120);
SELECT count(*) FROM steep_repl.schema_fingerprints WHERE node_id = 'empty';
SELECT (steep_repl.start_capture('all')).id;
SELECT status FROM steep_repl.wait_operation(5, 120);
SELECT count(*) FILTER (WHERE table_schema LIKE 'regress\_jobs%') AS ours,
       count(*) FILTER (WHERE table_schema IN ('steep_repl', 'pg_catalog',
         'information_schema')) AS others
  FROM steep_repl.schema_fingerprints WHERE node_id = 'all';

-- A schema that is dropped while the job waits is not there; the job goes on.
SELECT steep_repl.disable_db(current_database()) <> '' AS done;
INSERT INTO steep_repl.work_queue (id, operation, params)
VALUES (1006, 'schema_capture',
  '{"node_id": "job", "schemas": ["regress_jobs_empty", "regress_jobs_a"]}');
DROP SCHEMA regress_jobs_empty;
SELECT steep_repl.enable_db(current_database()) <> '' AS done, steep_repl.wake_worker();
SELECT status, error_message FROM steep_repl.wait_operation(1006, 120);

-- Parameters that nobody could queue by start_capture().
SELECT steep_repl.enqueue('schema_capture', NULL, NULL, NULL, NULL) AS none \gset
SELECT status, error_message LIKE '%node_id%SQLSTATE 23502%' AS why
  FROM steep_repl.wait_operation(:none, 120);
SELECT count(*) FROM steep_repl.captured_fingerprints;

-- What a dead worker has left is cleared away by another one, before the queue goes on.
INSERT INTO steep_repl.work_queue (id, operation, params, status, needs_undo, completed_at)
VALUES (2000, 'schema_capture', '{"node_id": "job"}', 'failed', true, now());
INSERT INTO steep_repl.captured_fingerprints VALUES (2000, 's', 't', 'f', 2, 0);
SELECT steep_repl.wake_worker();
DO $$
BEGIN
  FOR i IN 1..600 LOOP
    EXIT WHEN NOT (SELECT needs_undo FROM steep_repl.work_queue WHERE id = 2000);
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
SELECT status, needs_undo, undo_attempts FROM steep_repl.work_queue WHERE id = 2000;
SELECT count(*) AS left_over FROM steep_repl.captured_fingerprints;

-- In the role that asks, with what that role may see.
CREATE ROLE regress_jobs_operator LOGIN;
GRANT steep_repl_operator TO regress_jobs_operator;
SET SESSION AUTHORIZATION regress_jobs_operator;
SELECT (steep_repl.start_capture('theirs', '{regress_jobs_a}')).id AS theirs \gset
SELECT status, error_message, requested_by, requested_role::regrole
  FROM steep_repl.wait_operation(:theirs, 120);
SELECT table_name, column_count FROM steep_repl.schema_fingerprints WHERE node_id = 'theirs';
RESET SESSION AUTHORIZATION;
-- And of a role without LOGIN, in the session of one that has it.
CREATE ROLE regress_jobs_group;
GRANT steep_repl_operator TO regress_jobs_group;
SET ROLE regress_jobs_group;
SELECT (steep_repl.start_capture('group', '{regress_jobs_a}')).id AS theirs \gset
SELECT status, error_message, requested_by = session_user AS mine, requested_role::regrole
  FROM steep_repl.wait_operation(:theirs, 120);
RESET ROLE;
SELECT action, replace(actor, session_user, '<me>') AS actor FROM steep_repl.audit_log
 WHERE target_type = 'operation' AND target_id = :'theirs' ORDER BY id;

SET client_min_messages = warning;
DROP SCHEMA regress_jobs_a, "regress_jobs B, {""}\" CASCADE;
SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
DROP EXTENSION steep_repl;
DROP ROLE regress_jobs_operator, regress_jobs_group;
