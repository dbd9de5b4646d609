-- Snapshots and merges, as far as the queue refers to them.

CREATE TABLE steep_repl.snapshots (
  snapshot_id text CONSTRAINT snapshots_pkey PRIMARY KEY,
  source_node_id text NOT NULL
    CONSTRAINT snapshots_source_node_id_fkey REFERENCES steep_repl.nodes (node_id),
  target_node_id text
    CONSTRAINT snapshots_target_node_id_fkey REFERENCES steep_repl.nodes (node_id),
  lsn text,
  storage_path text,
  compression text DEFAULT 'gzip'
    CONSTRAINT snapshots_compression_check CHECK (compression IN ('none', 'gzip', 'lz4', 'zstd')),
  parallel integer NOT NULL DEFAULT 4,
  checksum text,
  status text NOT NULL DEFAULT 'pending'
    CONSTRAINT snapshots_status_check
    CHECK (status IN ('pending', 'generating', 'complete', 'applying', 'applied', 'failed',
                      'cancelled', 'expired', 'deleting')),
  phase text NOT NULL DEFAULT 'idle'
    CONSTRAINT snapshots_phase_check
    CHECK (phase IN ('idle', 'schema', 'data', 'indexes', 'constraints', 'sequences', 'verify',
                     'finalizing', 'complete', 'failed')),
  error_message text,
  overall_percent real NOT NULL DEFAULT 0
    CONSTRAINT snapshots_percent_check CHECK (overall_percent BETWEEN 0 AND 100),
  current_table text,
  table_count integer NOT NULL DEFAULT 0
    CONSTRAINT snapshots_table_count_check CHECK (table_count >= 0),
  tables_completed integer NOT NULL DEFAULT 0,
  size_bytes bigint NOT NULL DEFAULT 0 CONSTRAINT snapshots_size_check CHECK (size_bytes >= 0),
  bytes_written bigint NOT NULL DEFAULT 0
    CONSTRAINT snapshots_bytes_written_check CHECK (bytes_written >= 0),
  rows_total bigint NOT NULL DEFAULT 0,
  rows_written bigint NOT NULL DEFAULT 0,
  throughput_bytes_sec real NOT NULL DEFAULT 0,
  eta_seconds integer NOT NULL DEFAULT 0,
  compression_ratio real NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  expires_at timestamptz,
  heartbeat_at timestamptz,
  requested_by name NOT NULL DEFAULT session_user,
  manifest jsonb,
  directory_begun boolean NOT NULL DEFAULT false,
  former_status text,
  CONSTRAINT snapshots_tables_completed_check
    CHECK (tables_completed BETWEEN 0 AND table_count)
);
CREATE INDEX idx_snapshots_source ON steep_repl.snapshots (source_node_id);
CREATE INDEX idx_snapshots_target ON steep_repl.snapshots (target_node_id)
  WHERE target_node_id IS NOT NULL;
CREATE INDEX idx_snapshots_status ON steep_repl.snapshots (status);
CREATE INDEX idx_snapshots_active ON steep_repl.snapshots (status)
  WHERE status IN ('generating', 'applying');
CREATE INDEX idx_snapshots_expires ON steep_repl.snapshots (expires_at)
  WHERE expires_at IS NOT NULL;

CREATE TABLE steep_repl.merge_operations (
  merge_id uuid CONSTRAINT merge_operations_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
  tables text[] NOT NULL,
  strategy text NOT NULL DEFAULT 'prefer-local'
    CONSTRAINT merge_operations_strategy_check
    CHECK (strategy IN ('prefer-local', 'prefer-remote', 'last-modified', 'manual')),
  peer_connstr text NOT NULL,
  dry_run boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'pending'
    CONSTRAINT merge_operations_status_check
    CHECK (status IN ('pending', 'running', 'complete', 'failed', 'cancelled')),
  phase text NOT NULL DEFAULT 'idle'
    CONSTRAINT merge_operations_phase_check
    CHECK (phase IN ('idle', 'analyzing', 'merging', 'verifying', 'finalizing')),
  error_message text,
  overall_percent real NOT NULL DEFAULT 0
    CONSTRAINT merge_operations_percent_check CHECK (overall_percent BETWEEN 0 AND 100),
  current_table text,
  tables_total integer NOT NULL DEFAULT 0,
  tables_completed integer NOT NULL DEFAULT 0,
  local_only_count bigint NOT NULL DEFAULT 0,
  remote_only_count bigint NOT NULL DEFAULT 0,
  match_count bigint NOT NULL DEFAULT 0,
  conflict_count bigint NOT NULL DEFAULT 0,
  rows_merged bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  conflicts_resolved bigint NOT NULL DEFAULT 0,
  rows_a_to_b bigint NOT NULL DEFAULT 0,
  rows_b_to_a bigint NOT NULL DEFAULT 0,
  quiesce_timeout_ms integer NOT NULL DEFAULT 30000,
  requested_by name NOT NULL DEFAULT session_user,
  heartbeat_at timestamptz
);
CREATE INDEX merge_operations_status_idx ON steep_repl.merge_operations (status);
CREATE INDEX merge_operations_active_idx ON steep_repl.merge_operations (status)
  WHERE status IN ('pending', 'running');
CREATE INDEX merge_operations_created_idx ON steep_repl.merge_operations (created_at);

CREATE TABLE steep_repl.merge_audit_log (
  id bigserial CONSTRAINT merge_audit_log_pkey PRIMARY KEY,
  merge_id uuid NOT NULL
    CONSTRAINT merge_audit_log_merge_id_fkey REFERENCES steep_repl.merge_operations (merge_id),
  table_schema text NOT NULL,
  table_name text NOT NULL,
  pk_value jsonb NOT NULL,
  category text NOT NULL
    CONSTRAINT merge_audit_log_category_check
    CHECK (category IN ('match', 'conflict', 'local_only', 'remote_only')),
  resolution text
    CONSTRAINT merge_audit_log_resolution_check
    CHECK (resolution IN ('kept_a', 'kept_b', 'skipped', 'transferred_a_to_b',
                          'transferred_b_to_a')),
  node_a_value jsonb,
  node_b_value jsonb,
  resolved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_by text
);
CREATE INDEX merge_audit_log_merge_id_idx ON steep_repl.merge_audit_log (merge_id);
CREATE INDEX merge_audit_log_table_idx ON steep_repl.merge_audit_log (table_schema, table_name);
CREATE INDEX merge_audit_log_resolved_at_idx ON steep_repl.merge_audit_log (resolved_at);
CREATE INDEX merge_audit_log_category_idx ON steep_repl.merge_audit_log (category);

-- Tell listeners what has become of a row.

CREATE FUNCTION steep_repl.notify_snapshot_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_notify('steep_repl_snapshots', jsonb_build_object(
    'snapshot_id', left(NEW.snapshot_id, 1000), 'status', NEW.status, 'phase', NEW.phase,
    'overall_percent', NEW.overall_percent)::text);
  RETURN NULL;
END
$$;

CREATE FUNCTION steep_repl.notify_merge_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_notify('steep_repl_merges', jsonb_build_object(
    'merge_id', NEW.merge_id, 'status', NEW.status, 'phase', NEW.phase,
    'overall_percent', NEW.overall_percent)::text);
  RETURN NULL;
END
$$;

CREATE TRIGGER snapshot_notify_insert AFTER INSERT ON steep_repl.snapshots
  FOR EACH ROW EXECUTE FUNCTION steep_repl.notify_snapshot_change();
CREATE TRIGGER snapshot_notify AFTER UPDATE ON steep_repl.snapshots
  FOR EACH ROW
  WHEN ((OLD.status, OLD.phase, OLD.overall_percent)
        IS DISTINCT FROM (NEW.status, NEW.phase, NEW.overall_percent))
  EXECUTE FUNCTION steep_repl.notify_snapshot_change();
CREATE TRIGGER merge_notify_insert AFTER INSERT ON steep_repl.merge_operations
  FOR EACH ROW EXECUTE FUNCTION steep_repl.notify_merge_change();
CREATE TRIGGER merge_notify AFTER UPDATE ON steep_repl.merge_operations
  FOR EACH ROW
  WHEN ((OLD.status, OLD.phase, OLD.overall_percent)
        IS DISTINCT FROM (NEW.status, NEW.phase, NEW.overall_percent))
  EXECUTE FUNCTION steep_repl.notify_merge_change();

SELECT pg_catalog.pg_extension_config_dump('steep_repl.snapshots', '');
SELECT pg_catalog.pg_extension_config_dump('steep_repl.merge_operations', '');
SELECT pg_catalog.pg_extension_config_dump('steep_repl.merge_audit_log', '');
SELECT pg_catalog.pg_extension_config_dump('steep_repl.merge_audit_log_id_seq', '');

COMMENT ON TABLE steep_repl.snapshots IS 'consistent copies of databases in files';
COMMENT ON COLUMN steep_repl.snapshots.snapshot_id IS 'its id';
COMMENT ON COLUMN steep_repl.snapshots.source_node_id IS 'the node that it is of';
COMMENT ON COLUMN steep_repl.snapshots.target_node_id IS
  'the node that it is applied to; null while it is generated';
COMMENT ON COLUMN steep_repl.snapshots.lsn IS 'the position in the WAL that it shows';
COMMENT ON COLUMN steep_repl.snapshots.storage_path IS 'its directory on the server';
COMMENT ON COLUMN steep_repl.snapshots.compression IS 'how its files are compressed';
COMMENT ON COLUMN steep_repl.snapshots.parallel IS 'how many streams write it';
COMMENT ON COLUMN steep_repl.snapshots.checksum IS 'of its manifest, sha256:...';
COMMENT ON COLUMN steep_repl.snapshots.status IS 'what has become of it';
COMMENT ON COLUMN steep_repl.snapshots.phase IS 'what is being done';
COMMENT ON COLUMN steep_repl.snapshots.error_message IS 'why it failed';
COMMENT ON COLUMN steep_repl.snapshots.overall_percent IS '0 to 100';
COMMENT ON COLUMN steep_repl.snapshots.current_table IS 'the one in work';
COMMENT ON COLUMN steep_repl.snapshots.table_count IS 'how many tables it has';
COMMENT ON COLUMN steep_repl.snapshots.tables_completed IS 'how many of them are done';
COMMENT ON COLUMN steep_repl.snapshots.size_bytes IS 'of its files';
COMMENT ON COLUMN steep_repl.snapshots.bytes_written IS 'of them so far';
COMMENT ON COLUMN steep_repl.snapshots.rows_total IS 'how many rows it has';
COMMENT ON COLUMN steep_repl.snapshots.rows_written IS 'of them so far';
COMMENT ON COLUMN steep_repl.snapshots.throughput_bytes_sec IS 'bytes a second';
COMMENT ON COLUMN steep_repl.snapshots.eta_seconds IS 'until it is done; 0 while unknown';
COMMENT ON COLUMN steep_repl.snapshots.compression_ratio IS '0 to 1';
COMMENT ON COLUMN steep_repl.snapshots.created_at IS 'when it was asked for';
COMMENT ON COLUMN steep_repl.snapshots.started_at IS 'when it was begun';
COMMENT ON COLUMN steep_repl.snapshots.completed_at IS 'when it ended';
COMMENT ON COLUMN steep_repl.snapshots.expires_at IS 'when it may be deleted';
COMMENT ON COLUMN steep_repl.snapshots.heartbeat_at IS 'when its progress was last written';
COMMENT ON COLUMN steep_repl.snapshots.requested_by IS 'the role that asked for it';
COMMENT ON COLUMN steep_repl.snapshots.manifest IS 'what its manifest says';
COMMENT ON COLUMN steep_repl.snapshots.directory_begun IS
  'whether its job has come to its directory, and may have made it';
COMMENT ON COLUMN steep_repl.snapshots.former_status IS
  'while it is being deleted, what its status is if that comes to nothing';
COMMENT ON TABLE steep_repl.merge_operations IS 'merges of two databases';
COMMENT ON COLUMN steep_repl.merge_operations.merge_id IS 'its id';
COMMENT ON COLUMN steep_repl.merge_operations.tables IS 'the tables to be merged';
COMMENT ON COLUMN steep_repl.merge_operations.strategy IS 'which row survives a conflict';
COMMENT ON COLUMN steep_repl.merge_operations.peer_connstr IS 'the other database, without secrets';
COMMENT ON COLUMN steep_repl.merge_operations.dry_run IS 'whether it only counts';
COMMENT ON COLUMN steep_repl.merge_operations.status IS 'what has become of it';
COMMENT ON COLUMN steep_repl.merge_operations.phase IS 'what is being done';
COMMENT ON COLUMN steep_repl.merge_operations.error_message IS 'why it failed';
COMMENT ON COLUMN steep_repl.merge_operations.overall_percent IS '0 to 100';
COMMENT ON COLUMN steep_repl.merge_operations.current_table IS 'the one in work';
COMMENT ON COLUMN steep_repl.merge_operations.tables_total IS 'how many tables there are';
COMMENT ON COLUMN steep_repl.merge_operations.tables_completed IS 'how many of them are done';
COMMENT ON COLUMN steep_repl.merge_operations.local_only_count IS 'rows that only this side has';
COMMENT ON COLUMN steep_repl.merge_operations.remote_only_count IS
  'rows that only the other side has';
COMMENT ON COLUMN steep_repl.merge_operations.match_count IS 'rows that are equal';
COMMENT ON COLUMN steep_repl.merge_operations.conflict_count IS 'rows that differ';
COMMENT ON COLUMN steep_repl.merge_operations.rows_merged IS 'rows that were written';
COMMENT ON COLUMN steep_repl.merge_operations.created_at IS 'when it was asked for';
COMMENT ON COLUMN steep_repl.merge_operations.started_at IS 'when it was begun';
COMMENT ON COLUMN steep_repl.merge_operations.completed_at IS 'when it ended';
COMMENT ON COLUMN steep_repl.merge_operations.conflicts_resolved IS 'how many were decided';
COMMENT ON COLUMN steep_repl.merge_operations.rows_a_to_b IS 'rows written to the other side';
COMMENT ON COLUMN steep_repl.merge_operations.rows_b_to_a IS 'rows written to this side';
COMMENT ON COLUMN steep_repl.merge_operations.quiesce_timeout_ms IS 'how long to wait for writers';
COMMENT ON COLUMN steep_repl.merge_operations.requested_by IS 'the role that asked for it';
COMMENT ON COLUMN steep_repl.merge_operations.heartbeat_at IS 'when its progress was last written';
COMMENT ON TABLE steep_repl.merge_audit_log IS 'what merges have decided, row by row';
COMMENT ON COLUMN steep_repl.merge_audit_log.id IS 'in order of decision';
COMMENT ON COLUMN steep_repl.merge_audit_log.merge_id IS 'the merge';
COMMENT ON COLUMN steep_repl.merge_audit_log.table_schema IS 'whose row';
COMMENT ON COLUMN steep_repl.merge_audit_log.table_name IS 'whose row';
COMMENT ON COLUMN steep_repl.merge_audit_log.pk_value IS 'which row';
COMMENT ON COLUMN steep_repl.merge_audit_log.category IS
  'match, conflict, local_only or remote_only';
COMMENT ON COLUMN steep_repl.merge_audit_log.resolution IS 'what was done';
COMMENT ON COLUMN steep_repl.merge_audit_log.node_a_value IS 'the row on this side';
COMMENT ON COLUMN steep_repl.merge_audit_log.node_b_value IS 'the row on the other side';
COMMENT ON COLUMN steep_repl.merge_audit_log.resolved_at IS 'when';
COMMENT ON COLUMN steep_repl.merge_audit_log.resolved_by IS 'the strategy, or a role';
COMMENT ON FUNCTION steep_repl.notify_snapshot_change() IS 'tells listeners of a snapshot';
COMMENT ON FUNCTION steep_repl.notify_merge_change() IS 'tells listeners of a merge';

REVOKE ALL ON TABLE steep_repl.snapshots, steep_repl.merge_operations, steep_repl.merge_audit_log
  FROM PUBLIC;
REVOKE ALL ON SEQUENCE steep_repl.merge_audit_log_id_seq FROM PUBLIC;
GRANT SELECT ON TABLE steep_repl.snapshots, steep_repl.merge_operations, steep_repl.merge_audit_log
  TO steep_repl_reader;
REVOKE ALL ON FUNCTION steep_repl.notify_snapshot_change(), steep_repl.notify_merge_change()
  FROM PUBLIC;
