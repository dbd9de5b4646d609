-- The queue. Roles see their own jobs; only functions of the owner change rows.

-- Server and database: a dump or a copy may bring jobs from elsewhere, where the same OID was
-- another role, or which run there.
CREATE FUNCTION steep_repl.here() RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT system_identifier || '/' || d.oid
  FROM pg_catalog.pg_control_system(), pg_catalog.pg_database AS d
 WHERE d.datname = current_database()
$$;
COMMENT ON FUNCTION steep_repl.here() IS
  'the system identifier of this server and the OID of this database';
GRANT EXECUTE ON FUNCTION steep_repl.here() TO PUBLIC;

CREATE TABLE steep_repl.work_queue (
  id bigserial CONSTRAINT work_queue_pkey PRIMARY KEY,
  operation text NOT NULL
    CONSTRAINT work_queue_operation_check
    CHECK (operation IN ('snapshot_generate', 'snapshot_apply', 'bidirectional_merge',
                         'schema_capture', 'snapshot_delete')),
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
  requested_on text NOT NULL DEFAULT steep_repl.here(),
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
  USING (pg_has_role(requested_role, 'USAGE') AND requested_on = (SELECT steep_repl.here()));
CREATE POLICY all_jobs ON steep_repl.work_queue FOR SELECT TO steep_repl_reader
  USING (true);

COMMENT ON TABLE steep_repl.work_queue IS 'jobs: those that wait, run, and have ended';
COMMENT ON COLUMN steep_repl.work_queue.id IS 'the number of the job';
COMMENT ON COLUMN steep_repl.work_queue.operation IS 'its kind';
COMMENT ON COLUMN steep_repl.work_queue.snapshot_id IS 'the snapshot that it is about';
COMMENT ON COLUMN steep_repl.work_queue.merge_id IS 'the merge that it is about';
COMMENT ON COLUMN steep_repl.work_queue.params IS 'what it was queued with, no secrets';
COMMENT ON COLUMN steep_repl.work_queue.status IS 'pending, running, complete, failed or cancelled';
COMMENT ON COLUMN steep_repl.work_queue.worker_pid IS
  'the process that runs it, or has run it last';
COMMENT ON COLUMN steep_repl.work_queue.error_message IS 'why it failed, in full';
COMMENT ON COLUMN steep_repl.work_queue.created_at IS 'when it was queued';
COMMENT ON COLUMN steep_repl.work_queue.started_at IS 'when a worker took it';
COMMENT ON COLUMN steep_repl.work_queue.completed_at IS 'when it ended, however it did';
COMMENT ON COLUMN steep_repl.work_queue.requested_by IS 'the role of the session that queued it';
COMMENT ON COLUMN steep_repl.work_queue.requested_role IS
  'the role in effect then, as which it runs';
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
COMMENT ON COLUMN steep_repl.work_queue.requested_on IS
  'the server and the database, as here() has them';

REVOKE ALL ON TABLE steep_repl.work_queue FROM PUBLIC;
REVOKE ALL ON SEQUENCE steep_repl.work_queue_id_seq FROM PUBLIC;
-- Row level security shows everybody his own.
GRANT SELECT ON TABLE steep_repl.work_queue TO PUBLIC;
