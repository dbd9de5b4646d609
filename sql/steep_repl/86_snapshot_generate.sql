-- Generating snapshots: what is asked for, what there is to copy, and what has become of it.

-- A path that could lead to a directory of its own, where the role in effect may have files. The
-- worker looks again, at the directories themselves.
CREATE FUNCTION steep_repl.check_snapshot_path(p_path text, p_role_for_files name) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  root text := rtrim(current_setting('steep_repl.snapshot_directory', true), '/');
BEGIN
  IF p_path !~ '^/' OR p_path ~ '(^|/)\.{1,2}(/|$)' OR p_path ~ '//' OR p_path ~ '/$' THEN
    RAISE EXCEPTION 'invalid snapshot path "%"', p_path
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give an absolute path on the server, without the components "." and "..".';
  ELSIF root <> '' THEN
    IF left(p_path, length(root) + 1) <> root || '/' THEN
      RAISE EXCEPTION 'snapshot path "%" is not below "%"', p_path, root
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'The setting steep_repl.snapshot_directory confines snapshots to it.';
    END IF;
  ELSIF NOT pg_has_role(p_role_for_files, 'USAGE') THEN
    RAISE EXCEPTION 'permission denied for snapshot path "%"', p_path
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = format('Only members of role "%s" may choose any directory of the server.',
                            p_role_for_files),
            HINT = 'A superuser can set steep_repl.snapshot_directory to a directory for snapshots'
                   ' of all operators.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_snapshot_path(text, name) IS
  'refuses a path where the role in effect may have no snapshot';

CREATE FUNCTION steep_repl.check_new_directory(p_path text) RETURNS void
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_check_new_directory';
COMMENT ON FUNCTION steep_repl.check_new_directory(text) IS
  'refuses a path where no directory of a new snapshot can be';

CREATE FUNCTION steep_repl.check_parallel(p_parallel integer) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  most integer := coalesce(current_setting('steep_repl.max_parallel', true)::integer, 16);
BEGIN
  PERFORM steep_repl.require_argument('p_parallel', p_parallel::text);
  IF p_parallel NOT BETWEEN 1 AND most THEN
    RAISE EXCEPTION 'p_parallel must be between 1 and %, not %', most, p_parallel
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'The limit is the setting steep_repl.max_parallel.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_parallel(integer) IS
  'refuses a number of streams that is out of range';

CREATE FUNCTION steep_repl.check_compression(p_compression text, p_level integer) RETURNS void
  LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  least integer;
  most integer;
BEGIN
  PERFORM steep_repl.require_argument('p_compression', p_compression);
  SELECT c.least, c.most INTO least, most
    FROM (VALUES ('none', 0, 0), ('gzip', 1, 9), ('lz4', 1, 12), ('zstd', 1, 19))
         AS c(name, least, most)
   WHERE c.name = p_compression;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'invalid compression "%"', p_compression
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Use none, gzip, lz4 or zstd.';
  ELSIF p_level NOT BETWEEN least AND most THEN
    RAISE EXCEPTION 'p_compression_level for % must be between % and %, not %',
                    p_compression, least, most, p_level
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_compression(text, integer) IS
  'refuses a compression that there is not, or a level out of its range';

-- Names of tables may be given with their schema or without, then in any schema; with their schema
-- each part may have quotes.
CREATE FUNCTION steep_repl.names_of(p_schema name, p_table name) RETURNS text[]
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT ARRAY[p_table::text, p_schema || '.' || p_table, q.schema || '.' || p_table,
             p_schema || '.' || q.name, q.schema || '.' || q.name]
  FROM (VALUES ('"' || replace(p_schema, '"', '""') || '"',
                '"' || replace(p_table, '"', '""') || '"')) AS q(schema, name)
$$;
COMMENT ON FUNCTION steep_repl.names_of(name, name) IS
  'each way in which a list may name a table';

CREATE FUNCTION steep_repl.is_named(p_schema name, p_table name, p_names text[]) RETURNS boolean
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.names_of(p_schema, p_table) && p_names
$$;
COMMENT ON FUNCTION steep_repl.is_named(name, name, text[]) IS
  'whether a list names a table, with its schema or without';

CREATE FUNCTION steep_repl.names_in(p_list jsonb) RETURNS text[]
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN jsonb_typeof(p_list) = 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(p_list)) END
$$;
COMMENT ON FUNCTION steep_repl.names_in(jsonb) IS 'a list of names, null if it is none; internal';

-- Whoever names a partitioned table means its partitions, of any depth. Unlike
-- pg_partition_tree(), the way up waits for nobody's lock.
CREATE FUNCTION steep_repl.named_tables(p_names text[]) RETURNS SETOF oid
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
WITH named AS MATERIALIZED (
  SELECT c.oid FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'f') AND steep_repl.is_named(n.nspname, c.relname, p_names)
)
SELECT n.oid FROM named AS n
 UNION
SELECT c.oid FROM pg_catalog.pg_class AS c, pg_partition_ancestors(c.oid) AS a
 WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND a.relid IN (SELECT oid FROM named)
$$;
COMMENT ON FUNCTION steep_repl.named_tables(text[]) IS
  'the tables that a list names, and the partitions of those';

CREATE FUNCTION steep_repl.is_chosen_schema(p_schema name, p_choice jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT p_schema !~ '^pg_' AND p_schema NOT IN ('information_schema', 'steep_repl', 'walrus')
       AND coalesce(p_schema = ANY (steep_repl.names_in(p_choice -> 'include_schemas')), true)
       AND coalesce(p_schema <> ALL (steep_repl.names_in(p_choice -> 'exclude_schemas')), true)
$$;
COMMENT ON FUNCTION steep_repl.is_chosen_schema(name, jsonb) IS
  'whether a snapshot has the tables of a schema, as far as schemas are chosen';

-- A misspelt name would leave out what is wanted, or copy what is not. Names to exclude may be
-- those of what is left out anyway.
CREATE FUNCTION steep_repl.check_snapshot_names(p_choice jsonb) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lost record;
BEGIN
  WITH schemas AS (
    SELECT n.oid, n.nspname, steep_repl.is_chosen_schema(n.nspname, p_choice) AS is_chosen
      FROM pg_catalog.pg_namespace AS n
  ), known AS (
    SELECT 'schema' AS kind, s.nspname::text AS name, s.is_chosen FROM schemas AS s
     UNION ALL
    SELECT 'table', v.name, s.is_chosen
      FROM pg_catalog.pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace,
           unnest(steep_repl.names_of(s.nspname, c.relname)) AS v(name)
     WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.relpersistence <> 't'
  )
  SELECT a.list, a.kind,
         string_agg(format('"%s"', w.name), ', ' ORDER BY w.place) AS names
    INTO lost
    FROM (VALUES ('include_schemas', 'schema'), ('exclude_schemas', 'schema'),
                 ('include_tables', 'table'), ('exclude_tables', 'table')) AS a(list, kind)
   CROSS JOIN unnest(steep_repl.names_in(p_choice -> a.list)) WITH ORDINALITY AS w(name, place)
    LEFT JOIN known AS k
           ON k.kind = a.kind AND k.name = w.name AND (k.is_chosen OR a.list LIKE 'exclude%')
   WHERE k.name IS NULL
   GROUP BY a.list, a.kind
   ORDER BY a.kind, a.list DESC
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'no % matches % of p_%', lost.kind, lost.names, lost.list
      USING ERRCODE = CASE lost.kind WHEN 'schema' THEN '3F000' ELSE '42P01' END,
            HINT = 'Give names and no patterns, those of tables with their schema or without.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_snapshot_names(jsonb) IS
  'refuses a choice with names of schemas or tables that match nothing';

-- Every table whose definition a snapshot has. A partition that is included by name brings the
-- tables that it is a part of, without which it could not be restored.
CREATE FUNCTION steep_repl.chosen_tables(p_choice jsonb) RETURNS SETOF oid
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  include_tables text[] := steep_repl.names_in(p_choice -> 'include_tables');
  exclude_tables text[] := steep_repl.names_in(p_choice -> 'exclude_tables');
BEGIN
  RETURN QUERY
  WITH eligible AS MATERIALIZED (
    SELECT c.oid, c.relispartition
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
       AND steep_repl.is_chosen_schema(n.nspname, p_choice)
       AND (exclude_tables IS NULL OR c.oid NOT IN (SELECT steep_repl.named_tables(exclude_tables)))
  ), chosen AS MATERIALIZED (
    SELECT e.oid, e.relispartition FROM eligible AS e
     WHERE include_tables IS NULL OR e.oid IN (SELECT steep_repl.named_tables(include_tables))
  )
  SELECT c.oid FROM chosen AS c
   UNION
  SELECT e.oid FROM chosen AS c, pg_partition_ancestors(c.oid) AS a
    JOIN eligible AS e ON e.oid = a.relid
   WHERE c.relispartition;
END
$$;
COMMENT ON FUNCTION steep_repl.chosen_tables(jsonb) IS
  'the tables that the schema of a snapshot has; choice has include_schemas, exclude_schemas, include_tables, exclude_tables';

-- The tables of a snapshot, and with a reason those whose rows are left out. Partitions stand for
-- the tables that they are of. Waits for nobody's lock, so it tells no sizes.
CREATE FUNCTION steep_repl.snapshot_tables(p_choice jsonb)
  RETURNS TABLE (relation oid, table_schema name, table_name name, columns name[],
                 splittable boolean, excluded text)
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT c.oid, n.nspname, c.relname,
       ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attgenerated = ''
              ORDER BY a.attnum),
       coalesce(m.amname = 'heap', false),
       CASE WHEN c.relkind = 'f' THEN 'foreign table'
            WHEN c.relpersistence = 'u' THEN 'unlogged table'
            WHEN e.extname IS NOT NULL THEN format('belongs to extension "%s"', e.extname) END
  FROM steep_repl.chosen_tables(p_choice) AS t(oid)
  JOIN pg_catalog.pg_class AS c ON c.oid = t.oid AND c.relkind IN ('r', 'f')
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
  LEFT JOIN pg_catalog.pg_depend AS d
         ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
        AND d.deptype = 'e'
  LEFT JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
$$;
COMMENT ON FUNCTION steep_repl.snapshot_tables(jsonb) IS
  'the tables of a snapshot, chosen as in chosen_tables(), and why rows of some are left out';

-- With the schema of a type, unless it is the server's own.
CREATE FUNCTION steep_repl.column_types(p_table oid) RETURNS text[]
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute AS a
 WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
$$;
COMMENT ON FUNCTION steep_repl.column_types(oid) IS
  'the types of the columns of a table that have values of their own, in order; internal';

-- Foreign keys of a snapshot's tables that could not be checked where it is applied: the rows that
-- they refer to are not in it. Tables without rows of their own only need the table to be there.
CREATE FUNCTION steep_repl.lost_foreign_keys(p_choice jsonb)
  RETURNS TABLE (table_schema name, table_name name, constraint_name name, refers_to text)
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
WITH chosen AS MATERIALIZED (
  SELECT t.oid FROM steep_repl.chosen_tables(p_choice) AS t(oid)
), copied AS MATERIALIZED (
  SELECT t.relation FROM steep_repl.snapshot_tables(p_choice) AS t WHERE t.excluded IS NULL
), lacking AS MATERIALIZED (
  SELECT c.oid, c.relispartition FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'f') AND c.oid NOT IN (SELECT relation FROM copied)
     -- An extension fills its tables itself, where it is created.
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
), incomplete AS MATERIALIZED (
  SELECT l.oid FROM lacking AS l
   UNION
  SELECT a.relid FROM lacking AS l, pg_partition_ancestors(l.oid) AS a WHERE l.relispartition
)
SELECT n.nspname, c.relname, k.conname,
       format('%s.%s, %s', s.nspname, r.relname,
              CASE WHEN r.oid IN (SELECT oid FROM chosen) THEN 'of which rows are left out'
                   ELSE 'which is left out' END)
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class AS r ON r.oid = k.confrelid
  JOIN pg_catalog.pg_namespace AS s ON s.oid = r.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0
   AND c.oid IN (SELECT oid FROM chosen)
   AND (r.oid NOT IN (SELECT oid FROM chosen)
        OR c.relpersistence = 'p' AND r.oid IN (SELECT oid FROM incomplete))
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"
$$;
COMMENT ON FUNCTION steep_repl.lost_foreign_keys(jsonb) IS
  'the foreign keys of the tables of a snapshot that refer to rows that it has not';

-- The sequences of a snapshot: those of its tables, and those of nobody in its schemas, or where
-- tables were chosen those that are named among them.
CREATE FUNCTION steep_repl.snapshot_sequences(p_choice jsonb)
  RETURNS TABLE (sequence_schema name, sequence_name name)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  include_tables text[] := steep_repl.names_in(p_choice -> 'include_tables');
  exclude_tables text[] := steep_repl.names_in(p_choice -> 'exclude_tables');
BEGIN
  RETURN QUERY
  SELECT n.nspname, c.relname
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_depend AS d
           ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
   WHERE c.relkind = 'S' AND c.relpersistence <> 't'
     AND steep_repl.is_chosen_schema(n.nspname, p_choice)
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
                        AND e.deptype = 'e')
     AND (exclude_tables IS NULL OR NOT steep_repl.is_named(n.nspname, c.relname, exclude_tables))
     AND CASE WHEN d.refobjid IS NOT NULL
              THEN d.refobjid IN (SELECT steep_repl.chosen_tables(p_choice))
              ELSE include_tables IS NULL
                   OR steep_repl.is_named(n.nspname, c.relname, include_tables) END
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
END
$$;
COMMENT ON FUNCTION steep_repl.snapshot_sequences(jsonb) IS
  'the sequences of a snapshot, chosen as its tables are';

-- What the role in effect may not read is told before anything is queued.
CREATE FUNCTION steep_repl.check_snapshot_privileges(p_choice jsonb) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  forbidden text;
BEGIN
  SELECT string_agg(f.name, ', ' ORDER BY f.name COLLATE "C") INTO forbidden
    FROM (SELECT format('%I.%I', t.table_schema, t.table_name) AS name
            FROM steep_repl.snapshot_tables(p_choice) AS t
           WHERE t.excluded IS NULL
             AND NOT (has_schema_privilege(t.table_schema::text, 'USAGE')
                      AND has_table_privilege(t.relation, 'SELECT'))
           ORDER BY 1 LIMIT 10) AS f;
  IF forbidden IS NOT NULL THEN
    RAISE EXCEPTION 'permission denied for tables %', forbidden
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Grant SELECT on them, or exclude them from the snapshot.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_snapshot_privileges(jsonb) IS
  'refuses a snapshot with tables that the role in effect may not read';

-- A table that is published and has no key could not be updated any more.
CREATE FUNCTION steep_repl.check_publishable(p_choice jsonb) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  keyless text;
BEGIN
  SELECT string_agg(f.name, ', ' ORDER BY f.name COLLATE "C") INTO keyless
    FROM (SELECT format('%I.%I', t.table_schema, t.table_name) AS name
            FROM steep_repl.snapshot_tables(p_choice) AS t
            JOIN pg_catalog.pg_class AS c ON c.oid = t.relation
           WHERE t.excluded IS NULL
             AND (c.relreplident = 'n'
                  OR c.relreplident = 'd'
                     AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i
                                      WHERE i.indrelid = c.oid AND i.indisprimary))
           ORDER BY 1 LIMIT 10) AS f;
  IF keyless IS NOT NULL THEN
    RAISE EXCEPTION 'tables without a primary key cannot be followed: %', keyless
      USING ERRCODE = 'SR007',
            HINT = 'Give them a primary key or a REPLICA IDENTITY, or exclude them.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_publishable(jsonb) IS
  'refuses tables that could not be changed any more once they are published';

-- A slot that could not be made is told before anything is queued.
CREATE FUNCTION steep_repl.check_replication() RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles
                  WHERE rolname = current_user AND (rolreplication OR rolsuper)) THEN
    RAISE EXCEPTION 'permission denied to keep a replication slot'
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('ALTER ROLE %I REPLICATION;', current_user);
  ELSIF current_setting('wal_level') <> 'logical' THEN
    RAISE EXCEPTION 'no replication slot can be kept while wal_level is "%"',
                    current_setting('wal_level')
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Set wal_level to "logical" and restart the server.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_replication() IS
  'refuses to keep a replication slot where there cannot be one';

-- This server's own node, never a peer: that of steep_repl.node_id, else one that is made.
CREATE FUNCTION steep_repl.own_node_name() RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(nullif(current_setting('steep_repl.node_id', true), ''), 'local')
$$;
COMMENT ON FUNCTION steep_repl.own_node_name() IS 'the id of the node that this server is';

CREATE FUNCTION steep_repl.own_node() RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own text := steep_repl.own_node_name();
BEGIN
  INSERT INTO steep_repl.nodes (node_id, node_name, host)
  VALUES (own, CASE own WHEN 'local' THEN 'Local' ELSE own END, 'localhost')
      ON CONFLICT (node_id) DO NOTHING;
  RETURN own;
END
$$;
COMMENT ON FUNCTION steep_repl.own_node() IS 'the node that this server is; internal';

-- A name made of those of nodes. Where they have characters that it must not have, a hash keeps it
-- apart from others that would look alike.
CREATE FUNCTION steep_repl.replication_name(p_text text) RETURNS name
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN p_text ~ '^[A-Za-z0-9_]{1,63}$' THEN p_text
            ELSE left(regexp_replace(p_text, '[^A-Za-z0-9_]', '_', 'g'), 54) || '_'
                 || left(encode(sha256(convert_to(p_text, getdatabaseencoding())), 'hex'), 8)
            END::name
$$;
COMMENT ON FUNCTION steep_repl.replication_name(text) IS
  'a text as a name of letters, digits and underscores, with a hash if it is not the same';

CREATE FUNCTION steep_repl.publication_name() RETURNS name
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.replication_name('steep_pub_' || steep_repl.own_node_name())
$$;
COMMENT ON FUNCTION steep_repl.publication_name() IS
  'the publication of the tables of snapshots whose slots are kept';

CREATE FUNCTION steep_repl.unpublished_tables(p_choice jsonb)
  RETURNS TABLE (relation oid, table_name text)
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT t.relation, format('%I.%I', t.table_schema, t.table_name)
  FROM steep_repl.snapshot_tables(p_choice) AS t, steep_repl.publication_name() AS p(name)
 WHERE t.excluded IS NULL
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication AS a
                    WHERE a.pubname = p.name AND a.puballtables)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS a
                    WHERE a.pubname = p.name AND a.schemaname = t.table_schema
                      AND a.tablename = t.table_name)
$$;
COMMENT ON FUNCTION steep_repl.unpublished_tables(jsonb) IS
  'the tables of a snapshot that the publication lacks, all if there is none yet';

-- Only owners publish tables, and change publications.
CREATE FUNCTION steep_repl.check_publishing(p_choice jsonb) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  publication name := steep_repl.publication_name();
  owner oid := (SELECT p.pubowner FROM pg_catalog.pg_publication AS p
                 WHERE p.pubname = publication);
  lacking text;
  forbidden text;
BEGIN
  SELECT string_agg(t.table_name, ', ' ORDER BY t.table_name COLLATE "C"),
         string_agg(t.table_name, ', ' ORDER BY t.table_name COLLATE "C")
           FILTER (WHERE NOT t.owned)
    INTO lacking, forbidden
    FROM (SELECT u.table_name, pg_has_role(c.relowner, 'USAGE') AS owned
            FROM steep_repl.unpublished_tables(p_choice) AS u
            JOIN pg_catalog.pg_class AS c ON c.oid = u.relation
           ORDER BY 2, 1 LIMIT 10) AS t;
  IF owner IS NULL AND NOT has_database_privilege(current_database(), 'CREATE') THEN
    RAISE EXCEPTION 'permission denied to create publication "%"', publication
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('GRANT CREATE ON DATABASE %I TO %I; or create it yourself, with the'
                          ' tables.', current_database(), current_user);
  ELSIF lacking IS NOT NULL AND NOT pg_has_role(owner, 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to add tables to publication "%": %', publication, lacking
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Let its owner add them, or exclude them.';
  ELSIF forbidden IS NOT NULL THEN
    RAISE EXCEPTION 'permission denied to publish tables %', forbidden
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('Let their owners add them to publication "%s", or exclude them.',
                          publication);
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_publishing(jsonb) IS
  'refuses a snapshot whose tables the role in effect may not publish';

-- The publication that whoever follows the slot of a snapshot subscribes to. It has to be there
-- before the slot is: what is decoded is decoded with the catalog of its time. One that is there
-- already gets the tables that it lacks.
CREATE FUNCTION steep_repl.publish_snapshot(p_id bigint) RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  choice jsonb := (SELECT w.params FROM steep_repl.work_queue AS w WHERE w.id = p_id);
  name name := steep_repl.publication_name();
  lacking text;
BEGIN
  PERFORM steep_repl.check_publishable(choice);
  PERFORM steep_repl.check_publishing(choice);
  SELECT string_agg('ONLY ' || u.table_name, ', ') INTO lacking
    FROM steep_repl.unpublished_tables(choice) AS u;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.pubname = name) THEN
    EXECUTE format('CREATE PUBLICATION %I', name)
            || coalesce(' FOR TABLE ' || lacking, '');
  ELSIF lacking IS NOT NULL THEN
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', name, lacking);
  END IF;
  RETURN name;
END
$$;
COMMENT ON FUNCTION steep_repl.publish_snapshot(bigint) IS
  'publishes the tables of a snapshot whose slot is kept; returns the publication';

-- Behind enqueue(): the row of a snapshot that is to be generated.
CREATE FUNCTION steep_repl.add_snapshot(p_params jsonb) RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id text := 'snap_' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_')
             || left(translate(gen_random_uuid()::text, '-', ''), 8);
BEGIN
  PERFORM steep_repl.require_argument('output_path', p_params ->> 'output_path');
  INSERT INTO steep_repl.snapshots
         (snapshot_id, source_node_id, storage_path, compression, parallel, expires_at)
  VALUES (id, steep_repl.own_node(), p_params ->> 'output_path', p_params ->> 'compression',
          (p_params ->> 'parallel')::integer,
          clock_timestamp() + (p_params ->> 'expires_after')::interval);
  RETURN id;
END
$$;
COMMENT ON FUNCTION steep_repl.add_snapshot(jsonb) IS
  'adds the row of a snapshot that is to be generated; internal';

-- Behind enqueue(): what a job makes is found again by the row of its snapshot.
CREATE FUNCTION steep_repl.require_own_path(p_id text, p_path text) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own text := (SELECT s.storage_path FROM steep_repl.snapshots AS s WHERE s.snapshot_id = p_id);
BEGIN
  IF p_path IS DISTINCT FROM own THEN
    RAISE EXCEPTION 'snapshot "%" does not go to "%"', p_id, p_path
      USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Its directory is "%s".', own),
            HINT = 'Take another one with steep_repl.start_snapshot().';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_own_path(text, text) IS
  'refuses a job that would make a snapshot elsewhere than its row says; internal';

CREATE FUNCTION steep_repl.start_snapshot(
  p_output_path text, p_compression text DEFAULT 'none', p_parallel integer DEFAULT 4,
  p_compression_level integer DEFAULT NULL, p_include_schemas text[] DEFAULT NULL,
  p_exclude_schemas text[] DEFAULT NULL, p_include_tables text[] DEFAULT NULL,
  p_exclude_tables text[] DEFAULT NULL, p_keep_slot boolean DEFAULT false,
  p_expires_after interval DEFAULT NULL) RETURNS steep_repl.snapshots
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  params jsonb := jsonb_strip_nulls(jsonb_build_object(
    'output_path', p_output_path, 'compression', p_compression, 'parallel', p_parallel,
    'level', p_compression_level, 'include_schemas', p_include_schemas,
    'exclude_schemas', p_exclude_schemas, 'include_tables', p_include_tables,
    'exclude_tables', p_exclude_tables, 'keep_slot', p_keep_slot,
    'expires_after', p_expires_after));
BEGIN
  PERFORM steep_repl.require_argument('p_output_path', p_output_path);
  PERFORM steep_repl.require_argument('p_keep_slot', p_keep_slot::text);
  PERFORM steep_repl.check_compression(p_compression, p_compression_level);
  PERFORM steep_repl.check_parallel(p_parallel);
  IF p_expires_after <= interval '0' THEN
    RAISE EXCEPTION 'p_expires_after must be greater than 0, not %', p_expires_after
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM steep_repl.check_snapshot_path(p_output_path, 'pg_write_server_files');
  PERFORM steep_repl.check_snapshot_names(params);
  PERFORM steep_repl.check_snapshot_privileges(params);
  IF p_keep_slot THEN
    PERFORM steep_repl.check_replication();
    PERFORM steep_repl.check_publishable(params);
    PERFORM steep_repl.check_publishing(params);
  END IF;
  PERFORM steep_repl.check_new_directory(p_output_path);
  RETURN steep_repl.snapshot_of(steep_repl.enqueue('snapshot_generate', NULL, NULL, params, NULL));
END
$$;
COMMENT ON FUNCTION steep_repl.start_snapshot(text, text, integer, integer, text[], text[], text[], text[], boolean, interval) IS
  'queues the generation of a snapshot in a directory of the server; returns its row';

-- Volatile, to see what the same statement has queued.
CREATE FUNCTION steep_repl.snapshot_of(p_work_queue_id bigint) RETURNS steep_repl.snapshots
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT s.* FROM steep_repl.snapshots AS s
  JOIN steep_repl.work_queue AS w ON w.snapshot_id = s.snapshot_id
 WHERE w.id = p_work_queue_id
$$;
COMMENT ON FUNCTION steep_repl.snapshot_of(bigint) IS 'the snapshot of a job';

-- The worker's own: from here on there may be a directory that bears the snapshot's mark, or none
-- after all. It must be on the disk before the directory is.
CREATE FUNCTION steep_repl.begin_directory(p_id bigint, p_begun boolean) RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE steep_repl.snapshots AS s
     SET directory_begun = p_begun
    FROM steep_repl.work_queue AS w
   WHERE w.id = p_id AND w.snapshot_id = s.snapshot_id AND w.status = 'running';
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION steep_repl.begin_directory(bigint, boolean) IS
  'writes down whether a job may have made the directory of its snapshot; internal';

-- The worker's own: what its files are, once they are all there.
CREATE FUNCTION steep_repl.record_snapshot(p_id bigint, p_checksum text, p_facts text)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  facts jsonb := p_facts::jsonb;
  id text;
BEGIN
  UPDATE steep_repl.snapshots AS s
     SET lsn = facts ->> 'lsn',
         checksum = p_checksum,
         manifest = facts,
         size_bytes = (facts ->> 'total_size_bytes')::bigint,
         table_count = (facts ->> 'table_count')::integer,
         tables_completed = (facts ->> 'table_count')::integer,
         rows_total = (facts ->> 'row_count')::bigint,
         rows_written = (facts ->> 'row_count')::bigint,
         compression_ratio = (facts ->> 'compression_ratio')::real
    FROM steep_repl.work_queue AS w
   WHERE w.id = p_id AND w.snapshot_id = s.snapshot_id AND w.status = 'running'
  RETURNING s.snapshot_id INTO id;
  IF facts ->> 'slot_name' IS NOT NULL THEN
    INSERT INTO steep_repl.init_slots (slot_name, node_id, lsn, expires_at)
    SELECT facts ->> 'slot_name', s.source_node_id, facts ->> 'lsn',
           clock_timestamp() + interval '168 hours'
      FROM steep_repl.snapshots AS s WHERE s.snapshot_id = id;
  END IF;
  RETURN id;
END
$$;
COMMENT ON FUNCTION steep_repl.record_snapshot(bigint, text, text) IS
  'writes down what a snapshot is; internal';

-- The worker's own, when its job has come to nothing after all.
CREATE FUNCTION steep_repl.withdraw_snapshot(p_snapshot_id text) RETURNS void
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
DELETE FROM steep_repl.init_slots AS i
 USING steep_repl.snapshots AS s
 WHERE s.snapshot_id = p_snapshot_id AND i.slot_name = s.manifest ->> 'slot_name';
UPDATE steep_repl.snapshots
   SET lsn = NULL, checksum = NULL, manifest = NULL, size_bytes = 0
 WHERE snapshot_id = p_snapshot_id AND manifest IS NOT NULL
$$;
COMMENT ON FUNCTION steep_repl.withdraw_snapshot(text) IS
  'forgets what was written down of a snapshot; internal';

CREATE FUNCTION steep_repl.list_snapshots(p_status text DEFAULT NULL, p_limit integer DEFAULT 100)
  RETURNS SETOF steep_repl.snapshots
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_status NOT IN ('pending', 'generating', 'complete', 'applying', 'applied', 'failed',
                      'cancelled', 'expired', 'deleting') THEN
    RAISE EXCEPTION 'invalid status "%"', p_status
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use pending, generating, complete, applying, applied, failed, cancelled,'
                   ' expired or deleting.';
  ELSIF p_limit < 0 THEN
    RAISE EXCEPTION 'p_limit must not be negative, not %', p_limit
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY
  SELECT * FROM steep_repl.snapshots AS s
   WHERE p_status IS NULL OR s.status = p_status
   ORDER BY s.created_at DESC, s.snapshot_id
   LIMIT p_limit;
END
$$;
COMMENT ON FUNCTION steep_repl.list_snapshots(text, integer) IS
  'snapshots, the newest first, of all states or one';

REVOKE ALL ON FUNCTION
  steep_repl.check_snapshot_path(text, name), steep_repl.check_new_directory(text),
  steep_repl.check_parallel(integer),
  steep_repl.check_compression(text, integer), steep_repl.names_of(name, name),
  steep_repl.is_named(name, name, text[]),
  steep_repl.named_tables(text[]), steep_repl.is_chosen_schema(name, jsonb),
  steep_repl.check_snapshot_names(jsonb), steep_repl.chosen_tables(jsonb),
  steep_repl.snapshot_tables(jsonb), steep_repl.column_types(oid),
  steep_repl.lost_foreign_keys(jsonb),
  steep_repl.snapshot_sequences(jsonb), steep_repl.names_in(jsonb),
  steep_repl.check_snapshot_privileges(jsonb), steep_repl.check_replication(),
  steep_repl.check_publishable(jsonb), steep_repl.replication_name(text),
  steep_repl.publication_name(), steep_repl.unpublished_tables(jsonb),
  steep_repl.check_publishing(jsonb),
  steep_repl.publish_snapshot(bigint), steep_repl.own_node_name(), steep_repl.own_node(),
  steep_repl.add_snapshot(jsonb), steep_repl.require_own_path(text, text),
  steep_repl.start_snapshot(text, text, integer, integer, text[], text[], text[], text[], boolean, interval),
  steep_repl.snapshot_of(bigint), steep_repl.begin_directory(bigint, boolean),
  steep_repl.record_snapshot(bigint, text, text), steep_repl.withdraw_snapshot(text),
  steep_repl.list_snapshots(text, integer)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.check_snapshot_path(text, name), steep_repl.check_new_directory(text),
  steep_repl.check_parallel(integer),
  steep_repl.check_compression(text, integer), steep_repl.names_of(name, name),
  steep_repl.is_named(name, name, text[]),
  steep_repl.named_tables(text[]), steep_repl.is_chosen_schema(name, jsonb),
  steep_repl.check_snapshot_names(jsonb), steep_repl.chosen_tables(jsonb),
  steep_repl.snapshot_tables(jsonb), steep_repl.column_types(oid),
  steep_repl.lost_foreign_keys(jsonb),
  steep_repl.snapshot_sequences(jsonb), steep_repl.names_in(jsonb),
  steep_repl.check_snapshot_privileges(jsonb), steep_repl.check_replication(),
  steep_repl.check_publishable(jsonb), steep_repl.replication_name(text),
  steep_repl.publication_name(), steep_repl.unpublished_tables(jsonb),
  steep_repl.check_publishing(jsonb),
  steep_repl.publish_snapshot(bigint), steep_repl.own_node_name(),
  steep_repl.snapshot_of(bigint),
  steep_repl.start_snapshot(text, text, integer, integer, text[], text[], text[], text[], boolean, interval)
  TO steep_repl_operator;
GRANT EXECUTE ON FUNCTION steep_repl.list_snapshots(text, integer) TO PUBLIC;
