-- How nodes are initialized, and what coordinators keep.

CREATE TABLE steep_repl.coordinator_state (
  key text CONSTRAINT coordinator_state_pkey PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE steep_repl.coordinator_state IS 'what coordinators keep between elections';
COMMENT ON COLUMN steep_repl.coordinator_state.key IS
  'category.subcategory, or cluster_version, range_allocator, ddl_sequence';
COMMENT ON COLUMN steep_repl.coordinator_state.value IS 'anything';
COMMENT ON COLUMN steep_repl.coordinator_state.updated_at IS 'when it was written';
SELECT pg_catalog.pg_extension_config_dump('steep_repl.coordinator_state', '');

CREATE FUNCTION steep_repl.audit_state() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.write_audit('state.updated', steep_repl.actor(), 'state',
                                 coalesce(NEW.key, OLD.key), OLD.value, NEW.value);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION steep_repl.audit_state() IS
  'writes changes of the state of coordinators to the audit log';
CREATE TRIGGER coordinator_state_audit
  AFTER INSERT OR UPDATE OR DELETE ON steep_repl.coordinator_state
  FOR EACH ROW EXECUTE FUNCTION steep_repl.audit_state();

CREATE TABLE steep_repl.init_progress (
  node_id text CONSTRAINT init_progress_pkey PRIMARY KEY
    CONSTRAINT init_progress_node_id_fkey
    REFERENCES steep_repl.nodes (node_id) ON DELETE CASCADE,
  phase text NOT NULL
    CONSTRAINT progress_phase_check
    CHECK (phase IN ('preparing', 'copying', 'catching_up', 'complete', 'failed')),
  overall_percent real NOT NULL DEFAULT 0
    CONSTRAINT progress_overall_percent_check CHECK (overall_percent BETWEEN 0 AND 100),
  tables_total integer NOT NULL DEFAULT 0
    CONSTRAINT progress_tables_total_check CHECK (tables_total >= 0),
  tables_completed integer NOT NULL DEFAULT 0
    CONSTRAINT progress_tables_completed_check CHECK (tables_completed >= 0),
  current_table text,
  current_table_percent real DEFAULT 0
    CONSTRAINT progress_current_table_percent_check CHECK (current_table_percent BETWEEN 0 AND 100),
  rows_copied bigint DEFAULT 0 CONSTRAINT progress_rows_check CHECK (rows_copied >= 0),
  bytes_copied bigint DEFAULT 0 CONSTRAINT progress_bytes_check CHECK (bytes_copied >= 0),
  throughput_rows_sec real DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT now(),
  eta_seconds integer CONSTRAINT progress_eta_check CHECK (eta_seconds >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  parallel_workers integer DEFAULT 1
    CONSTRAINT progress_parallel_check CHECK (parallel_workers BETWEEN 1 AND 16),
  error_message text,
  CONSTRAINT progress_tables_check CHECK (tables_completed <= tables_total)
);
COMMENT ON TABLE steep_repl.init_progress IS 'how far the initialization of a node is';
COMMENT ON COLUMN steep_repl.init_progress.node_id IS 'which node';
COMMENT ON COLUMN steep_repl.init_progress.phase IS 'what is being done';
COMMENT ON COLUMN steep_repl.init_progress.overall_percent IS '0 to 100';
COMMENT ON COLUMN steep_repl.init_progress.tables_total IS 'how many tables there are';
COMMENT ON COLUMN steep_repl.init_progress.tables_completed IS 'how many of them are done';
COMMENT ON COLUMN steep_repl.init_progress.current_table IS 'the one in work';
COMMENT ON COLUMN steep_repl.init_progress.current_table_percent IS '0 to 100';
COMMENT ON COLUMN steep_repl.init_progress.rows_copied IS 'of all tables';
COMMENT ON COLUMN steep_repl.init_progress.bytes_copied IS 'of all tables';
COMMENT ON COLUMN steep_repl.init_progress.throughput_rows_sec IS 'rows per second';
COMMENT ON COLUMN steep_repl.init_progress.started_at IS 'when it began';
COMMENT ON COLUMN steep_repl.init_progress.eta_seconds IS 'until it is done; null while unknown';
COMMENT ON COLUMN steep_repl.init_progress.updated_at IS 'when this row was written';
COMMENT ON COLUMN steep_repl.init_progress.parallel_workers IS 'how many copy at once';
COMMENT ON COLUMN steep_repl.init_progress.error_message IS 'why it failed';
SELECT pg_catalog.pg_extension_config_dump('steep_repl.init_progress', '');

CREATE TABLE steep_repl.init_slots (
  slot_name text CONSTRAINT init_slots_pkey PRIMARY KEY,
  node_id text NOT NULL
    CONSTRAINT init_slots_node_id_fkey REFERENCES steep_repl.nodes (node_id),
  lsn text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  used_by_node text
    CONSTRAINT init_slots_used_by_node_fkey REFERENCES steep_repl.nodes (node_id),
  used_at timestamptz
);
CREATE INDEX idx_init_slots_node ON steep_repl.init_slots (node_id);
CREATE INDEX idx_init_slots_expires ON steep_repl.init_slots (expires_at)
  WHERE expires_at IS NOT NULL;
COMMENT ON TABLE steep_repl.init_slots IS
  'replication slots that were made for an initialization';
COMMENT ON COLUMN steep_repl.init_slots.slot_name IS 'the slot on its server';
COMMENT ON COLUMN steep_repl.init_slots.node_id IS 'the node that it was made on';
COMMENT ON COLUMN steep_repl.init_slots.lsn IS 'from where on it has changes';
COMMENT ON COLUMN steep_repl.init_slots.created_at IS 'when it was made';
COMMENT ON COLUMN steep_repl.init_slots.expires_at IS 'when it may be dropped unused';
COMMENT ON COLUMN steep_repl.init_slots.used_by_node IS 'the node that was initialized with it';
COMMENT ON COLUMN steep_repl.init_slots.used_at IS 'when';
SELECT pg_catalog.pg_extension_config_dump('steep_repl.init_slots', '');

-- A slot that nobody knows of any more fills the disk of its server.
CREATE FUNCTION steep_repl.audit_slot() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.write_audit('slot.forgotten', steep_repl.actor(), 'slot', OLD.slot_name,
                                 to_jsonb(OLD));
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION steep_repl.audit_slot() IS
  'writes slots that are no longer recorded to the audit log';
CREATE TRIGGER init_slots_audit AFTER DELETE ON steep_repl.init_slots
  FOR EACH ROW EXECUTE FUNCTION steep_repl.audit_slot();

REVOKE ALL ON TABLE
  steep_repl.coordinator_state, steep_repl.init_progress, steep_repl.init_slots FROM PUBLIC;
GRANT SELECT ON TABLE
  steep_repl.coordinator_state, steep_repl.init_progress, steep_repl.init_slots
  TO steep_repl_reader;
GRANT INSERT, UPDATE, DELETE ON TABLE steep_repl.init_progress, steep_repl.init_slots
  TO steep_repl_operator;
GRANT INSERT, UPDATE, DELETE ON TABLE steep_repl.coordinator_state TO steep_repl_admin;
REVOKE ALL ON FUNCTION steep_repl.audit_state(), steep_repl.audit_slot() FROM PUBLIC;

