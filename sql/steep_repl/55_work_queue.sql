-- The queue. Roles see their own jobs; only functions of the owner change rows.

CREATE TABLE steep_repl.work_queue (
  id bigserial CONSTRAINT work_queue_pkey PRIMARY KEY,
  operation text NOT NULL
    CONSTRAINT work_queue_operation_check
    CHECK (operation IN ('snapshot_generate', 'snapshot_apply', 'bidirectional_merge',
                         'schema_capture')),
  snapshot_id text
    CONSTRAINT work_queue_snapshot_id_fkey
    REFERENCES steep_repl.snapshots (snapshot_id) ON DELETE CASCADE,
  merge_id uuid
    CONSTRAINT work_queue_merge_id_fkey
    REFERENCES steep_repl.merge_operations (merge_id) ON DELETE CASCADE,
  params jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT work_queue_params_check CHECK (octet_length(params::text) <= 8192),
  status text NOT NULL DEFAULT 'pending'
    CONSTRAINT work_queue_status_check
    CHECK (status IN ('pending', 'running', 'complete', 'failed', 'cancelled')),
  worker_pid integer,
  error_message text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  requested_by name NOT NULL DEFAULT session_user,
  requested_role oid NOT NULL DEFAULT quote_ident(current_user)::regrole::oid,
  requested_login oid NOT NULL DEFAULT quote_ident(session_user)::regrole::oid,
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL DEFAULT 1,
  cancel_requested boolean NOT NULL DEFAULT false,
  worker_started_at timestamptz,
  heartbeat_at timestamptz,
  retry_of bigint
    CONSTRAINT work_queue_retry_of_fkey
    REFERENCES steep_repl.work_queue (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  progress jsonb,
  needs_undo boolean NOT NULL DEFAULT false,
  undo_attempts integer NOT NULL DEFAULT 0,
  requested_on bigint NOT NULL DEFAULT (pg_control_system()).system_identifier,
  CONSTRAINT work_queue_snapshot_required
    CHECK (operation NOT IN ('snapshot_generate', 'snapshot_apply') OR snapshot_id IS NOT NULL),
  CONSTRAINT work_queue_merge_required
    CHECK (operation <> 'bidirectional_merge' OR merge_id IS NOT NULL)
);
CREATE INDEX work_queue_pending_idx ON steep_repl.work_queue (created_at, id)
  WHERE status = 'pending';
CREATE INDEX work_queue_running_idx ON steep_repl.work_queue (worker_pid)
  WHERE status = 'running';
CREATE INDEX work_queue_snapshot_idx ON steep_repl.work_queue (snapshot_id)
  WHERE snapshot_id IS NOT NULL;
CREATE INDEX work_queue_merge_idx ON steep_repl.work_queue (merge_id)
  WHERE merge_id IS NOT NULL;
CREATE INDEX work_queue_completed_idx ON steep_repl.work_queue (completed_at)
  WHERE status IN ('complete', 'failed', 'cancelled');
CREATE INDEX work_queue_undo_idx ON steep_repl.work_queue (id)
  WHERE needs_undo AND status IN ('failed', 'cancelled');
CREATE INDEX work_queue_created_idx ON steep_repl.work_queue (created_at, id);
CREATE INDEX work_queue_status_idx ON steep_repl.work_queue (status, created_at, id);
CREATE INDEX work_queue_retry_idx ON steep_repl.work_queue (retry_of)
  WHERE retry_of IS NOT NULL;

SELECT pg_catalog.pg_extension_config_dump('steep_repl.work_queue', '');
SELECT pg_catalog.pg_extension_config_dump('steep_repl.work_queue_id_seq', '');

ALTER TABLE steep_repl.work_queue ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_jobs ON steep_repl.work_queue FOR SELECT
  USING (pg_has_role(requested_role, 'USAGE'));
CREATE POLICY all_jobs ON steep_repl.work_queue FOR SELECT TO steep_repl_reader
  USING (true);

-- What only functions of the owner and C call.

CREATE FUNCTION steep_repl.operation_id(p_work steep_repl.work_queue) RETURNS text
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce((p_work).snapshot_id, (p_work).merge_id::text, (p_work).id::text)
$$;

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

-- Follows a job in the row of its snapshot or merge.
CREATE FUNCTION steep_repl.follow_work(p_work steep_repl.work_queue) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (p_work).snapshot_id IS NOT NULL THEN
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

-- A job changes the row of its snapshot or merge, so that it must not be somebody else's.
CREATE FUNCTION steep_repl.require_parent(p_role oid, p_kind text, p_id text, p_owner name)
  RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_id IS NULL THEN
    RETURN;
  ELSIF p_owner IS NULL THEN
    RAISE EXCEPTION '% "%" not found', p_kind, p_id USING ERRCODE = 'undefined_object';
  ELSIF p_owner <> session_user AND NOT pg_has_role(p_role, 'steep_repl_admin', 'USAGE')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                         WHERE r.rolname = p_owner AND pg_has_role(p_role, r.oid, 'USAGE')) THEN
    RAISE EXCEPTION 'permission denied for % "%"', p_kind, p_id
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = format('It belongs to role "%s".', p_owner);
  END IF;
END
$$;

-- The job that is to be tried again: its own role's, ended badly, and not tried again already.
-- It stays locked, so that of two who want the same only one gets it.
CREATE FUNCTION steep_repl.work_to_retry(p_role oid, p_id bigint) RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
  another bigint;
BEGIN
  SELECT * INTO work FROM steep_repl.work_queue WHERE id = p_id FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'job % not found', p_id USING ERRCODE = 'undefined_object';
  ELSIF NOT pg_has_role(p_role, work.requested_role, 'USAGE')
        AND NOT pg_has_role(p_role, 'steep_repl_admin', 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to retry job %', p_id
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'Only the role that has queued a job and members of role "steep_repl_admin" may retry it.';
  ELSIF work.status NOT IN ('failed', 'cancelled') THEN
    RAISE EXCEPTION 'job % is %, only a failed or cancelled one can be retried', p_id, work.status
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT max(id) INTO another FROM steep_repl.work_queue
   WHERE retry_of = p_id AND status NOT IN ('failed', 'cancelled');
  IF another IS NOT NULL THEN
    RAISE EXCEPTION 'job % is retried already, as job %', p_id, another
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN work;
END
$$;

-- Behind enqueue(), which has looked at the role. What is a retry is about what the first try was.
CREATE FUNCTION steep_repl.add_work(
  p_role oid, p_login oid, p_operation text, p_snapshot_id text, p_merge_id uuid, p_params jsonb,
  p_retry_of bigint) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
BEGIN
  IF p_retry_of IS NOT NULL THEN
    work := steep_repl.work_to_retry(p_role, p_retry_of);
    p_operation := work.operation;
    p_snapshot_id := work.snapshot_id;
    p_merge_id := work.merge_id;
    p_params := work.params;
  END IF;
  PERFORM steep_repl.require_argument('p_operation', p_operation);
  IF octet_length(p_params::text) > 8192 THEN
    RAISE EXCEPTION 'parameters of a job must not be longer than 8192 bytes'
      USING ERRCODE = 'program_limit_exceeded';
  END IF;
  PERFORM steep_repl.require_parent(
    p_role, 'snapshot', p_snapshot_id,
    (SELECT s.requested_by FROM steep_repl.snapshots AS s WHERE s.snapshot_id = p_snapshot_id));
  PERFORM steep_repl.require_parent(
    p_role, 'merge', p_merge_id::text,
    (SELECT m.requested_by FROM steep_repl.merge_operations AS m WHERE m.merge_id = p_merge_id));
  INSERT INTO steep_repl.work_queue
         (operation, snapshot_id, merge_id, params, requested_by, requested_role, requested_login,
          retry_of)
  VALUES (p_operation, p_snapshot_id, p_merge_id, coalesce(p_params, '{}'), session_user, p_role,
          p_login, p_retry_of)
  RETURNING * INTO work;
  PERFORM steep_repl.follow_work(work);
  PERFORM steep_repl.write_audit(
    'operation.queued', steep_repl.operation_actor(work), 'operation', work.id::text,
    NULL, jsonb_build_object('operation', work.operation, 'params', work.params));
  PERFORM pg_notify('steep_repl_work',
                    jsonb_build_object('db', current_database(), 'id', work.id)::text);
  RETURN work.id;
END
$$;

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
  ELSIF NOT pg_has_role(p_role, work.requested_role, 'USAGE')
        AND NOT pg_has_role(p_role, 'steep_repl_admin', 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to cancel job %', p_id
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'Only the role that has queued a job and members of role "steep_repl_admin" may cancel it.';
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

-- A dump may bring jobs from another server, where the same OID was another role.
CREATE FUNCTION steep_repl.is_from_here(p_work steep_repl.work_queue) RETURNS boolean
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT (p_work).requested_on = system_identifier FROM pg_catalog.pg_control_system());
END
$$;

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

-- The oldest pending job, or a row of nulls; with a role only if that role has queued it.
CREATE FUNCTION steep_repl.claim_work(p_role oid DEFAULT NULL, p_worker_started timestamptz DEFAULT NULL)
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

-- What a worker of a role is to do next: undo what a dead one has left, then the queue; and whose
-- turn it is after that.
CREATE FUNCTION steep_repl.claim_next(p_role oid, p_worker_started timestamptz)
  RETURNS TABLE (id bigint, operation text, operation_id text, undo boolean,
                 next_role oid, next_login oid)
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
                    AND u.undo_attempts < 3 AND u.requested_role = p_role
                    AND steep_repl.is_from_here(u)
                    AND NOT steep_repl.is_in_hand(u)
                  ORDER BY u.id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING * INTO work;
  undo := FOUND;
  IF NOT undo THEN
    work := steep_repl.claim_work(p_role, p_worker_started);
  END IF;
  upcoming := steep_repl.next_work();
  IF work.id IS NOT NULL OR upcoming.id IS NOT NULL THEN
    id := work.id;
    operation := work.operation;
    operation_id := steep_repl.operation_id(work);
    next_role := upcoming.requested_role;
    next_login := upcoming.requested_login;
    RETURN NEXT;
  ELSE
    PERFORM steep_repl.prune_work_queue(interval '30 days');
  END IF;
END
$$;

-- The job whose turn it is: something to undo first, then the oldest one that is pending. What
-- nobody can do any more is given up on the way.
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
     WHERE w.needs_undo AND w.status IN ('failed', 'cancelled') AND w.undo_attempts < 3
       AND NOT steep_repl.is_in_hand(w)
     ORDER BY w.id LIMIT 1;
    IF NOT FOUND THEN
      SELECT * INTO upcoming FROM steep_repl.work_queue
       WHERE status = 'pending' ORDER BY created_at, id LIMIT 1;
    END IF;
    EXIT WHEN NOT FOUND;
    obstacle := steep_repl.obstacle(upcoming);
    EXIT WHEN obstacle IS NULL;
    IF upcoming.status = 'pending' THEN
      PERFORM steep_repl.refuse_work(upcoming, obstacle);
    ELSE
      UPDATE steep_repl.work_queue SET undo_attempts = 3 WHERE id = upcoming.id;
    END IF;
  END LOOP;
  RETURN upcoming;
END
$$;

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

CREATE FUNCTION steep_repl.finish_undo(p_id bigint) RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
UPDATE steep_repl.work_queue SET needs_undo = false WHERE id = p_id
$$;

CREATE FUNCTION steep_repl.complete_work(p_id bigint) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  RETURN steep_repl.finish_work(p_id, 'complete', NULL);
END
$$;

CREATE FUNCTION steep_repl.fail_work(p_id bigint, p_error text) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  RETURN steep_repl.finish_work(p_id, 'failed', p_error);
END
$$;

CREATE FUNCTION steep_repl.is_worker_alive(p_id bigint, p_pid integer, p_started timestamptz)
  RETURNS boolean
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_is_worker_alive';

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

-- Running jobs whose worker is gone have failed.
CREATE FUNCTION steep_repl.recover_abandoned_work() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
  recovered integer := 0;
BEGIN
  -- A row that somebody holds must not hold up the rest.
  FOR work IN
    SELECT * FROM steep_repl.work_queue AS w
     WHERE w.status = 'running' AND NOT steep_repl.is_in_hand(w)
     ORDER BY w.id FOR UPDATE SKIP LOCKED
  LOOP
    PERFORM steep_repl.finish_work(
      work.id, 'failed',
      format('the worker (pid %s) ended before the job did: server restart, crash or termination',
             coalesce(work.worker_pid::text, 'unknown')));
    recovered := recovered + 1;
  END LOOP;
  RETURN recovered;
END
$$;

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
    RETURN 'the job was queued on another server, whose roles are not those of this one';
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

-- Mends the queue after a worker has died, and says whose turn it is: "role login left", where
-- the roles are OIDs, 0 for nobody, and left is 1 when a row could not be mended yet.
CREATE FUNCTION steep_repl.sweep() RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  upcoming steep_repl.work_queue;
BEGIN
  PERFORM steep_repl.recover_abandoned_work();
  upcoming := steep_repl.next_work();
  RETURN format('%s %s %s', coalesce(upcoming.requested_role, 0),
                coalesce(upcoming.requested_login, 0),
                (SELECT count(*) FROM (
                   SELECT FROM steep_repl.work_queue AS w
                    WHERE w.status = 'running' AND NOT steep_repl.is_in_hand(w) LIMIT 1) AS one));
END
$$;

-- For everybody who may queue, see, cancel.

CREATE FUNCTION steep_repl.enqueue(
  p_operation text, p_snapshot_id text, p_merge_id uuid, p_params jsonb, p_retry_of bigint)
  RETURNS bigint
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_enqueue';

-- Volatile, to see the row that the same statement has queued.
CREATE FUNCTION steep_repl.queued(p_id bigint) RETURNS steep_repl.work_queue
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT * FROM steep_repl.work_queue WHERE id = p_id
$$;

CREATE FUNCTION steep_repl.cancel_operation(p_id bigint) RETURNS boolean
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_cancel_operation';

CREATE FUNCTION steep_repl.cancel_work(p_id bigint) RETURNS boolean
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.cancel_operation(p_id)
$$;

CREATE FUNCTION steep_repl.list_operations(p_status text DEFAULT NULL, p_limit integer DEFAULT 100)
  RETURNS SETOF steep_repl.work_queue
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_status NOT IN ('', 'pending', 'running', 'complete', 'failed', 'cancelled') THEN
    RAISE EXCEPTION 'unknown status "%"', p_status
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'It is one of pending, running, complete, failed, cancelled.';
  ELSIF p_limit < 0 THEN
    RAISE EXCEPTION 'p_limit must not be negative, not %', p_limit
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Two statements, so that each has its index.
  IF nullif(p_status, '') IS NULL THEN
    RETURN QUERY
    SELECT * FROM steep_repl.work_queue ORDER BY created_at DESC, id DESC LIMIT p_limit;
  ELSE
    RETURN QUERY
    SELECT * FROM steep_repl.work_queue WHERE status = p_status
     ORDER BY created_at DESC, id DESC LIMIT p_limit;
  END IF;
END
$$;

CREATE FUNCTION steep_repl.retry_operation(p_id bigint) RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  RETURN steep_repl.queued(steep_repl.enqueue(NULL, NULL, NULL, NULL, p_id));
END
$$;

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
   WHERE status IN ('complete', 'failed', 'cancelled')
     -- What it has left behind could not be found without it.
     AND NOT (needs_undo AND undo_attempts < 3)
     AND completed_at < before;
  GET DIAGNOSTICS pruned = ROW_COUNT;
  RETURN pruned;
END
$$;

-- Whether a row was written by the transaction at work: others do not see those in progress.
CREATE FUNCTION steep_repl.is_own_write(p_xmin xid) RETURNS boolean
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(pg_xact_status(
         (trunc(top.number / epoch.length) * epoch.length + p_xmin::text::numeric)::text::xid8)
         = 'in progress', false)
  FROM (SELECT pg_current_xact_id_if_assigned()::text::numeric) AS top(number),
       (SELECT 4294967296) AS epoch(length)
 WHERE top.number % epoch.length <= p_xmin::text::numeric
$$;

-- Waits for the end of a job: each look sees what others have committed meanwhile.
CREATE FUNCTION steep_repl.wait_operation(p_id bigint, p_timeout_seconds integer DEFAULT 86400)
  RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
  deadline timestamptz := clock_timestamp() + make_interval(secs => p_timeout_seconds);
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  PERFORM steep_repl.require_argument('p_timeout_seconds', p_timeout_seconds::text);
  PERFORM steep_repl.require_read_committed('wait_operation()');
  LOOP
    SELECT * INTO work FROM steep_repl.work_queue WHERE id = p_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'job % not found', p_id USING ERRCODE = 'undefined_object';
    END IF;
    EXIT WHEN work.status IN ('complete', 'failed', 'cancelled');
    IF work.status = 'pending'
       AND steep_repl.is_own_write((SELECT xmin FROM steep_repl.work_queue WHERE id = p_id)) THEN
      RAISE EXCEPTION 'job % was queued by this very transaction, and cannot start before its end',
                      p_id
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'Commit first, and wait in a statement of its own.';
    END IF;
    IF clock_timestamp() >= deadline THEN
      RAISE EXCEPTION 'job % is still % after % s', p_id, work.status, p_timeout_seconds
        USING ERRCODE = 'SR001',
              HINT = 'It goes on; call steep_repl.wait_operation() again, or cancel it.';
    END IF;
    PERFORM pg_sleep(0.2);
  END LOOP;
  RETURN work;
END
$$;

-- The same for clients that must not hold a snapshot meanwhile: it commits after each look.
-- A procedure that commits cannot pin its search_path, so that every name is qualified.
CREATE PROCEDURE steep_repl.await_operation(p_id bigint, p_timeout_seconds integer DEFAULT 86400)
  LANGUAGE plpgsql
AS $$
DECLARE
  found boolean;
  ended boolean;
  deadline pg_catalog.timestamptz := pg_catalog.clock_timestamp()
    OPERATOR(pg_catalog.+) pg_catalog.make_interval(secs => p_timeout_seconds);
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::pg_catalog.text);
  PERFORM steep_repl.require_argument('p_timeout_seconds', p_timeout_seconds::pg_catalog.text);
  LOOP
    SELECT true, w.completed_at IS NOT NULL INTO found, ended
      FROM steep_repl.work_queue AS w WHERE w.id OPERATOR(pg_catalog.=) p_id;
    IF found IS NULL THEN
      RAISE EXCEPTION 'job % not found', p_id USING ERRCODE = 'undefined_object';
    ELSIF ended THEN
      RETURN;
    ELSIF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) deadline THEN
      RAISE EXCEPTION 'job % has not ended after % s', p_id, p_timeout_seconds
        USING ERRCODE = 'SR001';
    END IF;
    COMMIT;
    PERFORM pg_catalog.pg_sleep(0.2);
  END LOOP;
END
$$;

-- Queues what start_snapshot(), start_apply() and start_merge() have prepared.

CREATE FUNCTION steep_repl.queue_snapshot_generate(
  p_snapshot_id text, p_output_path text, p_compression text DEFAULT 'none',
  p_parallel integer DEFAULT 4) RETURNS steep_repl.work_queue
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.queued(steep_repl.enqueue(
  'snapshot_generate', p_snapshot_id, NULL,
  jsonb_build_object('output_path', p_output_path, 'compression', p_compression,
                     'parallel', p_parallel), NULL))
$$;

CREATE FUNCTION steep_repl.queue_snapshot_apply(
  p_snapshot_id text, p_input_path text, p_parallel integer DEFAULT 4,
  p_verify boolean DEFAULT true) RETURNS steep_repl.work_queue
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.queued(steep_repl.enqueue(
  'snapshot_apply', p_snapshot_id, NULL,
  jsonb_build_object('input_path', p_input_path, 'parallel', p_parallel, 'verify', p_verify),
  NULL))
$$;

CREATE FUNCTION steep_repl.queue_merge(
  p_merge_id uuid, p_peer_connstr text, p_tables text[], p_strategy text DEFAULT 'prefer-local',
  p_dry_run boolean DEFAULT false) RETURNS steep_repl.work_queue
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.queued(steep_repl.enqueue(
  'bidirectional_merge', NULL, p_merge_id,
  jsonb_build_object('peer_connstr', p_peer_connstr, 'tables', p_tables, 'strategy', p_strategy,
                     'dry_run', p_dry_run), NULL))
$$;

COMMENT ON TABLE steep_repl.work_queue IS 'jobs: those that wait, run, and have ended';
COMMENT ON COLUMN steep_repl.work_queue.id IS 'the number of the job';
COMMENT ON COLUMN steep_repl.work_queue.operation IS 'its kind';
COMMENT ON COLUMN steep_repl.work_queue.snapshot_id IS 'the snapshot that it is about';
COMMENT ON COLUMN steep_repl.work_queue.merge_id IS 'the merge that it is about';
COMMENT ON COLUMN steep_repl.work_queue.params IS 'what it was queued with, no secrets';
COMMENT ON COLUMN steep_repl.work_queue.status IS 'pending, running, complete, failed or cancelled';
COMMENT ON COLUMN steep_repl.work_queue.worker_pid IS 'the process that runs it, or has run it last';
COMMENT ON COLUMN steep_repl.work_queue.error_message IS 'why it failed, in full';
COMMENT ON COLUMN steep_repl.work_queue.created_at IS 'when it was queued';
COMMENT ON COLUMN steep_repl.work_queue.started_at IS 'when a worker took it';
COMMENT ON COLUMN steep_repl.work_queue.completed_at IS 'when it ended, however it did';
COMMENT ON COLUMN steep_repl.work_queue.requested_by IS 'the role of the session that queued it';
COMMENT ON COLUMN steep_repl.work_queue.requested_role IS 'the role in effect then, as which it runs';
COMMENT ON COLUMN steep_repl.work_queue.requested_login IS 'the role of the session, as an OID';
COMMENT ON COLUMN steep_repl.work_queue.attempts IS 'how often a worker has taken it';
COMMENT ON COLUMN steep_repl.work_queue.max_attempts IS 'how often one may';
COMMENT ON COLUMN steep_repl.work_queue.cancel_requested IS 'whether somebody has cancelled it';
COMMENT ON COLUMN steep_repl.work_queue.worker_started_at IS
  'when that process began: another one may have its number later';
COMMENT ON COLUMN steep_repl.work_queue.heartbeat_at IS 'when its progress was last written here';
COMMENT ON COLUMN steep_repl.work_queue.retry_of IS 'the job that it is another try of';
COMMENT ON COLUMN steep_repl.work_queue.progress IS 'how far it was when that was last written';
COMMENT ON COLUMN steep_repl.work_queue.needs_undo IS 'whether it may have left something behind';
COMMENT ON COLUMN steep_repl.work_queue.undo_attempts IS 'how often a worker has tried to undo it';
COMMENT ON COLUMN steep_repl.work_queue.requested_on IS 'the system identifier of the server';

COMMENT ON FUNCTION steep_repl.operation_id(steep_repl.work_queue) IS
  'the id of the snapshot or merge of a job, else its number';
COMMENT ON FUNCTION steep_repl.operation_actor(steep_repl.work_queue) IS
  'who has queued a job, as the audit log names him';
COMMENT ON FUNCTION steep_repl.follow_work(steep_repl.work_queue) IS
  'follows a job in the row of its snapshot or merge; internal';
COMMENT ON FUNCTION steep_repl.tell_end(steep_repl.work_queue) IS
  'tells log and listeners how a job ended; internal';
COMMENT ON FUNCTION steep_repl.require_parent(oid, text, text, name) IS
  'refuses a job about somebody else''s snapshot or merge; internal';
COMMENT ON FUNCTION steep_repl.work_to_retry(oid, bigint) IS
  'the job that a role wants to be tried again; internal';
COMMENT ON FUNCTION steep_repl.is_in_hand(steep_repl.work_queue) IS
  'whether a job is still in the hands of its worker; internal';
COMMENT ON FUNCTION steep_repl.is_own_write(xid) IS
  'whether a row was written by the transaction at work; internal';
COMMENT ON FUNCTION steep_repl.add_work(oid, oid, text, text, uuid, jsonb, bigint) IS
  'adds a job on behalf of a role; internal';
COMMENT ON FUNCTION steep_repl.request_cancel(oid, bigint) IS
  'cancels a job on behalf of a role; internal';
COMMENT ON FUNCTION steep_repl.is_from_here(steep_repl.work_queue) IS
  'whether a job was queued on this server';
COMMENT ON FUNCTION steep_repl.refuse_work(steep_repl.work_queue, text) IS
  'fails a job that nobody can run; internal';
COMMENT ON FUNCTION steep_repl.claim_work(oid, timestamptz) IS
  'makes the oldest pending job the caller''s; all nulls if there is none';
COMMENT ON FUNCTION steep_repl.claim_next(oid, timestamptz) IS
  'what a worker of a role is to do next; internal';
COMMENT ON FUNCTION steep_repl.next_work() IS 'the job whose turn it is; internal';
COMMENT ON FUNCTION steep_repl.finish_work(bigint, text, text) IS
  'takes a running job to its end; internal';
COMMENT ON FUNCTION steep_repl.finish_undo(bigint) IS 'nothing of a job is left behind; internal';
COMMENT ON FUNCTION steep_repl.complete_work(bigint) IS
  'a running job is complete; false if it is not running';
COMMENT ON FUNCTION steep_repl.fail_work(bigint, text) IS
  'a running job has failed; false if it is not running';
COMMENT ON FUNCTION steep_repl.recover_abandoned_work() IS
  'fails the running jobs whose worker is gone; returns how many';
COMMENT ON FUNCTION steep_repl.obstacle(steep_repl.work_queue) IS
  'why no worker could run a job; internal';
COMMENT ON FUNCTION steep_repl.sweep() IS 'mends the queue and says whose turn it is; internal';
COMMENT ON FUNCTION steep_repl.is_worker_alive(bigint, integer, timestamptz) IS
  'whether a job is still in the hands of that worker; internal';
COMMENT ON FUNCTION steep_repl.enqueue(text, text, uuid, jsonb, bigint) IS
  'queues a job of the role in effect; returns its number';
COMMENT ON FUNCTION steep_repl.queued(bigint) IS 'the row of a job';
COMMENT ON FUNCTION steep_repl.cancel_operation(bigint) IS
  'cancels a job that waits or runs; false if there is none of that number, or it has ended';
COMMENT ON FUNCTION steep_repl.cancel_work(bigint) IS 'the same as cancel_operation()';
COMMENT ON FUNCTION steep_repl.list_operations(text, integer) IS
  'the jobs that the role may see, the newest first';
COMMENT ON FUNCTION steep_repl.retry_operation(bigint) IS
  'queues a failed or cancelled job again; returns the new one';
COMMENT ON FUNCTION steep_repl.prune_work_queue(interval) IS
  'deletes jobs that ended longer ago; returns how many';
COMMENT ON FUNCTION steep_repl.wait_operation(bigint, integer) IS
  'waits for the end of a job; returns its row';
COMMENT ON PROCEDURE steep_repl.await_operation(bigint, integer) IS
  'waits for the end of a job without holding a snapshot';
COMMENT ON FUNCTION steep_repl.queue_snapshot_generate(text, text, text, integer) IS
  'queues the generation of a snapshot; internal';
COMMENT ON FUNCTION steep_repl.queue_snapshot_apply(text, text, integer, boolean) IS
  'queues the application of a snapshot; internal';
COMMENT ON FUNCTION steep_repl.queue_merge(uuid, text, text[], text, boolean) IS
  'queues a merge; internal';

REVOKE ALL ON TABLE steep_repl.work_queue FROM PUBLIC;
REVOKE ALL ON SEQUENCE steep_repl.work_queue_id_seq FROM PUBLIC;
-- Row level security shows everybody his own.
GRANT SELECT ON TABLE steep_repl.work_queue TO PUBLIC;
REVOKE ALL ON FUNCTION
  steep_repl.follow_work(steep_repl.work_queue), steep_repl.tell_end(steep_repl.work_queue),
  steep_repl.operation_actor(steep_repl.work_queue), steep_repl.operation_id(steep_repl.work_queue),
  steep_repl.add_work(oid, oid, text, text, uuid, jsonb, bigint),
  steep_repl.request_cancel(oid, bigint), steep_repl.is_from_here(steep_repl.work_queue),
  steep_repl.refuse_work(steep_repl.work_queue, text), steep_repl.claim_work(oid, timestamptz),
  steep_repl.claim_next(oid, timestamptz), steep_repl.next_work(),
  steep_repl.finish_work(bigint, text, text), steep_repl.finish_undo(bigint),
  steep_repl.complete_work(bigint), steep_repl.fail_work(bigint, text),
  steep_repl.recover_abandoned_work(), steep_repl.obstacle(steep_repl.work_queue),
  steep_repl.sweep(), steep_repl.is_worker_alive(bigint, integer, timestamptz),
  steep_repl.is_in_hand(steep_repl.work_queue),
  steep_repl.require_parent(oid, text, text, name), steep_repl.work_to_retry(oid, bigint),
  steep_repl.prune_work_queue(interval),
  steep_repl.queue_snapshot_generate(text, text, text, integer),
  steep_repl.queue_snapshot_apply(text, text, integer, boolean),
  steep_repl.queue_merge(uuid, text, text[], text, boolean)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.recover_abandoned_work(), steep_repl.prune_work_queue(interval)
  TO steep_repl_admin;
GRANT EXECUTE ON FUNCTION
  steep_repl.enqueue(text, text, uuid, jsonb, bigint), steep_repl.queued(bigint),
  steep_repl.cancel_operation(bigint), steep_repl.cancel_work(bigint),
  steep_repl.list_operations(text, integer), steep_repl.retry_operation(bigint),
  steep_repl.wait_operation(bigint, integer), steep_repl.is_own_write(xid)
  TO PUBLIC;
GRANT EXECUTE ON PROCEDURE steep_repl.await_operation(bigint, integer) TO PUBLIC;
