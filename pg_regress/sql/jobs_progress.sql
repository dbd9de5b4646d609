-- What can be seen of the operation of a database: nothing at first, then what has run.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
\set SHOW_CONTEXT never
\set regression :DBNAME

-- A database of its own, where nothing has run before.
CREATE DATABASE regress_jobs_progress;
\c regress_jobs_progress
CREATE EXTENSION steep_repl;

SELECT attnum, attname, format_type(atttypid, atttypmod) AS type
  FROM pg_attribute
 WHERE attrelid = 'steep_repl.operation_progress_type'::regclass
 ORDER BY attnum;
SELECT proname, pg_get_function_arguments(p.oid) AS arguments,
       CASE proname WHEN 'operation_progress' THEN 'see below'
                    ELSE pg_get_function_result(p.oid) END AS result,
       provolatile AS volatility
  FROM pg_proc AS p
 WHERE pronamespace = 'steep_repl'::regnamespace
   AND (proname LIKE 'get_progress%' OR proname IN ('is_operation_active', 'operation_progress'))
 ORDER BY proname COLLATE "C";

SELECT number, name FROM pg_proc, unnest(proargnames) WITH ORDINALITY AS a(name, number)
 WHERE oid = 'steep_repl.operation_progress'::regproc
 ORDER BY number;

-- Nothing has run.
CREATE VIEW progress AS
SELECT steep_repl.is_operation_active() AS active, steep_repl.get_progress() AS whole,
       steep_repl.get_progress_percent() AS percent, steep_repl.get_progress_phase() AS phase,
       steep_repl.get_progress_current_table() AS "table",
       steep_repl.get_progress_eta_seconds() AS eta, steep_repl.get_progress_error() AS error,
       steep_repl.get_progress_throughput() AS throughput,
       steep_repl.get_progress_work_queue_id() AS work_queue_id,
       steep_repl.get_progress_operation_id() AS id,
       steep_repl.get_progress_operation_type() AS type,
       steep_repl.get_progress_tables_completed() AS tables,
       steep_repl.get_progress_tables_total() AS tables_total,
       steep_repl.get_progress_bytes_processed() AS bytes,
       steep_repl.get_progress_bytes_total() AS bytes_total,
       steep_repl.get_progress_rows_processed() AS rows,
       steep_repl.get_progress_rows_total() AS rows_total;
SELECT * FROM progress \gx
SELECT steep_repl.get_progress() IS NULL AS nothing, (steep_repl.get_progress()).operation_id;
SELECT count(*) FROM steep_repl.operation_progress();
SELECT steep_repl.broadcast_progress();

-- A capture that has run.
CREATE TABLE a (x integer);
CREATE TABLE b (y text);
SELECT id FROM steep_repl.start_capture('here');
SELECT status FROM steep_repl.wait_operation(1, 120);
-- Its row is there before the shared memory tells.
DO $$
BEGIN
  FOR i IN 1..300 LOOP
    EXIT WHEN NOT steep_repl.is_operation_active();
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
SELECT * FROM progress \gx
SELECT work_queue_id, operation_type, operation_id, status, phase, overall_percent,
       tables_completed, tables_total, rows_processed, rows_total, bytes_processed, bytes_total,
       eta_seconds, current_table, error_message, database, pid > 0 AS pid,
       started_at <= updated_at AND updated_at <= ended_at AS in_order, is_stale
  FROM steep_repl.operation_progress() \gx
SELECT work_queue_id FROM steep_repl.operation_progress(1);
SELECT count(*) FROM steep_repl.operation_progress(2);
-- The row of the job keeps the end of it.
SELECT progress ->> 'phase' AS phase, progress ->> 'status' AS status,
       progress ->> 'overall_percent' AS percent, progress ->> 'tables_completed' AS tables,
       progress ->> 'eta_seconds' AS eta
  FROM steep_repl.work_queue WHERE id = 1;

-- One that fails, with a long reason: the row has all of it, the shared memory its beginning.
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '%', repeat('ä"\', 300); END $$;
CREATE TRIGGER refuse BEFORE INSERT ON steep_repl.captured_fingerprints
  FOR EACH ROW EXECUTE FUNCTION public.refuse();
SELECT id FROM steep_repl.start_capture('here');
SELECT status, error_message LIKE repeat('ä"\\', 300) || '%' AS whole
  FROM steep_repl.wait_operation(2, 120);
DO $$
BEGIN
  FOR i IN 1..300 LOOP
    EXIT WHEN NOT steep_repl.is_operation_active();
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
SELECT active, percent, phase, "table", eta, throughput, work_queue_id, tables, tables_total,
       octet_length(error) BETWEEN 200 AND 255 AND starts_with(repeat('ä"\', 300), error) AS error
  FROM progress;
SELECT work_queue_id, status FROM steep_repl.operation_progress();
SELECT progress ->> 'phase' AS phase, progress ->> 'status' AS status,
       (progress ->> 'overall_percent')::real < 100 AS not_all
  FROM steep_repl.work_queue WHERE id = 2;
SELECT count(*) FROM steep_repl.captured_fingerprints;

-- Others' jobs are not shown to everybody.
CREATE ROLE regress_jobs_plain;
GRANT SELECT ON progress TO regress_jobs_plain;
SET ROLE regress_jobs_plain;
SELECT steep_repl.is_operation_active(), steep_repl.get_progress() IS NULL AS nothing;
SELECT count(*) FROM steep_repl.operation_progress();
RESET ROLE;
GRANT steep_repl_reader TO regress_jobs_plain;
SET ROLE regress_jobs_plain;
SELECT count(*) FROM steep_repl.operation_progress();
RESET ROLE;
REVOKE steep_repl_reader FROM regress_jobs_plain;

-- Other databases have their own.
\c :regression
CREATE EXTENSION steep_repl;
SELECT count(*) FROM steep_repl.operation_progress() WHERE database <> current_database();
SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
DROP EXTENSION steep_repl;
SELECT count(*) FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase
 WHERE d.datname = current_database() AND array_to_string(setconfig, ' ') LIKE '%steep_repl%';
DROP DATABASE regress_jobs_progress WITH (FORCE);
DROP ROLE regress_jobs_plain;
