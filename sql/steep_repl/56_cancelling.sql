-- How a job is cancelled.

-- Behind cancel_operation(): 'cancelled' at once, 'running' if the worker has to be told, 'none'.
CREATE FUNCTION steep_repl.request_cancel(p_role oid, p_id bigint) RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
BEGIN
  SELECT * INTO work FROM steep_repl.work_queue WHERE id = p_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'none';
  ELSIF NOT (steep_repl.is_from_here(work) AND pg_has_role(p_role, work.requested_role, 'USAGE'))
        AND NOT pg_has_role(p_role, 'steep_repl_admin', 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to cancel job %', p_id
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'Only the role that has queued a job and members of role "steep_repl_admin"'
                     ' may cancel it.';
  ELSIF work.status = 'pending' THEN
    UPDATE steep_repl.work_queue
       SET status = 'cancelled', completed_at = clock_timestamp(), cancel_requested = true,
           error_message = 'cancelled on request before it was started'
     WHERE id = p_id RETURNING * INTO work;
    PERFORM steep_repl.tell_end(work);
    RETURN 'cancelled';
  ELSIF work.status = 'running' THEN
    UPDATE steep_repl.work_queue SET cancel_requested = true WHERE id = p_id;
    RETURN 'running';
  END IF;
  RETURN 'none';
END
$$;
COMMENT ON FUNCTION steep_repl.request_cancel(oid, bigint) IS
  'cancels a job on behalf of a role; internal';

CREATE FUNCTION steep_repl.cancel_operation(p_id bigint) RETURNS boolean
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_cancel_operation';
COMMENT ON FUNCTION steep_repl.cancel_operation(bigint) IS
  'cancels a job that waits or runs; false if there is none of that number, or it has ended';

CREATE FUNCTION steep_repl.cancel_work(p_id bigint) RETURNS boolean
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.cancel_operation(p_id)
$$;
COMMENT ON FUNCTION steep_repl.cancel_work(bigint) IS 'the same as cancel_operation()';

REVOKE ALL ON ROUTINE
  steep_repl.request_cancel(oid, bigint), steep_repl.cancel_operation(bigint),
  steep_repl.cancel_work(bigint)
  FROM PUBLIC;
GRANT EXECUTE ON ROUTINE
  steep_repl.cancel_operation(bigint), steep_repl.cancel_work(bigint)
  TO PUBLIC;
