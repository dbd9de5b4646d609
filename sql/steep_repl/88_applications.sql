-- What the books tell of snapshots that are applied: for whom, which files are in already, and what
-- was set aside meanwhile. A job writes here in the transactions that do the work, so that what is
-- told is what was done.

CREATE TABLE steep_repl.snapshot_applications (
  work_queue_id bigint CONSTRAINT snapshot_applications_pkey PRIMARY KEY
    CONSTRAINT snapshot_applications_work_queue_id_fkey
    REFERENCES steep_repl.work_queue (id) ON DELETE CASCADE,
  snapshot_id text NOT NULL
    CONSTRAINT snapshot_applications_snapshot_id_fkey
    REFERENCES steep_repl.snapshots (snapshot_id) ON DELETE CASCADE,
  target_node_id text NOT NULL
    CONSTRAINT snapshot_applications_target_node_id_fkey REFERENCES steep_repl.nodes (node_id),
  tables_loaded integer NOT NULL DEFAULT 0,
  rows_loaded bigint NOT NULL DEFAULT 0,
  subscription_name text
);
CREATE INDEX snapshot_applications_snapshot_idx
  ON steep_repl.snapshot_applications (snapshot_id);

CREATE TABLE steep_repl.applied_files (
  work_queue_id bigint NOT NULL
    CONSTRAINT applied_files_work_queue_id_fkey
    REFERENCES steep_repl.work_queue (id) ON DELETE CASCADE,
  file text NOT NULL,
  row_count bigint NOT NULL,
  CONSTRAINT applied_files_pkey PRIMARY KEY (work_queue_id, file)
);

-- Without a reference to the job, which may be pruned: a definition must not be lost.
CREATE TABLE steep_repl.dropped_constraints (
  work_queue_id bigint NOT NULL,
  relation oid NOT NULL,
  name name NOT NULL,
  referenced oid NOT NULL,
  definition text NOT NULL,
  description text,
  is_unvalidated boolean NOT NULL DEFAULT false,
  CONSTRAINT dropped_constraints_pkey PRIMARY KEY (relation, name)
);
CREATE INDEX dropped_constraints_work_queue_idx ON steep_repl.dropped_constraints (work_queue_id);

CREATE TABLE steep_repl.disabled_triggers (
  work_queue_id bigint NOT NULL,
  relation oid NOT NULL,
  name name NOT NULL,
  enabled "char" NOT NULL,
  CONSTRAINT disabled_triggers_pkey PRIMARY KEY (relation, name)
);
CREATE INDEX disabled_triggers_work_queue_idx ON steep_repl.disabled_triggers (work_queue_id);

CREATE FUNCTION steep_repl.is_own_job(p_id bigint) RETURNS boolean
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (SELECT FROM steep_repl.work_queue AS w
                WHERE w.id = p_id AND w.operation = 'snapshot_apply'
                  AND pg_has_role(w.requested_role, 'USAGE'))
$$;
COMMENT ON FUNCTION steep_repl.is_own_job(bigint) IS
  'whether a snapshot is applied as a role that the role in effect is a member of';

-- What a job has loaded, and those that it is another try of.
CREATE FUNCTION steep_repl.files_applied(p_id bigint) RETURNS SETOF text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
WITH RECURSIVE tries (id, retry_of) AS (
  SELECT w.id, w.retry_of FROM steep_repl.work_queue AS w WHERE w.id = p_id
   UNION
  SELECT w.id, w.retry_of
    FROM tries AS t JOIN steep_repl.work_queue AS w ON w.id = t.retry_of
)
SELECT f.file FROM steep_repl.applied_files AS f JOIN tries AS t ON t.id = f.work_queue_id
$$;
COMMENT ON FUNCTION steep_repl.files_applied(bigint) IS
  'the files of a snapshot that a job, or an earlier try of it, has loaded';

ALTER TABLE steep_repl.snapshot_applications ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_applications ON steep_repl.snapshot_applications FOR SELECT
  USING (steep_repl.is_own_job(work_queue_id));
CREATE POLICY all_applications ON steep_repl.snapshot_applications FOR SELECT
  TO steep_repl_reader USING (true);

ALTER TABLE steep_repl.applied_files ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_files ON steep_repl.applied_files
  USING (steep_repl.is_own_job(work_queue_id));
CREATE POLICY all_files ON steep_repl.applied_files FOR SELECT
  TO steep_repl_reader USING (true);

ALTER TABLE steep_repl.dropped_constraints ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_constraints ON steep_repl.dropped_constraints
  USING (steep_repl.is_own_job(work_queue_id));
CREATE POLICY all_constraints ON steep_repl.dropped_constraints FOR SELECT
  TO steep_repl_reader USING (true);

ALTER TABLE steep_repl.disabled_triggers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_triggers ON steep_repl.disabled_triggers
  USING (steep_repl.is_own_job(work_queue_id));
CREATE POLICY all_triggers ON steep_repl.disabled_triggers FOR SELECT
  TO steep_repl_reader USING (true);

SELECT pg_catalog.pg_extension_config_dump('steep_repl.snapshot_applications', '');
SELECT pg_catalog.pg_extension_config_dump('steep_repl.applied_files', '');

COMMENT ON TABLE steep_repl.snapshot_applications IS 'jobs that apply snapshots, or have done so';
COMMENT ON COLUMN steep_repl.snapshot_applications.work_queue_id IS 'the job';
COMMENT ON COLUMN steep_repl.snapshot_applications.snapshot_id IS 'the snapshot';
COMMENT ON COLUMN steep_repl.snapshot_applications.target_node_id IS
  'the node that it is applied to';
COMMENT ON COLUMN steep_repl.snapshot_applications.tables_loaded IS
  'tables that were loaded, once the job is complete';
COMMENT ON COLUMN steep_repl.snapshot_applications.rows_loaded IS 'their rows';
COMMENT ON COLUMN steep_repl.snapshot_applications.subscription_name IS
  'the subscription that follows the source from the snapshot on';
COMMENT ON TABLE steep_repl.applied_files IS
  'the files of snapshots whose rows are in their tables: a retry leaves them out';
COMMENT ON COLUMN steep_repl.applied_files.work_queue_id IS 'the job that has loaded it';
COMMENT ON COLUMN steep_repl.applied_files.file IS 'as the manifest names it';
COMMENT ON COLUMN steep_repl.applied_files.row_count IS 'how many rows it had';
COMMENT ON TABLE steep_repl.dropped_constraints IS
  'foreign keys that a job has dropped, or made again without looking at all rows';
COMMENT ON COLUMN steep_repl.dropped_constraints.work_queue_id IS 'the job';
COMMENT ON COLUMN steep_repl.dropped_constraints.relation IS 'the table, as an OID';
COMMENT ON COLUMN steep_repl.dropped_constraints.name IS 'the name of the foreign key';
COMMENT ON COLUMN steep_repl.dropped_constraints.referenced IS
  'the table that it refers to, as an OID';
COMMENT ON COLUMN steep_repl.dropped_constraints.definition IS 'as ADD CONSTRAINT takes it';
COMMENT ON COLUMN steep_repl.dropped_constraints.description IS 'its comment';
COMMENT ON COLUMN steep_repl.dropped_constraints.is_unvalidated IS
  'whether it was made again as NOT VALID, and is to be made as it was';
COMMENT ON TABLE steep_repl.disabled_triggers IS 'triggers that a job has disabled';
COMMENT ON COLUMN steep_repl.disabled_triggers.work_queue_id IS 'the job';
COMMENT ON COLUMN steep_repl.disabled_triggers.relation IS 'the table, as an OID';
COMMENT ON COLUMN steep_repl.disabled_triggers.name IS 'the name of the trigger';
COMMENT ON COLUMN steep_repl.disabled_triggers.enabled IS 'how it was enabled, as in pg_trigger';

REVOKE ALL ON TABLE
  steep_repl.snapshot_applications, steep_repl.applied_files, steep_repl.dropped_constraints,
  steep_repl.disabled_triggers
  FROM PUBLIC;
GRANT SELECT ON TABLE
  steep_repl.snapshot_applications, steep_repl.applied_files, steep_repl.dropped_constraints,
  steep_repl.disabled_triggers
  TO PUBLIC;
GRANT INSERT ON TABLE steep_repl.applied_files TO steep_repl_operator;
GRANT UPDATE (is_unvalidated), DELETE ON TABLE steep_repl.dropped_constraints
  TO steep_repl_operator;
GRANT DELETE ON TABLE steep_repl.disabled_triggers TO steep_repl_operator;
REVOKE ALL ON FUNCTION steep_repl.is_own_job(bigint), steep_repl.files_applied(bigint)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steep_repl.is_own_job(bigint), steep_repl.files_applied(bigint)
  TO PUBLIC;
