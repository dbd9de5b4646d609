-- Whether jobs can run here, and what is wrong.

CREATE FUNCTION steep_repl.jobs_status() RETURNS jsonb
  LANGUAGE c VOLATILE
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_jobs_status';

CREATE FUNCTION steep_repl.bgworker_available() RETURNS boolean
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce((s ->> 'preloaded')::boolean AND (s ->> 'enabled')::boolean
                AND (s ->> 'launcher_pid')::integer <> 0 AND s ->> 'problem' = '', false)
  FROM steep_repl.jobs_status() AS s
$$;

CREATE FUNCTION steep_repl.worker_available() RETURNS boolean
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.bgworker_available()
$$;

CREATE FUNCTION steep_repl.launch_worker() RETURNS integer
  LANGUAGE c VOLATILE
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_launch_worker';

CREATE FUNCTION steep_repl.wake_worker() RETURNS void
  LANGUAGE c VOLATILE
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_wake_worker';

-- What everybody may know of the queue, whosever jobs are in it.
CREATE FUNCTION steep_repl.queue_summary(
  OUT pending integer, OUT running integer, OUT oldest_pending timestamptz, OUT last_error text)
  LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (SELECT count(*)::integer FROM steep_repl.work_queue WHERE status = 'pending'),
       (SELECT count(*)::integer FROM steep_repl.work_queue WHERE status = 'running'),
       (SELECT min(created_at) FROM steep_repl.work_queue WHERE status = 'pending'),
       (SELECT CASE WHEN w.status = 'failed' THEN format('job %s failed', w.id) END
          FROM steep_repl.work_queue AS w
         WHERE w.status IN ('complete', 'failed')
           AND w.completed_at > statement_timestamp() - interval '1 hour'
         ORDER BY w.completed_at DESC LIMIT 1)
$$;

CREATE FUNCTION steep_repl.health(
  OUT status text, OUT extension_version text, OUT pg_version text,
  OUT background_worker_running boolean, OUT shared_memory_available boolean,
  OUT active_operations integer, OUT last_error text, OUT running_operations integer,
  OUT registered boolean, OUT queue_depth integer, OUT oldest_pending_age interval,
  OUT preload boolean, OUT worker_pid integer)
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  jobs jsonb := steep_repl.jobs_status();
  queue record;
  mismatch text;
BEGIN
  SELECT * INTO queue FROM steep_repl.queue_summary();
  extension_version := steep_repl.version();
  pg_version := version();
  preload := (jobs ->> 'preloaded')::boolean;
  shared_memory_available := preload;
  registered := (jobs ->> 'enabled')::boolean;
  background_worker_running := preload AND registered AND (jobs ->> 'launcher_pid')::integer <> 0;
  running_operations := queue.running;
  queue_depth := queue.pending;
  active_operations := queue.pending + queue.running;
  oldest_pending_age := clock_timestamp() - queue.oldest_pending;
  worker_pid := coalesce((jobs #>> '{workers,0}')::integer,
                         nullif((jobs ->> 'launcher_pid')::integer, 0));
  -- A library that was replaced without a restart, or an extension that was not updated.
  mismatch := CASE WHEN jobs ->> 'version' <> extension_version
    THEN format('the library serves version %s, the extension is %s: restart the server and run'
                ' ALTER EXTENSION steep_repl UPDATE', jobs ->> 'version', extension_version) END;
  last_error := coalesce(mismatch, nullif(jobs ->> 'problem', ''), queue.last_error);
  status := CASE WHEN NOT preload OR mismatch IS NOT NULL THEN 'unhealthy'
                 WHEN NOT background_worker_running OR last_error IS NOT NULL THEN 'degraded'
                 ELSE 'healthy' END;
END
$$;

COMMENT ON FUNCTION steep_repl.jobs_status() IS 'whether jobs can run here; internal';
COMMENT ON FUNCTION steep_repl.bgworker_available() IS
  'whether jobs of this database are served';
COMMENT ON FUNCTION steep_repl.worker_available() IS 'the same as bgworker_available()';
COMMENT ON FUNCTION steep_repl.launch_worker() IS
  'starts a worker that looks through the queue of this database; returns its process id';
COMMENT ON FUNCTION steep_repl.wake_worker() IS
  'has the launcher look through the queue of this database';
COMMENT ON FUNCTION steep_repl.queue_summary() IS 'how many jobs there are; internal';
COMMENT ON FUNCTION steep_repl.health() IS 'whether jobs can run here, and what is wrong';

REVOKE ALL ON FUNCTION steep_repl.launch_worker() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steep_repl.launch_worker() TO steep_repl_admin;
GRANT EXECUTE ON FUNCTION
  steep_repl.jobs_status(), steep_repl.bgworker_available(), steep_repl.worker_available(),
  steep_repl.wake_worker(), steep_repl.queue_summary(), steep_repl.health()
  TO PUBLIC;
