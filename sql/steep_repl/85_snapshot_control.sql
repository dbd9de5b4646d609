-- Watching snapshots, waiting for them and cancelling them, by their ids.

-- Who may see the job may see its snapshot or merge.
ALTER TABLE steep_repl.snapshots ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_snapshots ON steep_repl.snapshots FOR SELECT
  USING (requested_by = current_user
         OR EXISTS (SELECT FROM steep_repl.work_queue AS w
                     WHERE w.snapshot_id = snapshots.snapshot_id));
CREATE POLICY all_snapshots ON steep_repl.snapshots FOR SELECT TO steep_repl_reader
  USING (true);
ALTER TABLE steep_repl.merge_operations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_merges ON steep_repl.merge_operations FOR SELECT
  USING (requested_by = current_user
         OR EXISTS (SELECT FROM steep_repl.work_queue AS w
                     WHERE w.merge_id = merge_operations.merge_id));
CREATE POLICY all_merges ON steep_repl.merge_operations FOR SELECT TO steep_repl_reader
  USING (true);
GRANT SELECT ON TABLE steep_repl.snapshots, steep_repl.merge_operations TO PUBLIC;

-- One snapshot, live where its job runs; without an id those that are not done, the newest first.
CREATE FUNCTION steep_repl.snapshot_progress(p_snapshot_id text DEFAULT NULL)
  RETURNS TABLE (snapshot_id text, phase text, overall_percent double precision,
                 tables_completed integer, tables_total integer, current_table text,
                 bytes_processed bigint, eta_seconds integer, error text)
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT s.snapshot_id,
       coalesce(p.phase, s.phase),
       coalesce(p.overall_percent, s.overall_percent)::double precision,
       coalesce(p.tables_completed, s.tables_completed),
       coalesce(p.tables_total, s.table_count),
       CASE WHEN p.operation_id IS NULL THEN s.current_table ELSE p.current_table END,
       coalesce(p.bytes_processed, s.bytes_written),
       CASE WHEN p.operation_id IS NULL THEN nullif(s.eta_seconds, 0) ELSE p.eta_seconds END,
       CASE WHEN s.status = 'failed' THEN s.error_message END
  FROM steep_repl.snapshots AS s
  LEFT JOIN LATERAL (
       SELECT o.* FROM steep_repl.operation_progress() AS o
         JOIN steep_repl.work_queue AS w ON w.id = o.work_queue_id
        WHERE w.snapshot_id = s.snapshot_id AND o.started_at >= w.created_at AND NOT o.is_stale
        ORDER BY o.started_at DESC LIMIT 1) AS p ON true
 WHERE CASE WHEN p_snapshot_id IS NULL
            THEN s.status IN ('pending', 'generating', 'applying', 'deleting')
            ELSE s.snapshot_id = p_snapshot_id END
 ORDER BY p.ended_at IS NULL AND p.operation_id IS NOT NULL DESC, s.created_at DESC
 LIMIT 10
$$;
COMMENT ON FUNCTION steep_repl.snapshot_progress(text) IS
  'how far a snapshot is, or those that are not done';

CREATE FUNCTION steep_repl.cancel_snapshot(p_snapshot_id text) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  job bigint;
BEGIN
  PERFORM steep_repl.require_argument('p_snapshot_id', p_snapshot_id);
  SELECT max(w.id) INTO job
    FROM steep_repl.work_queue AS w
   WHERE w.snapshot_id = p_snapshot_id AND w.status IN ('pending', 'running');
  RETURN job IS NOT NULL AND steep_repl.cancel_operation(job);
END
$$;
COMMENT ON FUNCTION steep_repl.cancel_snapshot(text) IS
  'cancels the job of a snapshot; false if none waits or runs';

-- Waits until a snapshot is done, however that ends: each look sees what others have committed.
CREATE FUNCTION steep_repl.wait_snapshot(
  p_snapshot_id text, p_timeout_seconds integer DEFAULT 86400)
  RETURNS steep_repl.snapshots
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  snapshot steep_repl.snapshots;
  deadline timestamptz := clock_timestamp() + make_interval(secs => p_timeout_seconds);
BEGIN
  PERFORM steep_repl.require_argument('p_snapshot_id', p_snapshot_id);
  PERFORM steep_repl.require_argument('p_timeout_seconds', p_timeout_seconds::text);
  PERFORM steep_repl.require_read_committed('wait_snapshot()');
  LOOP
    SELECT * INTO snapshot FROM steep_repl.snapshots AS s WHERE s.snapshot_id = p_snapshot_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'snapshot "%" not found', p_snapshot_id USING ERRCODE = 'undefined_object';
    END IF;
    EXIT WHEN snapshot.status IN ('complete', 'applied', 'failed', 'cancelled', 'expired');
    PERFORM steep_repl.require_committed(w.id) FROM steep_repl.work_queue AS w
      WHERE w.snapshot_id = p_snapshot_id AND w.status = 'pending';
    IF clock_timestamp() >= deadline THEN
      RAISE EXCEPTION 'snapshot "%" is still % after % s', p_snapshot_id, snapshot.status,
                      p_timeout_seconds
        USING ERRCODE = 'SR001',
              HINT = 'Its job goes on; call steep_repl.wait_snapshot() again, or cancel it.';
    END IF;
    PERFORM pg_sleep(1);
  END LOOP;
  RETURN snapshot;
END
$$;
COMMENT ON FUNCTION steep_repl.wait_snapshot(text, integer) IS
  'waits until a snapshot is done; returns its row';

REVOKE ALL ON FUNCTION
  steep_repl.snapshot_progress(text), steep_repl.cancel_snapshot(text),
  steep_repl.wait_snapshot(text, integer)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.snapshot_progress(text), steep_repl.cancel_snapshot(text),
  steep_repl.wait_snapshot(text, integer)
  TO PUBLIC;
