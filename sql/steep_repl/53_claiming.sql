-- How a worker comes to a job, and which jobs no worker can run.

-- Whether its role is meant, and it has not been copied here.
CREATE FUNCTION steep_repl.is_from_here(p_work steep_repl.work_queue) RETURNS boolean
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (p_work).requested_on = steep_repl.here();
END
$$;
COMMENT ON FUNCTION steep_repl.is_from_here(steep_repl.work_queue) IS
  'whether a job was queued on this server';

-- Why no worker could work as a role here; null if one could.
CREATE FUNCTION steep_repl.obstacle(p_work steep_repl.work_queue) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  requester record;
  connecting oid := (p_work).requested_role;
BEGIN
  IF NOT steep_repl.is_from_here(p_work) THEN
    RETURN 'the job was queued on another server or in another database';
  END IF;
  SELECT rolname, rolcanlogin INTO requester
    FROM pg_catalog.pg_roles WHERE oid = (p_work).requested_role;
  IF NOT FOUND THEN
    RETURN format('the role that queued the job (OID %s) does not exist any more',
                  (p_work).requested_role);
  ELSIF NOT requester.rolcanlogin AND current_setting('server_version_num')::integer < 170000 THEN
    SELECT oid INTO connecting
      FROM pg_catalog.pg_roles WHERE oid = (p_work).requested_login AND rolcanlogin;
    IF NOT FOUND THEN
      RETURN format('role "%s" is not permitted to log in', requester.rolname);
    END IF;
  END IF;
  IF NOT has_database_privilege(connecting, current_database(), 'CONNECT') THEN
    RETURN format('role "%s" has no CONNECT privilege for database "%s"', requester.rolname,
                  current_database());
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION steep_repl.obstacle(steep_repl.work_queue) IS
  'why no worker could run a job; internal';

-- A pending job that nobody can run has failed.
CREATE FUNCTION steep_repl.refuse_work(p_work steep_repl.work_queue, p_reason text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE steep_repl.work_queue
     SET status = 'failed', error_message = p_reason, completed_at = clock_timestamp()
   WHERE id = (p_work).id AND status = 'pending' RETURNING * INTO p_work;
  IF FOUND THEN
    PERFORM steep_repl.tell_end(p_work);
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.refuse_work(steep_repl.work_queue, text) IS
  'fails a job that nobody can run; internal';

CREATE FUNCTION steep_repl.is_worker_alive(p_id bigint, p_pid integer, p_started timestamptz)
  RETURNS boolean
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_is_worker_alive';
COMMENT ON FUNCTION steep_repl.is_worker_alive(bigint, integer, timestamptz) IS
  'whether a job is still in the hands of that worker; internal';

-- Whether a worker lives that has taken a job, or undoes it, and has not let go of it.
CREATE FUNCTION steep_repl.is_in_hand(p_work steep_repl.work_queue) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (p_work).status <> 'running' THEN
    RETURN steep_repl.is_worker_alive((p_work).id, NULL, NULL);
  END IF;
  RETURN (p_work).worker_pid IS NOT NULL AND (p_work).worker_started_at IS NOT NULL
     AND steep_repl.is_worker_alive((p_work).id, (p_work).worker_pid,
                                    (p_work).worker_started_at);
END
$$;
COMMENT ON FUNCTION steep_repl.is_in_hand(steep_repl.work_queue) IS
  'whether a job is still in the hands of its worker; internal';

-- How often it is tried to undo a job that did not end well.
CREATE FUNCTION steep_repl.undo_limit() RETURNS integer
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT 3
$$;
COMMENT ON FUNCTION steep_repl.undo_limit() IS
  'how often it is tried to undo a job; internal';

-- The job whose turn it is: something to undo first, then the oldest one that is pending. What
-- nobody can do any more is given up on the way, what somebody holds is left out.
CREATE FUNCTION steep_repl.next_work() RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  upcoming steep_repl.work_queue;
  obstacle text;
BEGIN
  LOOP
    SELECT * INTO upcoming FROM steep_repl.work_queue AS w
     WHERE w.needs_undo AND w.status IN ('failed', 'cancelled')
       AND w.undo_attempts < steep_repl.undo_limit() AND NOT steep_repl.is_in_hand(w)
     ORDER BY w.id LIMIT 1
       FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      SELECT * INTO upcoming FROM steep_repl.work_queue
       WHERE status = 'pending' ORDER BY created_at, id LIMIT 1
         FOR UPDATE SKIP LOCKED;
    END IF;
    EXIT WHEN NOT FOUND;
    obstacle := steep_repl.obstacle(upcoming);
    EXIT WHEN obstacle IS NULL;
    IF upcoming.status = 'pending' THEN
      PERFORM steep_repl.refuse_work(upcoming, obstacle);
    ELSE
      UPDATE steep_repl.work_queue SET undo_attempts = steep_repl.undo_limit()
       WHERE id = upcoming.id;
    END IF;
  END LOOP;
  RETURN upcoming;
END
$$;
COMMENT ON FUNCTION steep_repl.next_work() IS 'the job whose turn it is; internal';

-- The oldest pending job, or a row of nulls; with a role only if that role has queued it.
CREATE FUNCTION steep_repl.claim_work(
  p_role oid DEFAULT NULL, p_worker_started timestamptz DEFAULT NULL)
  RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
  obstacle text;
BEGIN
  LOOP
    SELECT * INTO work FROM steep_repl.work_queue
     WHERE status = 'pending'
     ORDER BY created_at, id LIMIT 1
       FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    obstacle := steep_repl.obstacle(work);
    EXIT WHEN obstacle IS NULL;
    PERFORM steep_repl.refuse_work(work, obstacle);
  END LOOP;
  IF work.requested_role <> p_role THEN
    RETURN NULL;
  END IF;
  UPDATE steep_repl.work_queue
     SET status = 'running', started_at = clock_timestamp(), heartbeat_at = clock_timestamp(),
         worker_pid = pg_backend_pid(), worker_started_at = p_worker_started,
         attempts = attempts + 1, needs_undo = true
   WHERE id = work.id RETURNING * INTO work;
  PERFORM steep_repl.follow_work(work);
  PERFORM steep_repl.write_audit('operation.started', steep_repl.operation_actor(work),
                                 'operation', work.id::text);
  RETURN work;
END
$$;
COMMENT ON FUNCTION steep_repl.claim_work(oid, timestamptz) IS
  'makes the oldest pending job the caller''s; all nulls if there is none';

-- Whether there is work that next_work() has left out, because somebody holds its row.
CREATE FUNCTION steep_repl.is_any_held() RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM steep_repl.work_queue WHERE status = 'pending')
      OR EXISTS (SELECT FROM steep_repl.work_queue AS w
                  WHERE w.needs_undo AND w.status IN ('failed', 'cancelled')
                    AND w.undo_attempts < steep_repl.undo_limit()
                    AND NOT steep_repl.is_in_hand(w));
END
$$;
COMMENT ON FUNCTION steep_repl.is_any_held() IS
  'whether there is work whose row somebody holds; internal';

-- What a worker of a role is to do next: undo what a dead one has left, then the queue; and whose
-- turn it is after that; held if there is more that nobody can be told of yet.
CREATE FUNCTION steep_repl.claim_next(p_role oid, p_worker_started timestamptz)
  RETURNS TABLE (id bigint, operation text, operation_id text, undo boolean,
                 next_role oid, next_login oid, held boolean)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
  upcoming steep_repl.work_queue;
BEGIN
  UPDATE steep_repl.work_queue AS w
     SET undo_attempts = w.undo_attempts + 1
   WHERE w.id = (SELECT u.id FROM steep_repl.work_queue AS u
                  WHERE u.needs_undo AND u.status IN ('failed', 'cancelled')
                    AND u.undo_attempts < steep_repl.undo_limit() AND u.requested_role = p_role
                    AND steep_repl.is_from_here(u)
                    AND NOT steep_repl.is_in_hand(u)
                  ORDER BY u.id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING * INTO work;
  undo := FOUND;
  IF NOT undo THEN
    work := steep_repl.claim_work(p_role, p_worker_started);
  END IF;
  upcoming := steep_repl.next_work();
  id := work.id;
  operation := work.operation;
  operation_id := steep_repl.operation_id(work);
  next_role := upcoming.requested_role;
  next_login := upcoming.requested_login;
  held := upcoming.id IS NULL AND steep_repl.is_any_held();
  IF id IS NULL AND upcoming.id IS NULL THEN
    PERFORM steep_repl.prune_work_queue(interval '30 days');
  END IF;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION steep_repl.claim_next(oid, timestamptz) IS
  'what a worker of a role is to do next; internal';

REVOKE ALL ON ROUTINE
  steep_repl.is_any_held(), steep_repl.undo_limit(),
  steep_repl.is_from_here(steep_repl.work_queue), steep_repl.obstacle(steep_repl.work_queue),
  steep_repl.refuse_work(steep_repl.work_queue, text),
  steep_repl.is_worker_alive(bigint, integer, timestamptz),
  steep_repl.is_in_hand(steep_repl.work_queue), steep_repl.next_work(),
  steep_repl.claim_work(oid, timestamptz), steep_repl.claim_next(oid, timestamptz)
  FROM PUBLIC;
GRANT EXECUTE ON ROUTINE steep_repl.undo_limit() TO steep_repl_admin;
