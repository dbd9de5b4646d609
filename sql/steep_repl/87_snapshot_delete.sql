-- Deleting snapshots: their rows at once, their files by a job, after which the row goes too.

-- One job at a time makes or removes files, and no other uses them meanwhile. The row stays locked,
-- so that of two who come at once the second one sees the job of the first.
CREATE FUNCTION steep_repl.require_idle_snapshot(p_operation text, p_id text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  busy steep_repl.work_queue;
BEGIN
  PERFORM FROM steep_repl.snapshots WHERE snapshot_id = p_id FOR UPDATE;
  IF p_operation = 'snapshot_generate'
     AND EXISTS (SELECT FROM steep_repl.snapshots
                  WHERE snapshot_id = p_id AND checksum IS NOT NULL) THEN
    RAISE EXCEPTION 'snapshot "%" is there already', p_id
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Take another one with steep_repl.start_snapshot().';
  END IF;
  SELECT * INTO busy FROM steep_repl.work_queue AS w
   WHERE w.snapshot_id = p_id
     AND ('snapshot_delete' IN (p_operation, w.operation) OR p_operation = 'snapshot_generate')
     AND (w.status IN ('pending', 'running')
          -- What it has left behind is being removed, or its slot is in use; a deletion leaves
          -- nothing.
          OR p_operation IN ('snapshot_generate', 'snapshot_delete')
             AND w.operation <> 'snapshot_delete'
             AND (w.needs_undo AND w.undo_attempts < steep_repl.undo_limit()
                  OR (w.needs_undo OR p_operation = 'snapshot_delete')
                     AND steep_repl.is_in_hand(w)))
   ORDER BY w.id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'snapshot "%" is in use by job %', p_id, busy.id
      USING ERRCODE = 'object_in_use',
            HINT = CASE WHEN busy.status IN ('pending', 'running')
                        THEN format('Wait for it with steep_repl.wait_operation(%s), or cancel it.',
                                    busy.id)
                        ELSE 'Its worker is not done with it: try again in a moment.' END;
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_idle_snapshot(text, text) IS
  'refuses a job about a snapshot that another job forbids; internal';

-- The kept slot of a snapshot, as long as nobody has read changes from it: after that it is the
-- reader's, who would miss what comes next.
CREATE FUNCTION steep_repl.kept_slot(p_snapshot_id text) RETURNS name
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT r.slot_name
  FROM steep_repl.snapshots AS s
  JOIN pg_catalog.pg_replication_slots AS r ON r.slot_name = s.manifest ->> 'slot_name'
 WHERE s.snapshot_id = p_snapshot_id
   AND r.database = current_database() AND r.confirmed_flush_lsn = s.lsn::pg_lsn
   AND NOT EXISTS (SELECT FROM steep_repl.init_slots AS i
                    WHERE i.slot_name = r.slot_name AND i.used_at IS NOT NULL)
$$;
COMMENT ON FUNCTION steep_repl.kept_slot(text) IS
  'the replication slot of a snapshot that nobody has used yet; internal';

-- With the rights of the role in effect, and never to be rolled back.
CREATE FUNCTION steep_repl.drop_kept_slot(p_snapshot_id text) RETURNS name
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  slot name := steep_repl.kept_slot(p_snapshot_id);
BEGIN
  IF slot IS NOT NULL THEN
    PERFORM pg_drop_replication_slot(slot);
  END IF;
  RETURN slot;
END
$$;
COMMENT ON FUNCTION steep_repl.drop_kept_slot(text) IS
  'drops the replication slot of a snapshot that nobody has used yet; internal';

-- The end of a row, once nothing is left that it tells of. The jobs about it go too, but not the
-- one that has removed its files.
CREATE FUNCTION steep_repl.erase_snapshot(p_id text, p_actor text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  erased steep_repl.snapshots;
BEGIN
  UPDATE steep_repl.work_queue SET snapshot_id = NULL
   WHERE snapshot_id = p_id AND operation = 'snapshot_delete';
  DELETE FROM steep_repl.snapshots WHERE snapshot_id = p_id RETURNING * INTO erased;
  DELETE FROM steep_repl.init_slots
   WHERE slot_name = erased.manifest ->> 'slot_name' AND used_at IS NULL;
  PERFORM steep_repl.write_audit('snapshot.deleted', p_actor, 'snapshot', p_id,
                                 to_jsonb(erased) - 'manifest');
END
$$;
COMMENT ON FUNCTION steep_repl.erase_snapshot(text, text) IS
  'deletes the row of a snapshot; internal';

-- Behind forget_snapshot().
CREATE FUNCTION steep_repl.forget_for(p_role oid, p_id text) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner name;
BEGIN
  SELECT s.requested_by INTO owner FROM steep_repl.snapshots AS s
   WHERE s.snapshot_id = p_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM steep_repl.require_parent(p_role, 'snapshot', p_id, owner);
  PERFORM steep_repl.require_idle_snapshot('snapshot_delete', p_id);
  PERFORM steep_repl.erase_snapshot(p_id, steep_repl.actor());
  RETURN true;
END
$$;
COMMENT ON FUNCTION steep_repl.forget_for(oid, text) IS
  'deletes the row of a snapshot on behalf of a role; internal';

CREATE FUNCTION steep_repl.forget_snapshot(p_id text) RETURNS boolean
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_forget_snapshot';
COMMENT ON FUNCTION steep_repl.forget_snapshot(text) IS
  'deletes the row of a snapshot of the role in effect; internal';

-- What happens to the row while a job removes the files: a deletion that comes to nothing leaves it
-- as it was, one that has begun leaves a snapshot that is none any more.
CREATE FUNCTION steep_repl.follow_deletion(p_work steep_repl.work_queue) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  CASE (p_work).status
    WHEN 'pending' THEN
      UPDATE steep_repl.snapshots
         SET former_status = status, status = 'deleting', error_message = NULL
       WHERE snapshot_id = (p_work).snapshot_id;
    WHEN 'running' THEN
      NULL;
    WHEN 'complete' THEN
      PERFORM steep_repl.erase_snapshot((p_work).snapshot_id, steep_repl.operation_actor(p_work));
    ELSE
      UPDATE steep_repl.snapshots
         SET status = former_status, former_status = NULL,
             error_message = 'not deleted: ' || (p_work).error_message
       WHERE snapshot_id = (p_work).snapshot_id;
  END CASE;
END
$$;
COMMENT ON FUNCTION steep_repl.follow_deletion(steep_repl.work_queue) IS
  'follows the deletion of the files of a snapshot in its row; internal';

-- The worker's own: from here on files are missing.
CREATE FUNCTION steep_repl.begin_deletion(p_id bigint) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE steep_repl.snapshots AS s
     SET former_status = 'failed'
    FROM steep_repl.work_queue AS w
   WHERE w.id = p_id AND w.snapshot_id = s.snapshot_id AND w.status = 'running';
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION steep_repl.begin_deletion(bigint) IS
  'writes down that a job has begun to remove files; internal';

CREATE FUNCTION steep_repl.delete_snapshot(p_id text, p_remove_files boolean DEFAULT false)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  path text;
  slot name;
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id);
  PERFORM steep_repl.require_argument('p_remove_files', p_remove_files::text);
  IF NOT p_remove_files THEN
    slot := steep_repl.kept_slot(p_id);
    IF NOT steep_repl.forget_snapshot(p_id) THEN
      RETURN false;
    END IF;
    IF slot IS NOT NULL THEN
      -- Last, as a rollback would not bring it back; an error here keeps the row.
      PERFORM pg_drop_replication_slot(slot);
    END IF;
    RETURN true;
  END IF;
  SELECT s.storage_path INTO path FROM steep_repl.snapshots AS s WHERE s.snapshot_id = p_id;
  IF NOT FOUND THEN
    RETURN false;
  ELSIF path IS NULL THEN
    RAISE EXCEPTION 'snapshot "%" has no files', p_id
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Delete it without its files.';
  END IF;
  PERFORM steep_repl.check_snapshot_path(path, 'pg_write_server_files');
  PERFORM steep_repl.enqueue('snapshot_delete', p_id, NULL, '{}', NULL);
  RETURN true;
END
$$;
COMMENT ON FUNCTION steep_repl.delete_snapshot(text, boolean) IS
  'deletes a snapshot, with its files by a job; false if there is none of that id';

REVOKE ALL ON FUNCTION
  steep_repl.require_idle_snapshot(text, text), steep_repl.kept_slot(text),
  steep_repl.drop_kept_slot(text), steep_repl.erase_snapshot(text, text),
  steep_repl.forget_for(oid, text), steep_repl.forget_snapshot(text),
  steep_repl.follow_deletion(steep_repl.work_queue), steep_repl.begin_deletion(bigint),
  steep_repl.delete_snapshot(text, boolean)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.kept_slot(text), steep_repl.drop_kept_slot(text), steep_repl.forget_snapshot(text),
  steep_repl.delete_snapshot(text, boolean)
  TO steep_repl_operator;
