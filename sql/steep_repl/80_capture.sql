-- Capturing fingerprints as a job: they are collected here, and take their place when all are
-- there.

CREATE UNLOGGED TABLE steep_repl.captured_fingerprints (
  work_queue_id bigint NOT NULL
    CONSTRAINT captured_fingerprints_work_queue_id_fkey
    REFERENCES steep_repl.work_queue (id) ON DELETE CASCADE,
  table_schema text NOT NULL,
  table_name text NOT NULL,
  fingerprint text NOT NULL,
  algorithm smallint NOT NULL,
  column_count integer NOT NULL,
  column_definitions jsonb,
  CONSTRAINT captured_fingerprints_pkey PRIMARY KEY (work_queue_id, table_schema, table_name)
);

-- The parameters of a capture: whose tables, and in which schemas, null for all.
CREATE FUNCTION steep_repl.capture_of(p_id bigint, OUT node_id text, OUT schemas text[])
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT w.params ->> 'node_id',
       CASE WHEN jsonb_typeof(w.params -> 'schemas') = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(w.params -> 'schemas')) END
  FROM steep_repl.work_queue AS w WHERE w.id = p_id
$$;

CREATE FUNCTION steep_repl.count_tables_to_capture(p_id bigint) RETURNS bigint
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tables bigint;
BEGIN
  EXECUTE 'SELECT count(*) FROM pg_catalog.pg_class AS c
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE '
          || steep_repl.user_tables_condition((steep_repl.capture_of(p_id)).schemas)
     INTO tables;
  RETURN tables;
END
$$;

-- The next schema by name that can hold tables of users; null when there is none.
CREATE FUNCTION steep_repl.next_schema_to_capture(p_id bigint, p_after text) RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT min(n.nspname::text COLLATE "C")
  FROM pg_catalog.pg_namespace AS n, steep_repl.capture_of(p_id) AS c
 WHERE n.nspname::text COLLATE "C" > p_after
   AND (c.schemas IS NULL OR n.nspname = ANY (c.schemas))
   AND EXISTS (SELECT FROM pg_catalog.pg_class AS r
                WHERE r.relnamespace = n.oid AND r.relkind IN ('r', 'p'))
   AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'steep_repl')
$$;

CREATE FUNCTION steep_repl.stage_fingerprints(p_id bigint, p_schema text) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  staged bigint;
BEGIN
  INSERT INTO steep_repl.captured_fingerprints
         (work_queue_id, table_schema, table_name, fingerprint, algorithm, column_count,
          column_definitions)
  SELECT p_id, t.table_schema, t.table_name, t.fingerprint, t.algorithm, t.column_count,
         t.column_definitions
    FROM steep_repl.table_fingerprints(ARRAY[p_schema]) AS t;
  GET DIAGNOSTICS staged = ROW_COUNT;
  RETURN staged;
END
$$;

-- What was collected takes the place of what was captured before; returns how many tables.
CREATE FUNCTION steep_repl.publish_fingerprints(p_id bigint) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  capture record;
  published bigint;
BEGIN
  SELECT * INTO capture FROM steep_repl.capture_of(p_id);
  INSERT INTO steep_repl.schema_fingerprints AS f
         (node_id, table_schema, table_name, fingerprint, algorithm, column_count, captured_at,
          column_definitions)
  SELECT capture.node_id, c.table_schema, c.table_name, c.fingerprint, c.algorithm,
         c.column_count, clock_timestamp(), c.column_definitions
    FROM steep_repl.captured_fingerprints AS c
   WHERE c.work_queue_id = p_id
   ORDER BY c.table_schema, c.table_name
      ON CONFLICT (node_id, table_schema, table_name) DO UPDATE
     SET fingerprint = excluded.fingerprint,
         algorithm = excluded.algorithm,
         column_count = excluded.column_count,
         captured_at = excluded.captured_at,
         column_definitions = excluded.column_definitions;
  GET DIAGNOSTICS published = ROW_COUNT;
  DELETE FROM steep_repl.schema_fingerprints AS f
   WHERE f.node_id = capture.node_id
     AND (capture.schemas IS NULL OR f.table_schema = ANY (capture.schemas))
     AND NOT EXISTS (SELECT FROM steep_repl.captured_fingerprints AS c
                      WHERE c.work_queue_id = p_id AND c.table_schema = f.table_schema
                        AND c.table_name = f.table_name);
  PERFORM steep_repl.discard_fingerprints(p_id);
  RETURN published;
END
$$;

CREATE FUNCTION steep_repl.discard_fingerprints(p_id bigint) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  discarded bigint;
BEGIN
  DELETE FROM steep_repl.captured_fingerprints WHERE work_queue_id = p_id;
  GET DIAGNOSTICS discarded = ROW_COUNT;
  RETURN discarded;
END
$$;

-- What is not given is this server's own node, and all schemas.
CREATE FUNCTION steep_repl.start_capture(
  p_node_id text DEFAULT NULL, p_schemas text[] DEFAULT NULL) RETURNS steep_repl.work_queue
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  node text := coalesce(p_node_id, nullif(current_setting('steep_repl.node_id', true), ''));
  missing text;
BEGIN
  IF node IS NULL THEN
    RAISE EXCEPTION 'p_node_id must not be null'
      USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Name the node, or set steep_repl.node_id.';
  END IF;
  PERFORM steep_repl.require_argument('p_node_id', node);
  IF array_position(p_schemas, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'p_schemas must not contain null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  SELECT min(wanted.name) INTO missing
    FROM unnest(p_schemas) AS wanted(name)
   WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = wanted.name);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'schema "%" does not exist', missing USING ERRCODE = 'invalid_schema_name';
  END IF;
  RETURN steep_repl.queued(steep_repl.enqueue(
    'schema_capture', NULL, NULL, jsonb_build_object('node_id', node, 'schemas', p_schemas), NULL));
END
$$;

ALTER TABLE steep_repl.captured_fingerprints ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_captures ON steep_repl.captured_fingerprints
  USING (EXISTS (SELECT FROM steep_repl.work_queue AS w
                  WHERE w.id = work_queue_id AND pg_has_role(w.requested_role, 'USAGE')));

COMMENT ON TABLE steep_repl.captured_fingerprints IS 'what captures that run have collected so far';
COMMENT ON COLUMN steep_repl.captured_fingerprints.work_queue_id IS 'the job';
COMMENT ON COLUMN steep_repl.captured_fingerprints.table_schema IS 'as in schema_fingerprints';
COMMENT ON COLUMN steep_repl.captured_fingerprints.table_name IS 'as in schema_fingerprints';
COMMENT ON COLUMN steep_repl.captured_fingerprints.fingerprint IS 'as in schema_fingerprints';
COMMENT ON COLUMN steep_repl.captured_fingerprints.algorithm IS 'as in schema_fingerprints';
COMMENT ON COLUMN steep_repl.captured_fingerprints.column_count IS 'as in schema_fingerprints';
COMMENT ON COLUMN steep_repl.captured_fingerprints.column_definitions IS
  'as in schema_fingerprints';
COMMENT ON FUNCTION steep_repl.start_capture(text, text[]) IS
  'queues a capture of the fingerprints of this database; returns the job';
COMMENT ON FUNCTION steep_repl.capture_of(bigint) IS 'what a capture is about; internal';
COMMENT ON FUNCTION steep_repl.count_tables_to_capture(bigint) IS 'a part of a capture; internal';
COMMENT ON FUNCTION steep_repl.next_schema_to_capture(bigint, text) IS
  'a part of a capture; internal';
COMMENT ON FUNCTION steep_repl.stage_fingerprints(bigint, text) IS 'a part of a capture; internal';
COMMENT ON FUNCTION steep_repl.publish_fingerprints(bigint) IS 'a part of a capture; internal';
COMMENT ON FUNCTION steep_repl.discard_fingerprints(bigint) IS 'a part of a capture; internal';

REVOKE ALL ON TABLE steep_repl.captured_fingerprints FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON TABLE steep_repl.captured_fingerprints TO steep_repl_operator;
REVOKE ALL ON FUNCTION
  steep_repl.start_capture(text, text[]), steep_repl.capture_of(bigint),
  steep_repl.count_tables_to_capture(bigint), steep_repl.next_schema_to_capture(bigint, text),
  steep_repl.stage_fingerprints(bigint, text), steep_repl.publish_fingerprints(bigint),
  steep_repl.discard_fingerprints(bigint)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.start_capture(text, text[]), steep_repl.capture_of(bigint),
  steep_repl.count_tables_to_capture(bigint), steep_repl.next_schema_to_capture(bigint, text),
  steep_repl.stage_fingerprints(bigint, text), steep_repl.publish_fingerprints(bigint),
  steep_repl.discard_fingerprints(bigint)
  TO steep_repl_operator;
