-- How a job comes into the queue.

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
COMMENT ON FUNCTION steep_repl.require_parent(oid, text, text, name) IS
  'refuses a job about somebody else''s snapshot or merge; internal';

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
  ELSIF NOT (steep_repl.is_from_here(work) AND pg_has_role(p_role, work.requested_role, 'USAGE'))
        AND NOT pg_has_role(p_role, 'steep_repl_admin', 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to retry job %', p_id
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'Only the role that has queued a job and members of role "steep_repl_admin"'
                     ' may retry it.';
  ELSIF NOT steep_repl.is_from_here(work) THEN
    RAISE EXCEPTION 'job % was queued on another server or in another database', p_id
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Queue it anew.';
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
COMMENT ON FUNCTION steep_repl.work_to_retry(oid, bigint) IS
  'the job that a role wants to be tried again; internal';

-- The job itself, once it is known to be allowed: of the row all counts that was asked for.
CREATE FUNCTION steep_repl.insert_work(p_work steep_repl.work_queue) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
BEGIN
  INSERT INTO steep_repl.work_queue
         (operation, snapshot_id, merge_id, params, requested_by, requested_role, requested_login,
          retry_of)
  VALUES (p_work.operation, p_work.snapshot_id, p_work.merge_id, coalesce(p_work.params, '{}'),
          p_work.requested_by, p_work.requested_role, p_work.requested_login, p_work.retry_of)
  RETURNING * INTO work;
  IF work.operation = 'snapshot_apply' THEN
    PERFORM steep_repl.add_application(work);
  END IF;
  PERFORM steep_repl.follow_work(work);
  PERFORM steep_repl.write_audit(
    'operation.queued', steep_repl.operation_actor(work), 'operation', work.id::text,
    NULL, jsonb_build_object('operation', work.operation, 'params', work.params));
  PERFORM pg_notify('steep_repl_work',
                    jsonb_build_object('db', current_database(), 'id', work.id)::text);
  RETURN work.id;
END
$$;
COMMENT ON FUNCTION steep_repl.insert_work(steep_repl.work_queue) IS
  'adds a job and tells of it; internal';

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
    -- With the rights of its role, whoever wants it to be tried again.
    p_role := work.requested_role;
    p_login := work.requested_login;
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
  IF p_operation = 'snapshot_generate' AND p_snapshot_id IS NULL THEN
    p_snapshot_id := steep_repl.add_snapshot(p_params);
  ELSIF p_operation = 'snapshot_apply' THEN
    PERFORM steep_repl.add_applied_snapshot(p_snapshot_id, p_params);
  END IF;
  PERFORM steep_repl.require_parent(
    p_role, 'snapshot', p_snapshot_id,
    (SELECT s.requested_by FROM steep_repl.snapshots AS s WHERE s.snapshot_id = p_snapshot_id));
  PERFORM steep_repl.require_idle_snapshot(p_operation, p_snapshot_id);
  IF p_operation = 'snapshot_generate' THEN
    PERFORM steep_repl.require_own_path(p_snapshot_id, p_params ->> 'output_path');
  END IF;
  PERFORM steep_repl.require_parent(
    p_role, 'merge', p_merge_id::text,
    (SELECT m.requested_by FROM steep_repl.merge_operations AS m WHERE m.merge_id = p_merge_id));
  work.operation := p_operation;
  work.snapshot_id := p_snapshot_id;
  work.merge_id := p_merge_id;
  work.params := p_params;
  work.requested_by := session_user;
  work.requested_role := p_role;
  work.requested_login := p_login;
  work.retry_of := p_retry_of;
  RETURN steep_repl.insert_work(work);
END
$$;
COMMENT ON FUNCTION steep_repl.add_work(oid, oid, text, text, uuid, jsonb, bigint) IS
  'adds a job on behalf of a role; internal';

CREATE FUNCTION steep_repl.enqueue(
  p_operation text, p_snapshot_id text, p_merge_id uuid, p_params jsonb, p_retry_of bigint)
  RETURNS bigint
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_enqueue';
COMMENT ON FUNCTION steep_repl.enqueue(text, text, uuid, jsonb, bigint) IS
  'queues a job of the role in effect; returns its number';

-- Volatile, to see the row that the same statement has queued.
CREATE FUNCTION steep_repl.queued(p_id bigint) RETURNS steep_repl.work_queue
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT * FROM steep_repl.work_queue WHERE id = p_id
$$;
COMMENT ON FUNCTION steep_repl.queued(bigint) IS 'the row of a job';

CREATE FUNCTION steep_repl.retry_operation(p_id bigint) RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_id', p_id::text);
  RETURN steep_repl.queued(steep_repl.enqueue(NULL, NULL, NULL, NULL, p_id));
END
$$;
COMMENT ON FUNCTION steep_repl.retry_operation(bigint) IS
  'queues a failed or cancelled job again; returns the new one';

CREATE FUNCTION steep_repl.queue_snapshot_generate(
  p_snapshot_id text, p_output_path text, p_compression text DEFAULT 'none',
  p_parallel integer DEFAULT 4) RETURNS steep_repl.work_queue
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.require_argument('p_snapshot_id', p_snapshot_id);
SELECT steep_repl.queued(steep_repl.enqueue(
  'snapshot_generate', p_snapshot_id, NULL,
  jsonb_build_object('output_path', p_output_path, 'compression', p_compression,
                     'parallel', p_parallel), NULL))
$$;
COMMENT ON FUNCTION steep_repl.queue_snapshot_generate(text, text, text, integer) IS
  'queues the generation of a snapshot; internal';

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
COMMENT ON FUNCTION steep_repl.queue_snapshot_apply(text, text, integer, boolean) IS
  'queues the application of a snapshot; internal';

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
COMMENT ON FUNCTION steep_repl.queue_merge(uuid, text, text[], text, boolean) IS
  'queues a merge; internal';

REVOKE ALL ON ROUTINE
  steep_repl.require_parent(oid, text, text, name), steep_repl.work_to_retry(oid, bigint),
  steep_repl.insert_work(steep_repl.work_queue),
  steep_repl.add_work(oid, oid, text, text, uuid, jsonb, bigint),
  steep_repl.enqueue(text, text, uuid, jsonb, bigint), steep_repl.queued(bigint),
  steep_repl.retry_operation(bigint),
  steep_repl.queue_snapshot_generate(text, text, text, integer),
  steep_repl.queue_snapshot_apply(text, text, integer, boolean),
  steep_repl.queue_merge(uuid, text, text[], text, boolean)
  FROM PUBLIC;
GRANT EXECUTE ON ROUTINE
  steep_repl.enqueue(text, text, uuid, jsonb, bigint), steep_repl.queued(bigint),
  steep_repl.retry_operation(bigint)
  TO PUBLIC;
