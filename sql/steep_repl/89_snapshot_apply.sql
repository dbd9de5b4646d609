-- Applying snapshots: what is asked for, what stands against it, and what has become of it.

CREATE FUNCTION steep_repl.start_apply(
  p_input_path text, p_parallel integer DEFAULT 4, p_verify boolean DEFAULT true,
  p_target_node text DEFAULT NULL, p_source_node text DEFAULT NULL,
  p_truncate boolean DEFAULT false, p_create_schema boolean DEFAULT false,
  p_no_owner boolean DEFAULT false, p_analyze boolean DEFAULT true)
  RETURNS steep_repl.snapshots
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  manifest jsonb;
  params jsonb;
BEGIN
  PERFORM steep_repl.require_argument('p_input_path', p_input_path);
  PERFORM steep_repl.require_argument('p_verify', p_verify::text);
  PERFORM steep_repl.require_argument('p_truncate', p_truncate::text);
  PERFORM steep_repl.require_argument('p_create_schema', p_create_schema::text);
  PERFORM steep_repl.require_argument('p_no_owner', p_no_owner::text);
  PERFORM steep_repl.require_argument('p_analyze', p_analyze::text);
  PERFORM steep_repl.check_parallel(p_parallel);
  IF p_truncate AND p_create_schema THEN
    RAISE EXCEPTION 'p_truncate and p_create_schema exclude each other'
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Tables that are created have nothing in them that could be emptied.';
  END IF;
  PERFORM steep_repl.check_target_node(p_target_node);
  manifest := steep_repl.read_manifest(p_input_path);
  IF p_source_node IS NOT NULL THEN
    PERFORM steep_repl.check_subscription(p_source_node, manifest);
  END IF;
  params := jsonb_strip_nulls(jsonb_build_object(
    'input_path', p_input_path, 'parallel', p_parallel, 'verify', p_verify,
    'target_node', p_target_node, 'source_node', p_source_node, 'truncate', p_truncate,
    'create_schema', p_create_schema, 'no_owner', p_no_owner, 'analyze', p_analyze,
    'snapshot', jsonb_build_object(
      'source_node', manifest -> 'source_node', 'lsn', manifest -> 'lsn',
      'compression', manifest -> 'compression', 'created_at', manifest -> 'created_at',
      'size_bytes', manifest -> 'total_size_bytes',
      'table_count', jsonb_array_length(manifest -> 'tables'))));
  RETURN steep_repl.snapshot_of(
    steep_repl.enqueue('snapshot_apply', manifest ->> 'snapshot_id', NULL, params, NULL));
END
$$;
COMMENT ON FUNCTION steep_repl.start_apply(text, integer, boolean, text, text, boolean, boolean, boolean, boolean) IS
  'queues the loading of a snapshot from a directory of the server; returns its row';

CREATE FUNCTION steep_repl.check_target_node(p_node_id text) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own text := nullif(current_setting('steep_repl.node_id', true), '');
BEGIN
  IF p_node_id = '' OR p_node_id <> own THEN
    RAISE EXCEPTION 'this server is node "%", not "%"', own, p_node_id
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A snapshot is applied by the server that it is for: connect to that one.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_target_node(text) IS
  'refuses the name of a node that this server is not';

-- The changes since the snapshot can come from the slot that was kept with it, and from no other.
CREATE FUNCTION steep_repl.check_subscription(p_source_node text, p_manifest jsonb) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.subscription_conninfo(p_source_node);
  IF p_manifest ->> 'slot_name' IS NULL OR p_manifest ->> 'publication' IS NULL THEN
    RAISE EXCEPTION 'snapshot "%" has no replication slot that could be followed',
                    p_manifest ->> 'snapshot_id'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Take one with p_keep_slot => true.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_subscription(text, jsonb) IS
  'refuses a subscription that would miss changes or that the role in effect may not make';

-- A subscription connects as the server's OS user does: its password file has the password.
CREATE FUNCTION steep_repl.subscription_conninfo(p_source_node text) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  peer steep_repl.nodes;
BEGIN
  SELECT * INTO peer FROM steep_repl.nodes WHERE node_id = p_source_node;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'source node "%" not found', p_source_node
      USING ERRCODE = 'undefined_object', HINT = 'Register it with steep_repl.register_node().';
  ELSIF NOT steep_repl.is_superuser() THEN
    RAISE EXCEPTION 'permission denied to subscribe to node "%"', p_source_node
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'A subscription without a password in it belongs to a superuser.',
            HINT = 'Let a superuser apply the snapshot, or create the subscription yourself.';
  END IF;
  PERFORM steep_repl.require_confirmed_address(peer);
  RETURN steep_repl.peer_conninfo(peer);
END
$$;
COMMENT ON FUNCTION steep_repl.subscription_conninfo(text) IS
  'how a subscription of the role in effect reaches a node';

CREATE FUNCTION steep_repl.subscription_name(p_source_node text, p_target_node text) RETURNS name
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.replication_name('steep_sub_' || p_target_node || '_from_' || p_source_node)
$$;
COMMENT ON FUNCTION steep_repl.subscription_name(text, text) IS
  'the subscription by which one node follows another; internal';

CREATE FUNCTION steep_repl.source_slot_lsn(p_conninfo text, p_slot name) RETURNS pg_lsn
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_source_slot_lsn';
COMMENT ON FUNCTION steep_repl.source_slot_lsn(text, name) IS
  'where the changes of a slot of another server begin, null if it is not there or in use; internal';

-- A subscription to a slot that is gone, or that somebody has read from, is made without a word,
-- and misses changes for ever.
CREATE FUNCTION steep_repl.subscription_problems(p_id bigint, p_slot name, p_lsn pg_lsn)
  RETURNS TABLE (code text, problem text)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  source text;
  subscription name;
  reached pg_lsn;
BEGIN
  SELECT w.params ->> 'source_node',
         steep_repl.subscription_name(w.params ->> 'source_node', a.target_node_id)
    INTO source, subscription
    FROM steep_repl.work_queue AS w
    JOIN steep_repl.snapshot_applications AS a ON a.work_queue_id = w.id
   WHERE w.id = p_id;
  IF EXISTS (SELECT FROM pg_catalog.pg_subscription AS s
              WHERE s.subname = subscription
                AND s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d
                                  WHERE d.datname = current_database())) THEN
    RETURN QUERY SELECT '42710', format('subscription "%s" is there already', subscription);
  END IF;
  reached := steep_repl.source_slot_lsn(steep_repl.subscription_conninfo(source), p_slot);
  IF reached IS NULL THEN
    RETURN QUERY SELECT '55000',
      format('node "%s" has no replication slot "%s" that is free', source, p_slot);
  ELSIF reached <> p_lsn THEN
    RETURN QUERY SELECT '55000',
      format('changes up to %s were read from replication slot "%s" of node "%s" already, and the'
             ' snapshot is of %s', reached, p_slot, source, p_lsn);
  END IF;
EXCEPTION WHEN connection_failure THEN
  RETURN QUERY SELECT '08006', format('node "%s": %s', source, SQLERRM);
END
$$;
COMMENT ON FUNCTION steep_repl.subscription_problems(bigint, name, pg_lsn) IS
  'what stands against following the source from a snapshot on; internal';

-- The changes since the snapshot: from where the slot begins, all of them and each once.
CREATE FUNCTION steep_repl.subscribe(p_id bigint, p_slot name, p_publication name, p_lsn pg_lsn)
  RETURNS name
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  source text := (SELECT w.params ->> 'source_node' FROM steep_repl.work_queue AS w
                   WHERE w.id = p_id);
  target text := (SELECT a.target_node_id FROM steep_repl.snapshot_applications AS a
                   WHERE a.work_queue_id = p_id);
  name name := steep_repl.subscription_name(source, target);
  obstacle record;
BEGIN
  SELECT * INTO obstacle FROM steep_repl.subscription_problems(p_id, p_slot, p_lsn) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', obstacle.problem
      USING ERRCODE = obstacle.code,
            DETAIL = 'All rows are loaded; the source is not followed.',
            HINT = 'Take another snapshot to follow from, or go on without.';
  END IF;
  EXECUTE format('CREATE SUBSCRIPTION %I CONNECTION %L PUBLICATION %I WITH (create_slot = false,'
                 ' slot_name = %L, copy_data = false%s)',
                 name, steep_repl.subscription_conninfo(source), p_publication, p_slot,
                 CASE WHEN current_setting('server_version_num')::integer >= 160000
                      THEN ', origin = none' END);
  RETURN name;
END
$$;
COMMENT ON FUNCTION steep_repl.subscribe(bigint, name, name, pg_lsn) IS
  'creates the subscription that follows the slot of a snapshot; returns its name';

-- Behind enqueue(): what the row of a snapshot that comes from elsewhere tells, and for whom it is.
CREATE FUNCTION steep_repl.add_applied_snapshot(p_snapshot_id text, p_params jsonb) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  facts jsonb := p_params -> 'snapshot';
  source text := coalesce(facts ->> 'source_node', steep_repl.own_node());
BEGIN
  PERFORM steep_repl.require_argument('p_snapshot_id', p_snapshot_id);
  IF facts IS NULL
     OR EXISTS (SELECT FROM steep_repl.snapshots WHERE snapshot_id = p_snapshot_id) THEN
    RETURN;
  END IF;
  INSERT INTO steep_repl.nodes (node_id, node_name, host) VALUES (source, source, 'unknown')
      ON CONFLICT (node_id) DO NOTHING;
  INSERT INTO steep_repl.snapshots
         (snapshot_id, source_node_id, lsn, storage_path, compression, parallel, table_count,
          size_bytes, created_at)
  VALUES (p_snapshot_id, source, facts ->> 'lsn', p_params ->> 'input_path',
          facts ->> 'compression', (p_params ->> 'parallel')::integer,
          (facts ->> 'table_count')::integer, (facts ->> 'size_bytes')::bigint,
          (facts ->> 'created_at')::timestamptz);
END
$$;
COMMENT ON FUNCTION steep_repl.add_applied_snapshot(text, jsonb) IS
  'adds the row of a snapshot that was taken elsewhere; internal';

-- Behind enqueue(): the application itself.
CREATE FUNCTION steep_repl.add_application(p_work steep_repl.work_queue) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target text := coalesce((p_work).params ->> 'target_node', steep_repl.own_node());
BEGIN
  INSERT INTO steep_repl.nodes (node_id, node_name, host) VALUES (target, target, 'localhost')
      ON CONFLICT (node_id) DO NOTHING;
  INSERT INTO steep_repl.snapshot_applications (work_queue_id, snapshot_id, target_node_id)
  VALUES ((p_work).id, (p_work).snapshot_id, target);
  UPDATE steep_repl.snapshots SET target_node_id = target
   WHERE snapshot_id = (p_work).snapshot_id;
END
$$;
COMMENT ON FUNCTION steep_repl.add_application(steep_repl.work_queue) IS
  'writes down that a snapshot is to be applied; internal';

-- The worker's own: what was done, once all of it is.
CREATE FUNCTION steep_repl.record_application(p_id bigint, p_facts text) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  facts jsonb := p_facts::jsonb;
BEGIN
  UPDATE steep_repl.snapshot_applications
     SET tables_loaded = (facts ->> 'tables')::integer,
         rows_loaded = (facts ->> 'rows')::bigint,
         subscription_name = facts ->> 'subscription'
   WHERE work_queue_id = p_id;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION steep_repl.record_application(bigint, text) IS
  'writes down what a job has loaded; internal';

-- What of it a table has that an application needs to be owner for.
CREATE FUNCTION steep_repl.has_foreign_keys_or_triggers(p_table oid) RETURNS boolean
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint
                WHERE contype = 'f' AND conrelid = p_table)
    OR EXISTS (SELECT FROM pg_catalog.pg_trigger
                WHERE tgrelid = p_table AND NOT tgisinternal AND tgenabled <> 'D'
                  AND tgtype & (4 | 32) <> 0)
$$;
COMMENT ON FUNCTION steep_repl.has_foreign_keys_or_triggers(oid) IS
  'whether loading a table would look at foreign keys or fire triggers; internal';

-- Size alone for those who may not look: rows that were deleted count for them.
CREATE FUNCTION steep_repl.is_empty(p_table oid) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_one boolean;
BEGIN
  IF pg_relation_size(p_table) = 0 THEN
    RETURN true;
  ELSIF NOT has_table_privilege(p_table, 'SELECT') THEN
    RETURN false;
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s)', p_table::regclass) INTO found_one;
  RETURN NOT found_one;
END
$$;
COMMENT ON FUNCTION steep_repl.is_empty(oid) IS 'whether a table has no row of its own; internal';

-- Other types would round what they are given, or cut it off, without a word. A string that is too
-- long is refused.
CREATE FUNCTION steep_repl.takes_all(p_into text, p_type text) RETURNS boolean
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT p_into IN (p_type, t.unlimited, 'text')
       OR regexp_replace(p_into, '\(.*?\)', '') = t.unlimited
          AND t.unlimited IN ('character varying', 'character', 'bit varying', 'bit')
       OR p_type = 'smallint' AND p_into IN ('integer', 'bigint', 'numeric')
       OR p_type = 'integer' AND p_into IN ('bigint', 'numeric')
       OR p_type = 'bigint' AND p_into = 'numeric'
       OR p_type = 'real' AND p_into = 'double precision'
  FROM (SELECT regexp_replace(p_type, '\(.*?\)', '')) AS t(unlimited)
$$;
COMMENT ON FUNCTION steep_repl.takes_all(text, text) IS
  'whether a column of one type takes all values of another, or says so; internal';

-- What stands against loading some tables: an array of objects with schema, name, columns (none:
-- whatever the files have), their types, and resumed (whether rows are in it already, by an earlier
-- try).
CREATE FUNCTION steep_repl.table_problems(p_tables jsonb, p_truncate boolean)
  RETURNS TABLE (code text, problem text, relation oid)
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted record;
  target record;
  names text[];
  listed text;
BEGIN
  FOR wanted IN
    SELECT t.* FROM jsonb_to_recordset(p_tables)
           AS t(schema name, name name, columns text[], types text[], resumed boolean)
  LOOP
    SELECT c.oid, c.relkind, pg_has_role(c.relowner, 'USAGE') AS owned,
           format('table %I.%I ', wanted.schema, wanted.name) AS subject
      INTO target
      FROM pg_catalog.pg_class AS c
     WHERE c.relname = wanted.name
       AND c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n
                              WHERE n.nspname = wanted.schema);
    relation := target.oid;
    code := '42P01';
    IF target.oid IS NULL THEN
      problem := format('table %I.%I does not exist', wanted.schema, wanted.name);
      RETURN NEXT;
      CONTINUE;
    ELSIF target.relkind <> 'r' THEN
      problem := target.subject || 'is not an ordinary table';
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT array_agg(a.attname::text) INTO names
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = target.oid AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attgenerated = '';
    code := 'SR004';
    SELECT string_agg(quote_ident(w.name), ', ' ORDER BY w.n) INTO listed
      FROM unnest(wanted.columns) WITH ORDINALITY AS w(name, n)
     WHERE w.name <> ALL (coalesce(names, '{}'));
    IF listed IS NOT NULL THEN
      problem := target.subject || 'has no columns ' || listed;
      RETURN NEXT;
    END IF;
    FOR listed IN
      SELECT format('column %I is %s, and %s in the snapshot', a.attname,
                    format_type(a.atttypid, a.atttypmod), w.type)
        FROM unnest(wanted.columns, wanted.types) AS w(name, type)
        JOIN pg_catalog.pg_attribute AS a ON a.attname = w.name
       WHERE a.attrelid = target.oid AND a.attnum > 0 AND NOT a.attisdropped
         AND a.attgenerated = ''
         AND NOT steep_repl.takes_all(format_type(a.atttypid, a.atttypmod), w.type)
       ORDER BY a.attnum
    LOOP
      problem := target.subject || listed;
      RETURN NEXT;
    END LOOP;
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO listed
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = target.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
       AND NOT a.atthasdef AND a.attidentity = '' AND cardinality(wanted.columns) > 0
       AND a.attname <> ALL (wanted.columns);
    IF listed IS NOT NULL THEN
      problem := target.subject || 'needs values in columns that the snapshot has not: ' || listed;
      RETURN NEXT;
    END IF;
    code := '42501';
    IF NOT has_schema_privilege(wanted.schema::text, 'USAGE')
       OR NOT has_table_privilege(target.oid, 'INSERT')
          AND (wanted.columns IS NULL
               OR EXISTS (SELECT FROM unnest(wanted.columns) AS w(name)
                           WHERE w.name = ANY (names)
                             AND NOT has_column_privilege(target.oid, w.name, 'INSERT'))) THEN
      problem := target.subject || 'may not be written to';
      RETURN NEXT;
    ELSIF p_truncate AND NOT has_table_privilege(target.oid, 'TRUNCATE') THEN
      problem := target.subject || 'may not be emptied';
      RETURN NEXT;
    ELSIF NOT target.owned AND steep_repl.has_foreign_keys_or_triggers(target.oid) THEN
      problem := target.subject || 'has foreign keys or triggers, and is somebody else''s';
      RETURN NEXT;
    ELSIF row_security_active(target.oid) THEN
      problem := target.subject || 'has policies for this role';
      RETURN NEXT;
    END IF;
    code := 'SR008';
    IF NOT p_truncate AND NOT wanted.resumed AND NOT steep_repl.is_empty(target.oid) THEN
      problem := target.subject || 'is not empty';
      RETURN NEXT;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.table_problems(jsonb, boolean) IS
  'what stands against loading tables, all of it; internal';

-- Emptying a table that others refer to would leave them without what they refer to.
CREATE FUNCTION steep_repl.outside_references(p_tables oid[]) RETURNS SETOF text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT DISTINCT format('table %s is referred to by table %s, which is not in the snapshot',
                       c.confrelid::regclass, c.conrelid::regclass)
  FROM pg_catalog.pg_constraint AS c
  JOIN pg_catalog.pg_class AS r ON r.oid = c.conrelid AND r.relkind = 'r'
 WHERE c.contype = 'f' AND c.confrelid = ANY (p_tables) AND c.conrelid <> ALL (p_tables)
 ORDER BY 1
$$;
COMMENT ON FUNCTION steep_repl.outside_references(oid[]) IS
  'which tables other ones refer to; internal';

REVOKE ALL ON FUNCTION
  steep_repl.start_apply(text, integer, boolean, text, text, boolean, boolean, boolean, boolean),
  steep_repl.check_target_node(text), steep_repl.check_subscription(text, jsonb),
  steep_repl.subscription_conninfo(text), steep_repl.subscription_name(text, text),
  steep_repl.source_slot_lsn(text, name), steep_repl.subscription_problems(bigint, name, pg_lsn),
  steep_repl.subscribe(bigint, name, name, pg_lsn),
  steep_repl.add_applied_snapshot(text, jsonb),
  steep_repl.add_application(steep_repl.work_queue),
  steep_repl.record_application(bigint, text), steep_repl.has_foreign_keys_or_triggers(oid),
  steep_repl.is_empty(oid), steep_repl.takes_all(text, text),
  steep_repl.table_problems(jsonb, boolean),
  steep_repl.outside_references(oid[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.start_apply(text, integer, boolean, text, text, boolean, boolean, boolean, boolean),
  steep_repl.check_target_node(text), steep_repl.check_subscription(text, jsonb),
  steep_repl.subscription_conninfo(text), steep_repl.subscribe(bigint, name, name, pg_lsn),
  steep_repl.has_foreign_keys_or_triggers(oid),
  steep_repl.is_empty(oid), steep_repl.takes_all(text, text),
  steep_repl.table_problems(jsonb, boolean),
  steep_repl.outside_references(oid[])
  TO steep_repl_operator;
