-- What listeners on steep_repl_progress hear.  A payload has fewer than 8000 bytes: of a long
-- error there is a part, and the whole is in the queue.

-- The longest beginning of a text that takes no more bytes in JSON.
CREATE FUNCTION steep_repl.json_prefix(p_text text, p_bytes integer) RETURNS text
  LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fits integer := 0;
  not_surely integer := length(p_text);
  half integer;
BEGIN
  IF octet_length(to_json(p_text)::text) <= p_bytes THEN
    RETURN p_text;
  END IF;
  WHILE fits < not_surely LOOP
    half := (fits + not_surely + 1) / 2;
    IF octet_length(to_json(left(p_text, half))::text) <= p_bytes THEN
      fits := half;
    ELSE
      not_surely := half - 1;
    END IF;
  END LOOP;
  RETURN left(p_text, fits);
END
$$;

CREATE FUNCTION steep_repl.progress_payload(
  p_operation_type text, p_operation_id text, p_status text, p_phase text, p_percent real,
  p_tables_completed integer, p_tables_total integer, p_current_table text, p_bytes bigint,
  p_eta_seconds integer, p_error text, p_work_id bigint, p_seq bigint) RETURNS text
  LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id text := steep_repl.json_prefix(p_operation_id, 1000);
  payload jsonb := jsonb_strip_nulls(jsonb_build_object(
    'op', steep_repl.json_prefix(p_operation_type, 100),
    'id', id,
    'snapshot_id', CASE WHEN p_operation_type LIKE 'snapshot%' THEN id END,
    'merge_id', CASE WHEN p_operation_type LIKE '%merge' THEN id END,
    'work_id', p_work_id,
    'phase', steep_repl.json_prefix(p_phase, 100),
    'status', steep_repl.json_prefix(p_status, 100),
    'percent', round(p_percent::numeric, 1),
    'tables_completed', p_tables_completed,
    'tables_total', p_tables_total,
    'table', steep_repl.json_prefix(nullif(p_current_table, ''), 1000),
    'bytes', p_bytes,
    'eta', nullif(p_eta_seconds, 0),
    'eta_seconds', nullif(p_eta_seconds, 0),
    'seq', p_seq));
  whole jsonb := payload || jsonb_strip_nulls(jsonb_build_object('error', nullif(p_error, '')));
BEGIN
  IF octet_length(whole::text) < 7900 THEN
    RETURN whole::text;
  END IF;
  payload := payload || '{"error": "", "error_truncated": true}';
  RETURN (payload || jsonb_build_object(
    'error', steep_repl.json_prefix(p_error, 7899 + 2 - octet_length(payload::text))))::text;
END
$$;

CREATE FUNCTION steep_repl.send_progress_notify(payload text) RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.require_argument('payload', payload);
SELECT pg_notify('steep_repl_progress', payload)
$$;

CREATE FUNCTION steep_repl.notify_operation_progress(
  p_operation_type text, p_operation_id text, p_phase text, p_percent real,
  p_tables_completed integer DEFAULT 0, p_tables_total integer DEFAULT 0,
  p_current_table text DEFAULT NULL, p_bytes_processed bigint DEFAULT 0,
  p_eta_seconds integer DEFAULT NULL, p_error text DEFAULT NULL) RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.require_argument('p_operation_type', p_operation_type),
       steep_repl.require_argument('p_operation_id', p_operation_id),
       steep_repl.require_argument('p_phase', p_phase),
       steep_repl.require_argument('p_percent', p_percent::text);
SELECT pg_notify('steep_repl_progress', steep_repl.progress_payload(
  p_operation_type, p_operation_id, 'running', p_phase, p_percent, p_tables_completed,
  p_tables_total, p_current_table, p_bytes_processed, p_eta_seconds, p_error, NULL, NULL))
$$;

CREATE FUNCTION steep_repl.notify_operation_complete(p_operation_type text, p_operation_id text)
  RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.require_argument('p_operation_type', p_operation_type),
       steep_repl.require_argument('p_operation_id', p_operation_id);
SELECT pg_notify('steep_repl_progress', steep_repl.progress_payload(
  p_operation_type, p_operation_id, 'complete', 'complete', 100, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL))
$$;

CREATE FUNCTION steep_repl.notify_operation_failed(
  p_operation_type text, p_operation_id text, p_error text) RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.require_argument('p_operation_type', p_operation_type),
       steep_repl.require_argument('p_operation_id', p_operation_id);
SELECT pg_notify('steep_repl_progress', steep_repl.progress_payload(
  p_operation_type, p_operation_id, 'failed', 'failed', NULL, NULL, NULL, NULL, NULL, NULL,
  p_error, NULL, NULL))
$$;

-- Announces a slot of shared memory.
CREATE FUNCTION steep_repl.announce_slot(p_slot jsonb) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_notify('steep_repl_progress', steep_repl.progress_payload(
    s.operation_type, s.operation_id, s.status, s.phase, s.overall_percent, s.tables_completed,
    s.tables_total, s.current_table, s.bytes_processed, s.eta_seconds, s.error_message,
    s.work_queue_id, s.seq))
    FROM jsonb_to_record(p_slot) AS s(
         operation_type text, operation_id text, status text, phase text, overall_percent real,
         tables_completed integer, tables_total integer, current_table text, bytes_processed bigint,
         eta_seconds integer, error_message text, work_queue_id bigint, seq bigint)
   WHERE p_slot IS NOT NULL;
END
$$;

CREATE FUNCTION steep_repl.broadcast_progress() RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.announce_slot(steep_repl.progress_of((progress).work_queue_id))
  FROM steep_repl.current_progress()
$$;

-- The end of a job: it is in its table by the time that listeners hear of it. They may be of any
-- role, so they hear what went wrong, but no values, which stand in details and hints.
CREATE FUNCTION steep_repl.notify_end(p_work steep_repl.work_queue) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_notify('steep_repl_progress', steep_repl.progress_payload(
    (p_work).operation, steep_repl.operation_id(p_work), (p_work).status, (p_work).status,
    CASE (p_work).status WHEN 'complete' THEN 100
                         ELSE ((p_work).progress ->> 'overall_percent')::real END,
    ((p_work).progress ->> 'tables_completed')::integer,
    ((p_work).progress ->> 'tables_total')::integer, NULL,
    ((p_work).progress ->> 'bytes_processed')::bigint, NULL,
    regexp_replace((p_work).error_message, '\n(DETAIL|HINT): .*$', ''), (p_work).id,
    coalesce(((p_work).progress ->> 'seq')::bigint, 0) + 1));
END
$$;

-- The worker's own: writes the progress of its job to the tables, announces it, or both.
CREATE FUNCTION steep_repl.share_progress(p_id bigint, p_persist boolean, p_announce boolean)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  slot jsonb := steep_repl.progress_of(p_id);
BEGIN
  IF p_persist AND slot IS NOT NULL THEN
    -- A row that somebody holds is written the next time.
    UPDATE steep_repl.work_queue
       SET progress = slot, heartbeat_at = clock_timestamp()
     WHERE id = (SELECT id FROM steep_repl.work_queue
                  WHERE id = p_id AND status = 'running' FOR UPDATE SKIP LOCKED);
    PERFORM steep_repl.persist_in_parent(w, slot) FROM steep_repl.work_queue AS w WHERE w.id = p_id;
  END IF;
  IF p_announce THEN
    PERFORM steep_repl.announce_slot(slot);
  END IF;
END
$$;

CREATE FUNCTION steep_repl.persist_in_parent(p_work steep_repl.work_queue, p_slot jsonb)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The row of a snapshot whose files are being removed tells how it was made.
  IF p_slot IS NULL OR (p_work).operation = 'snapshot_delete' THEN
    RETURN;
  ELSIF (p_work).snapshot_id IS NOT NULL THEN
    UPDATE steep_repl.snapshots
       SET phase = CASE WHEN s.phase IN ('schema', 'data', 'indexes', 'constraints', 'sequences',
                                         'verify', 'finalizing') THEN s.phase
                        ELSE snapshots.phase END,
           overall_percent = s.overall_percent,
           current_table = nullif(s.current_table, ''),
           table_count = s.tables_total,
           tables_completed = least(s.tables_completed, s.tables_total),
           bytes_written = s.bytes_processed,
           rows_total = s.rows_total,
           rows_written = s.rows_processed,
           throughput_bytes_sec = s.throughput_bytes_sec,
           eta_seconds = s.eta_seconds,
           heartbeat_at = clock_timestamp()
      FROM jsonb_to_record(p_slot) AS s(
           phase text, overall_percent real, current_table text, tables_total integer,
           tables_completed integer, bytes_processed bigint, rows_total bigint,
           rows_processed bigint, throughput_bytes_sec real, eta_seconds integer)
     WHERE snapshot_id = (p_work).snapshot_id;
  ELSIF (p_work).merge_id IS NOT NULL THEN
    UPDATE steep_repl.merge_operations
       SET phase = CASE WHEN s.phase IN ('analyzing', 'merging', 'verifying', 'finalizing')
                          THEN s.phase
                        ELSE merge_operations.phase END,
           overall_percent = s.overall_percent,
           current_table = nullif(s.current_table, ''),
           tables_total = s.tables_total,
           tables_completed = s.tables_completed,
           heartbeat_at = clock_timestamp()
      FROM jsonb_to_record(p_slot) AS s(
           phase text, overall_percent real, current_table text, tables_total integer,
           tables_completed integer)
     WHERE merge_id = (p_work).merge_id;
  END IF;
END
$$;

COMMENT ON FUNCTION steep_repl.json_prefix(text, integer) IS
  'as much of a text as takes no more bytes in JSON; internal';
COMMENT ON FUNCTION steep_repl.progress_payload(text, text, text, text, real, integer, integer, text, bigint, integer, text, bigint, bigint) IS
  'what a notification says, as JSON of fewer than 8000 bytes';
COMMENT ON FUNCTION steep_repl.send_progress_notify(text) IS
  'sends any text to the listeners on steep_repl_progress';
COMMENT ON FUNCTION steep_repl.notify_operation_progress(text, text, text, real, integer, integer, text, bigint, integer, text) IS
  'tells listeners how far an operation is';
COMMENT ON FUNCTION steep_repl.notify_operation_complete(text, text) IS
  'tells listeners that an operation is complete';
COMMENT ON FUNCTION steep_repl.notify_operation_failed(text, text, text) IS
  'tells listeners that an operation has failed';
COMMENT ON FUNCTION steep_repl.announce_slot(jsonb) IS 'tells listeners of a slot; internal';
COMMENT ON FUNCTION steep_repl.broadcast_progress() IS
  'tells listeners of the operation that runs, or ended last; nothing if there is none';
COMMENT ON FUNCTION steep_repl.notify_end(steep_repl.work_queue) IS
  'tells listeners how a job ended; internal';
COMMENT ON FUNCTION steep_repl.share_progress(bigint, boolean, boolean) IS
  'writes and announces the progress of a job; internal';
COMMENT ON FUNCTION steep_repl.persist_in_parent(steep_repl.work_queue, jsonb) IS
  'writes the progress of a job to its snapshot or merge; internal';

REVOKE ALL ON FUNCTION
  steep_repl.json_prefix(text, integer), steep_repl.send_progress_notify(text),
  steep_repl.notify_operation_progress(text, text, text, real, integer, integer, text, bigint, integer, text),
  steep_repl.notify_operation_complete(text, text),
  steep_repl.notify_operation_failed(text, text, text),
  steep_repl.announce_slot(jsonb), steep_repl.notify_end(steep_repl.work_queue),
  steep_repl.share_progress(bigint, boolean, boolean),
  steep_repl.persist_in_parent(steep_repl.work_queue, jsonb),
  steep_repl.progress_payload(text, text, text, text, real, integer, integer, text, bigint, integer, text, bigint, bigint),
  steep_repl.broadcast_progress()
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.json_prefix(text, integer), steep_repl.send_progress_notify(text),
  steep_repl.notify_operation_progress(text, text, text, real, integer, integer, text, bigint, integer, text),
  steep_repl.notify_operation_complete(text, text),
  steep_repl.notify_operation_failed(text, text, text),
  steep_repl.announce_slot(jsonb), steep_repl.broadcast_progress(),
  steep_repl.progress_payload(text, text, text, text, real, integer, integer, text, bigint, integer, text, bigint, bigint)
  TO steep_repl_operator;
