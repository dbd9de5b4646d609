-- How a job ends, and what becomes of those whose worker is gone.

-- Takes a running job to its end; false if it is not running any more.
CREATE FUNCTION steep_repl.finish_work(p_id bigint, p_status text, p_error text) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
BEGIN
  UPDATE steep_repl.work_queue AS w
     SET status = p_status,
         error_message = nullif(p_error, ''),
         completed_at = clock_timestamp(),
         heartbeat_at = clock_timestamp(),
         progress = coalesce(steep_repl.progress_of(p_id), w.progress)
                    || jsonb_build_object('status', p_status, 'phase', p_status, 'eta_seconds', 0)
                    || CASE p_status WHEN 'complete' THEN '{"overall_percent": 100}' ELSE '{}' END
                       ::jsonb,
         needs_undo = w.needs_undo AND p_status <> 'complete'
   WHERE w.id = p_id AND w.status = 'running'
  RETURNING * INTO work;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM steep_repl.persist_in_parent(work, work.progress);
  PERFORM steep_repl.tell_end(work);
  RETURN true;
END
$$;
COMMENT ON FUNCTION steep_repl.finish_work(bigint, text, text) IS
  'takes a running job to its end; internal';

CREATE FUNCTION steep_repl.finish_undo(p_id bigint) RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
UPDATE steep_repl.work_queue SET needs_undo = false WHERE id = p_id
$$;
COMMENT ON FUNCTION steep_repl.finish_undo(bigint) IS 'nothing of a job is left behind; internal';

CREATE FUNCTION steep_repl.complete_work(p_id bigint) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  RETURN steep_repl.finish_work(p_id, 'complete', NULL);
END
$$;
COMMENT ON FUNCTION steep_repl.complete_work(bigint) IS
  'a running job is complete; false if it is not running';

CREATE FUNCTION steep_repl.fail_work(p_id bigint, p_error text) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  RETURN steep_repl.finish_work(p_id, 'failed', p_error);
END
$$;
COMMENT ON FUNCTION steep_repl.fail_work(bigint, text) IS
  'a running job has failed; false if it is not running';

-- Running jobs whose worker is gone have failed.
CREATE FUNCTION steep_repl.recover_abandoned_work() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
  recovered integer := 0;
  message text;
BEGIN
  -- A row that somebody holds must not hold up the rest.
  FOR work IN
    SELECT * FROM steep_repl.work_queue AS w
     WHERE w.status = 'running' AND NOT steep_repl.is_in_hand(w)
     ORDER BY w.id FOR UPDATE SKIP LOCKED
  LOOP
    message := format(
      'the worker (pid %s) ended before the job did: server restart, crash or termination',
      coalesce(work.worker_pid::text, 'unknown'));
    BEGIN
      PERFORM steep_repl.finish_work(work.id, 'failed', message);
    EXCEPTION WHEN OTHERS THEN
      -- One bad row must not keep the others from their end.
      UPDATE steep_repl.work_queue
         SET status = 'failed', completed_at = clock_timestamp(), error_message = message
       WHERE id = work.id;
      RAISE WARNING 'the end of job % could not be told: %', work.id, SQLERRM;
    END;
    recovered := recovered + 1;
  END LOOP;
  RETURN recovered;
END
$$;
COMMENT ON FUNCTION steep_repl.recover_abandoned_work() IS
  'fails the running jobs whose worker is gone; returns how many';

-- Mends the queue after a worker has died, sees to what has expired, and says whose turn it is:
-- "role login left expires", where the roles are OIDs, 0 for nobody, left is 1 when a row could not
-- be mended yet, and expires is the time of the next expiry as the server counts it, 0 for none.
CREATE FUNCTION steep_repl.sweep() RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  upcoming steep_repl.work_queue;
BEGIN
  PERFORM steep_repl.recover_abandoned_work();
  PERFORM steep_repl.expire();
  upcoming := steep_repl.next_work();
  RETURN format('%s %s %s %s', coalesce(upcoming.requested_role, 0),
                coalesce(upcoming.requested_login, 0),
                CASE WHEN upcoming.id IS NULL AND steep_repl.is_any_held()
                       OR EXISTS (SELECT FROM steep_repl.work_queue AS w
                                   WHERE w.status = 'running' AND NOT steep_repl.is_in_hand(w))
                     THEN 1 ELSE 0 END,
                steep_repl.next_expiry());
END
$$;
COMMENT ON FUNCTION steep_repl.sweep() IS 'mends the queue and says whose turn it is; internal';

CREATE FUNCTION steep_repl.prune_work_queue(p_older_than interval) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before timestamptz;
  pruned bigint;
BEGIN
  PERFORM steep_repl.require_argument('p_older_than', p_older_than::text);
  IF p_older_than < interval '0' OR p_older_than > interval '10000 years' THEN
    RAISE EXCEPTION 'p_older_than must be between 0 and 10000 years, not %', p_older_than
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Read once, so that the index can be searched for it.
  before := clock_timestamp() - least(p_older_than, interval '2000 years');
  DELETE FROM steep_repl.work_queue
   WHERE id IN (SELECT w.id FROM steep_repl.work_queue AS w
                 WHERE w.status IN ('complete', 'failed', 'cancelled')
                   -- What it has left behind could not be found without it.
                   AND NOT (w.needs_undo AND w.undo_attempts < steep_repl.undo_limit())
                   -- Whose files these are is asked when they expire.
                   AND NOT EXISTS (SELECT FROM steep_repl.snapshots AS s
                                    WHERE s.snapshot_id = w.snapshot_id
                                      AND s.expires_at IS NOT NULL AND s.status <> 'expired')
                   AND w.completed_at < before
                   FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS pruned = ROW_COUNT;
  RETURN pruned;
END
$$;
COMMENT ON FUNCTION steep_repl.prune_work_queue(interval) IS
  'deletes jobs that ended longer ago; returns how many';

REVOKE ALL ON ROUTINE
  steep_repl.finish_work(bigint, text, text), steep_repl.finish_undo(bigint),
  steep_repl.complete_work(bigint), steep_repl.fail_work(bigint, text),
  steep_repl.recover_abandoned_work(), steep_repl.sweep(), steep_repl.prune_work_queue(interval)
  FROM PUBLIC;
GRANT EXECUTE ON ROUTINE
  steep_repl.recover_abandoned_work(), steep_repl.prune_work_queue(interval)
  TO steep_repl_admin;
