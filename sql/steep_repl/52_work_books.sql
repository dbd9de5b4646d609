-- How a job is followed: by name, in the row of its snapshot or merge, in the log.

CREATE FUNCTION steep_repl.operation_id(p_work steep_repl.work_queue) RETURNS text
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce((p_work).snapshot_id, (p_work).merge_id::text, (p_work).id::text)
$$;
COMMENT ON FUNCTION steep_repl.operation_id(steep_repl.work_queue) IS
  'the id of the snapshot or merge of a job, else its number';

CREATE FUNCTION steep_repl.operation_actor(p_work steep_repl.work_queue) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  taken_on text := ' as ' || (SELECT r.rolname FROM pg_catalog.pg_roles AS r
                               WHERE r.oid = (p_work).requested_role
                                 AND r.rolname <> (p_work).requested_by);
BEGIN
  RETURN (p_work).requested_by || coalesce(taken_on, '') || '@job';
END
$$;
COMMENT ON FUNCTION steep_repl.operation_actor(steep_repl.work_queue) IS
  'who has queued a job, as the audit log names him';

-- Follows a job in the row of its snapshot or merge.
CREATE FUNCTION steep_repl.follow_work(p_work steep_repl.work_queue) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (p_work).snapshot_id IS NOT NULL AND (p_work).operation = 'snapshot_delete' THEN
    PERFORM steep_repl.follow_deletion(p_work);
  ELSIF (p_work).snapshot_id IS NOT NULL THEN
    UPDATE steep_repl.snapshots AS s
       SET status = CASE (p_work).status
                      WHEN 'pending' THEN 'pending'
                      WHEN 'running'
                        THEN CASE (p_work).operation WHEN 'snapshot_apply' THEN 'applying'
                                                     ELSE 'generating' END
                      WHEN 'complete'
                        THEN CASE (p_work).operation WHEN 'snapshot_apply' THEN 'applied'
                                                     ELSE 'complete' END
                      ELSE (p_work).status END,
           phase = CASE (p_work).status WHEN 'pending' THEN 'idle' WHEN 'complete' THEN 'complete'
                                        WHEN 'failed' THEN 'failed' ELSE phase END,
           overall_percent = CASE (p_work).status WHEN 'pending' THEN 0 WHEN 'complete' THEN 100
                                                  ELSE overall_percent END,
           error_message = (p_work).error_message,
           started_at = (p_work).started_at,
           completed_at = (p_work).completed_at
     WHERE s.snapshot_id = (p_work).snapshot_id;
  ELSIF (p_work).merge_id IS NOT NULL THEN
    UPDATE steep_repl.merge_operations AS m
       SET status = (p_work).status,
           phase = CASE (p_work).status WHEN 'pending' THEN 'idle' ELSE phase END,
           overall_percent = CASE (p_work).status WHEN 'pending' THEN 0 WHEN 'complete' THEN 100
                                                  ELSE overall_percent END,
           error_message = (p_work).error_message,
           started_at = (p_work).started_at,
           completed_at = (p_work).completed_at
     WHERE m.merge_id = (p_work).merge_id;
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.follow_work(steep_repl.work_queue) IS
  'follows a job in the row of its snapshot or merge; internal';

-- The end of a job, whoever tells it: its parent row, the log, the listeners.
CREATE FUNCTION steep_repl.tell_end(p_work steep_repl.work_queue) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.follow_work(p_work);
  PERFORM steep_repl.write_audit(
    'operation.' || CASE (p_work).status WHEN 'complete' THEN 'completed' ELSE (p_work).status END,
    steep_repl.operation_actor(p_work), 'operation', (p_work).id::text,
    NULL, jsonb_build_object('operation', (p_work).operation),
    CASE WHEN (p_work).status <> 'complete'
         THEN coalesce((p_work).error_message, 'no reason given') END);
  PERFORM steep_repl.notify_end(p_work);
END
$$;
COMMENT ON FUNCTION steep_repl.tell_end(steep_repl.work_queue) IS
  'tells log and listeners how a job ended; internal';

REVOKE ALL ON ROUTINE
  steep_repl.operation_id(steep_repl.work_queue),
  steep_repl.operation_actor(steep_repl.work_queue),
  steep_repl.follow_work(steep_repl.work_queue), steep_repl.tell_end(steep_repl.work_queue)
  FROM PUBLIC;
