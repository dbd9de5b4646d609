-- The progress of jobs: live from shared memory, and what listeners hear of it.

CREATE TYPE steep_repl.operation_progress_type AS (
  operation_id text, operation_type text, phase text, overall_percent real,
  tables_completed integer, tables_total integer, bytes_processed bigint, bytes_total bigint,
  rows_processed bigint, rows_total bigint, throughput_bytes_sec real, eta_seconds integer,
  current_table text, error_message text, work_queue_id bigint
);

-- The slots of this database, or that of one job, as an array of objects; none where nothing is
-- preloaded.
CREATE FUNCTION steep_repl.progress_slots(p_id bigint DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_progress_slots';

CREATE FUNCTION steep_repl.operation_progress(p_work_queue_id bigint DEFAULT NULL)
  RETURNS TABLE (
    work_queue_id bigint, operation_type text, operation_id text, status text, phase text,
    overall_percent real, tables_completed integer, tables_total integer, bytes_processed bigint,
    bytes_total bigint, rows_processed bigint, rows_total bigint, throughput_bytes_sec real,
    eta_seconds integer, current_table text, error_message text, pid integer, database name,
    started_at timestamptz, updated_at timestamptz, ended_at timestamptz, is_stale boolean)
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT s.work_queue_id, s.operation_type, s.operation_id, s.status, s.phase,
       s.overall_percent, s.tables_completed, s.tables_total, s.bytes_processed, s.bytes_total,
       s.rows_processed, s.rows_total, s.throughput_bytes_sec, nullif(s.eta_seconds, 0),
       nullif(s.current_table, ''), nullif(s.error_message, ''), s.pid, current_database(),
       s.started_at, s.updated_at, s.ended_at, s.is_stale
  FROM jsonb_to_recordset(steep_repl.progress_slots(p_work_queue_id)) AS s(
         work_queue_id bigint, operation_type text, operation_id text, status text, phase text,
         overall_percent real, tables_completed integer, tables_total integer,
         bytes_processed bigint, bytes_total bigint, rows_processed bigint, rows_total bigint,
         throughput_bytes_sec real, eta_seconds integer, current_table text, error_message text,
         pid integer, started_at timestamptz, updated_at timestamptz, ended_at timestamptz,
         is_stale boolean)
 ORDER BY s.started_at DESC, s.work_queue_id DESC
$$;

-- "The" operation: one that runs, else the one that ended last; and whether it runs.
CREATE FUNCTION steep_repl.current_progress(
  OUT progress steep_repl.operation_progress_type, OUT is_active boolean) RETURNS SETOF record
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT ROW(p.operation_id, p.operation_type, p.phase, p.overall_percent, p.tables_completed,
           p.tables_total, p.bytes_processed, p.bytes_total, p.rows_processed, p.rows_total,
           p.throughput_bytes_sec, p.eta_seconds, p.current_table, p.error_message,
           p.work_queue_id)::steep_repl.operation_progress_type,
       p.ended_at IS NULL AND NOT p.is_stale
  FROM steep_repl.operation_progress() AS p
 ORDER BY p.ended_at IS NULL AND NOT p.is_stale DESC, p.ended_at DESC NULLS FIRST,
          p.started_at DESC
 LIMIT 1
$$;

CREATE FUNCTION steep_repl.is_operation_active() RETURNS boolean
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (SELECT FROM steep_repl.current_progress() WHERE is_active)
$$;

CREATE FUNCTION steep_repl.get_progress() RETURNS steep_repl.operation_progress_type
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).* FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_percent() RETURNS real
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).overall_percent FROM steep_repl.current_progress()
 WHERE (progress).phase = 'complete' OR is_active
$$;

CREATE FUNCTION steep_repl.get_progress_phase() RETURNS text
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).phase FROM steep_repl.current_progress()
 WHERE (progress).phase IN ('complete', 'failed') OR is_active
$$;

CREATE FUNCTION steep_repl.get_progress_current_table() RETURNS text
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).current_table FROM steep_repl.current_progress() WHERE is_active
$$;

CREATE FUNCTION steep_repl.get_progress_eta_seconds() RETURNS integer
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).eta_seconds FROM steep_repl.current_progress() WHERE is_active
$$;

CREATE FUNCTION steep_repl.get_progress_error() RETURNS text
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).error_message FROM steep_repl.current_progress()
 WHERE (progress).phase = 'failed'
$$;

CREATE FUNCTION steep_repl.get_progress_throughput() RETURNS real
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).throughput_bytes_sec FROM steep_repl.current_progress()
 WHERE is_active
$$;

CREATE FUNCTION steep_repl.get_progress_work_queue_id() RETURNS bigint
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).work_queue_id FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_operation_id() RETURNS text
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).operation_id FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_operation_type() RETURNS text
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).operation_type FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_tables_completed() RETURNS integer
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).tables_completed FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_tables_total() RETURNS integer
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).tables_total FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_bytes_processed() RETURNS bigint
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).bytes_processed FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_bytes_total() RETURNS bigint
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).bytes_total FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_rows_processed() RETURNS bigint
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).rows_processed FROM steep_repl.current_progress()
$$;

CREATE FUNCTION steep_repl.get_progress_rows_total() RETURNS bigint
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (progress).rows_total FROM steep_repl.current_progress()
$$;

-- The slot of one job, null when there is none any more.
CREATE FUNCTION steep_repl.progress_of(p_id bigint) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN steep_repl.progress_slots(p_id) -> 0;
END
$$;

COMMENT ON TYPE steep_repl.operation_progress_type IS 'how far an operation is';
COMMENT ON FUNCTION steep_repl.progress_slots(bigint) IS
  'the jobs of this database that run or have just run, as the shared memory has them; internal';
COMMENT ON FUNCTION steep_repl.operation_progress(bigint) IS
  'how far jobs are that run, and how those ended that have just run';
COMMENT ON FUNCTION steep_repl.current_progress() IS
  'the operation that runs, else the one that ended last; internal';
COMMENT ON FUNCTION steep_repl.is_operation_active() IS 'whether a job runs in this database';
COMMENT ON FUNCTION steep_repl.get_progress() IS
  'how far the operation is that runs, or the one that ended last; null if there is none';
COMMENT ON FUNCTION steep_repl.get_progress_percent() IS 'while it runs, or once it is complete';
COMMENT ON FUNCTION steep_repl.get_progress_phase() IS
  'while it runs, or once it is complete or has failed';
COMMENT ON FUNCTION steep_repl.get_progress_current_table() IS 'while it runs and has one';
COMMENT ON FUNCTION steep_repl.get_progress_eta_seconds() IS 'while it runs and that is known';
COMMENT ON FUNCTION steep_repl.get_progress_error() IS 'once it has failed';
COMMENT ON FUNCTION steep_repl.get_progress_throughput() IS 'bytes a second, while it runs';
COMMENT ON FUNCTION steep_repl.get_progress_work_queue_id() IS 'the number of the job';
COMMENT ON FUNCTION steep_repl.get_progress_operation_id() IS
  'the id of its snapshot or merge, else its number';
COMMENT ON FUNCTION steep_repl.get_progress_operation_type() IS 'its kind';
COMMENT ON FUNCTION steep_repl.get_progress_tables_completed() IS 'tables that are done';
COMMENT ON FUNCTION steep_repl.get_progress_tables_total() IS 'tables that it is about';
COMMENT ON FUNCTION steep_repl.get_progress_bytes_processed() IS 'bytes that are done';
COMMENT ON FUNCTION steep_repl.get_progress_bytes_total() IS 'bytes that it is about, 0 if unknown';
COMMENT ON FUNCTION steep_repl.get_progress_rows_processed() IS 'rows that are done';
COMMENT ON FUNCTION steep_repl.get_progress_rows_total() IS 'rows that it is about, 0 if unknown';
COMMENT ON FUNCTION steep_repl.progress_of(bigint) IS 'the slot of one job; internal';

GRANT EXECUTE ON FUNCTION
  steep_repl.progress_slots(bigint), steep_repl.operation_progress(bigint),
  steep_repl.current_progress(), steep_repl.is_operation_active(), steep_repl.get_progress(),
  steep_repl.get_progress_percent(), steep_repl.get_progress_phase(),
  steep_repl.get_progress_current_table(), steep_repl.get_progress_eta_seconds(),
  steep_repl.get_progress_error(), steep_repl.get_progress_throughput(),
  steep_repl.get_progress_work_queue_id(), steep_repl.get_progress_operation_id(),
  steep_repl.get_progress_operation_type(), steep_repl.get_progress_tables_completed(),
  steep_repl.get_progress_tables_total(), steep_repl.get_progress_bytes_processed(),
  steep_repl.get_progress_bytes_total(), steep_repl.get_progress_rows_processed(),
  steep_repl.get_progress_rows_total(), steep_repl.progress_of(bigint)
  TO PUBLIC;
