-- Looking at jobs, and waiting for them.

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
COMMENT ON FUNCTION steep_repl.list_operations(text, integer) IS
  'the jobs that the role may see, the newest first';

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
COMMENT ON FUNCTION steep_repl.is_own_write(xid) IS
  'whether a row was written by the transaction at work; internal';

-- Whoever queues a job and waits for it in one transaction would wait for ever.
CREATE FUNCTION steep_repl.require_committed(p_id bigint) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF steep_repl.is_own_write((SELECT w.xmin FROM steep_repl.work_queue AS w
                               WHERE w.id = p_id AND w.status = 'pending')) THEN
    RAISE EXCEPTION 'job % was queued by this very transaction, and cannot start before its end',
                    p_id
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Commit first, and wait in a statement of its own.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_committed(bigint) IS
  'refuses a job that waits for the end of the transaction at work; internal';

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
    PERFORM steep_repl.require_committed(p_id);
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
COMMENT ON FUNCTION steep_repl.wait_operation(bigint, integer) IS
  'waits for the end of a job; returns its row';

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
COMMENT ON PROCEDURE steep_repl.await_operation(bigint, integer) IS
  'waits for the end of a job without holding a snapshot';

REVOKE ALL ON ROUTINE
  steep_repl.list_operations(text, integer), steep_repl.is_own_write(xid),
  steep_repl.require_committed(bigint),
  steep_repl.wait_operation(bigint, integer), steep_repl.await_operation(bigint, integer)
  FROM PUBLIC;
GRANT EXECUTE ON ROUTINE
  steep_repl.list_operations(text, integer), steep_repl.is_own_write(xid),
  steep_repl.require_committed(bigint),
  steep_repl.wait_operation(bigint, integer), steep_repl.await_operation(bigint, integer)
  TO PUBLIC;
