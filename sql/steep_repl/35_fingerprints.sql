-- Schema fingerprints: what tables look like to replication, in 64 characters.

-- No foreign key to nodes: a peer need not be registered here.
CREATE TABLE steep_repl.schema_fingerprints (
  node_id text NOT NULL,
  table_schema text NOT NULL,
  table_name text NOT NULL,
  fingerprint text NOT NULL,
  column_count integer NOT NULL
    CONSTRAINT fingerprints_column_count_check CHECK (column_count >= 0),
  captured_at timestamptz NOT NULL DEFAULT now(),
  column_definitions jsonb,
  algorithm smallint NOT NULL DEFAULT 2
    CONSTRAINT fingerprints_algorithm_check CHECK (algorithm > 0),
  CONSTRAINT schema_fingerprints_pkey PRIMARY KEY (node_id, table_schema, table_name)
);
CREATE INDEX idx_fingerprints_captured ON steep_repl.schema_fingerprints (captured_at);
CREATE INDEX idx_fingerprints_node ON steep_repl.schema_fingerprints (node_id);
COMMENT ON TABLE steep_repl.schema_fingerprints IS
  'what the tables of nodes looked like when captured';
COMMENT ON COLUMN steep_repl.schema_fingerprints.node_id IS 'whose table';
COMMENT ON COLUMN steep_repl.schema_fingerprints.table_schema IS 'its schema';
COMMENT ON COLUMN steep_repl.schema_fingerprints.table_name IS 'its name';
COMMENT ON COLUMN steep_repl.schema_fingerprints.fingerprint IS
  'SHA-256 of the columns, in hexadecimal';
COMMENT ON COLUMN steep_repl.schema_fingerprints.column_count IS 'how many columns it has';
COMMENT ON COLUMN steep_repl.schema_fingerprints.captured_at IS 'when it was read';
COMMENT ON COLUMN steep_repl.schema_fingerprints.column_definitions IS
  'name, type, default, nullable, position, generated and collation of each column';
COMMENT ON COLUMN steep_repl.schema_fingerprints.algorithm IS
  'how the fingerprint was made; only equal ones compare';
SELECT pg_catalog.pg_extension_config_dump('steep_repl.schema_fingerprints', '');

-- Algorithm 2: of each column in order its name, its type (for an array that of its elements) with
-- modifiers, whether it is nullable, how it is generated, and its collation where that is not the
-- type's. Each is preceded by its length in bytes and a colon, so that no two lists have the same
-- text. Defaults do not count: names of sequences differ between servers.
--
-- A peer is sent the same text, which knows nothing but pg_catalog and runs on every server from
-- 15 on. The fingerprint depends on no setting; the definitions depend on those that
-- table_fingerprints() has.
CREATE FUNCTION steep_repl.fingerprint_query(p_condition text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN format($query$
SELECT n.nspname::text AS table_schema, c.relname::text AS table_name,
       encode(sha256(convert_to(coalesce(d.described, ''), e.encoding)), 'hex') AS fingerprint,
       2::smallint AS algorithm, d.column_count, d.column_definitions
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  -- A database without an encoding has bytes, which may be no characters.
 CROSS JOIN (SELECT CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END
            ) AS e(encoding)
 CROSS JOIN LATERAL (
       SELECT count(*)::integer AS column_count,
              string_agg(
                (SELECT string_agg(octet_length(convert_to(p.part, e.encoding)) || ':' || p.part,
                                   '' ORDER BY p.number)
                   FROM unnest(ARRAY[a.attname::text, tn.nspname::text,
                                     coalesce(element.typname, t.typname)::text,
                                     CASE WHEN element.oid IS NULL THEN '' ELSE '[]' END,
                                     a.atttypmod::text, k.nullable, k.generated,
                                     cn.nspname::text, co.collname::text])
                        WITH ORDINALITY AS p(part, number)
                  WHERE p.part IS NOT NULL), '' ORDER BY a.attnum) AS described,
              coalesce(jsonb_agg(jsonb_build_object(
                'name', a.attname,
                'type', format_type(a.atttypid, a.atttypmod),
                'default', pg_get_expr(ad.adbin, ad.adrelid),
                'nullable', k.nullable,
                'position', a.position,
                'generated', k.generated,
                'collation', coalesce(co.oid::regcollation::text, '')) ORDER BY a.attnum),
                '[]') AS column_definitions
         FROM (SELECT *, row_number() OVER (ORDER BY attnum) AS position
                 FROM pg_catalog.pg_attribute
                WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS a
         JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
         LEFT JOIN pg_catalog.pg_type AS element
           ON element.oid = t.typelem AND element.typarray = t.oid
         JOIN pg_catalog.pg_namespace AS tn
           ON tn.oid = coalesce(element.typnamespace, t.typnamespace)
         LEFT JOIN pg_catalog.pg_collation AS co
           ON co.oid = a.attcollation AND a.attcollation <> t.typcollation
         LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
         LEFT JOIN pg_catalog.pg_attrdef AS ad
           ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
        CROSS JOIN LATERAL (
              SELECT CASE
                       -- A constraint that is not valid lets the nulls be that are there.
                       WHEN a.attnotnull AND NOT EXISTS (
                              SELECT FROM pg_catalog.pg_constraint AS k
                               WHERE k.conrelid = a.attrelid AND k.contype = 'n'
                                 AND NOT k.convalidated AND a.attnum = ANY (k.conkey)) THEN 'NO'
                       WHEN t.typtype = 'd' AND EXISTS (
                              WITH RECURSIVE domain(type, strict, base) AS (
                                SELECT t.typtype, t.typnotnull, t.typbasetype
                                 UNION ALL
                                SELECT b.typtype, b.typnotnull, b.typbasetype
                                  FROM domain JOIN pg_catalog.pg_type AS b ON b.oid = domain.base)
                              SELECT FROM domain WHERE type = 'd' AND strict) THEN 'NO'
                       ELSE 'YES' END,
                     -- Whether partitions have the identity differs between versions.
                     concat(a.attgenerated,
                            CASE WHEN NOT c.relispartition THEN a.attidentity END)
              ) AS k(nullable, generated)) AS d
 WHERE %s
 ORDER BY 1, 2$query$, p_condition);
COMMENT ON FUNCTION steep_repl.fingerprint_query(text) IS
  'the query for the fingerprints of relations, which is sent to peers too';

-- No system's tables, no extension's, no temporary ones.
CREATE FUNCTION steep_repl.user_tables_condition(p_schemas text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN format($condition$
       c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'steep_repl')
   AND (%1$L::text[] IS NULL OR n.nspname = ANY (%1$L::text[]))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                    WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
                      AND e.deptype = 'e')$condition$, p_schemas);
COMMENT ON FUNCTION steep_repl.user_tables_condition(text[]) IS
  'which relations c in schemas n are tables of users';

CREATE FUNCTION steep_repl.user_tables_query(p_schemas text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN steep_repl.fingerprint_query(steep_repl.user_tables_condition(p_schemas));
COMMENT ON FUNCTION steep_repl.user_tables_query(text[]) IS
  'the query for the fingerprints of the tables of users';

-- These settings are sent to peers, too. Compiling the query would take longer than running it.
CREATE FUNCTION steep_repl.table_fingerprints(p_schemas text[] DEFAULT NULL)
  RETURNS TABLE (table_schema text, table_name text, fingerprint text, algorithm smallint,
                 column_count integer, column_definitions jsonb)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
  SET quote_all_identifiers = off
  SET DateStyle = 'ISO, YMD'
  SET IntervalStyle = postgres
  SET TimeZone = 'UTC'
  SET extra_float_digits = 1
  SET bytea_output = hex
  SET jit = off
AS $$
BEGIN
  RETURN QUERY EXECUTE steep_repl.user_tables_query(p_schemas);
END
$$;
COMMENT ON FUNCTION steep_repl.table_fingerprints(text[]) IS
  'the fingerprints of all tables of users, or of those in some schemas, as they are now';

CREATE FUNCTION steep_repl.compute_fingerprint(p_schema text, p_table text) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  computed record;
BEGIN
  PERFORM steep_repl.require_argument('p_schema', p_schema);
  PERFORM steep_repl.require_argument('p_table', p_table);
  EXECUTE steep_repl.fingerprint_query(
            format('n.nspname = %L AND c.relname = %L AND c.relkind IN (%L, %L, %L, %L, %L)',
                   p_schema, p_table, 'r', 'p', 'f', 'v', 'm'))
     INTO computed;
  RETURN CASE WHEN computed.column_count > 0 THEN computed.fingerprint END;
END
$$;
COMMENT ON FUNCTION steep_repl.compute_fingerprint(text, text) IS
  'the fingerprint of a table or view; null if there is none or it has no columns';

CREATE FUNCTION steep_repl.capture_fingerprint(p_node_id text, p_schema text, p_table text)
  RETURNS steep_repl.schema_fingerprints
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  captured steep_repl.schema_fingerprints;
BEGIN
  PERFORM steep_repl.require_argument('p_node_id', p_node_id);
  PERFORM steep_repl.require_argument('p_schema', p_schema);
  PERFORM steep_repl.require_argument('p_table', p_table);
  INSERT INTO steep_repl.schema_fingerprints AS f
         (node_id, table_schema, table_name, fingerprint, column_count, captured_at,
          column_definitions, algorithm)
  SELECT p_node_id, t.table_schema, t.table_name, t.fingerprint, t.column_count,
         clock_timestamp(), t.column_definitions, t.algorithm
    FROM steep_repl.table_fingerprints(ARRAY[p_schema]) AS t
   WHERE t.table_name = p_table
      ON CONFLICT (node_id, table_schema, table_name) DO UPDATE
     SET fingerprint = excluded.fingerprint,
         column_count = excluded.column_count,
         captured_at = excluded.captured_at,
         column_definitions = excluded.column_definitions,
         algorithm = excluded.algorithm
  RETURNING f.* INTO captured;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'table "%.%" does not exist, or is not a table of a user', p_schema, p_table
      USING ERRCODE = 'undefined_table';
  END IF;
  RETURN captured;
END
$$;
COMMENT ON FUNCTION steep_repl.capture_fingerprint(text, text, text) IS
  'stores the fingerprint of one table';

-- Two at once wait for each other at the first table that both have; the order of the rows
-- keeps them from a deadlock. What is stored but no longer there goes afterwards.
CREATE FUNCTION steep_repl.capture_fingerprints(p_node_id text, p_schemas text[] DEFAULT NULL)
  RETURNS integer
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  captured integer;
BEGIN
  PERFORM steep_repl.require_argument('p_node_id', p_node_id);
  WITH present AS MATERIALIZED (
    SELECT * FROM steep_repl.table_fingerprints(p_schemas)
  ), stored AS (
    INSERT INTO steep_repl.schema_fingerprints
           (node_id, table_schema, table_name, fingerprint, column_count, captured_at,
            column_definitions, algorithm)
    SELECT p_node_id, t.table_schema, t.table_name, t.fingerprint, t.column_count,
           clock_timestamp(), t.column_definitions, t.algorithm
      FROM present AS t
     ORDER BY t.table_schema, t.table_name
        ON CONFLICT (node_id, table_schema, table_name) DO UPDATE
       SET fingerprint = excluded.fingerprint,
           column_count = excluded.column_count,
           captured_at = excluded.captured_at,
           column_definitions = excluded.column_definitions,
           algorithm = excluded.algorithm
    RETURNING 1
  ), gone AS (
    DELETE FROM steep_repl.schema_fingerprints AS f
     WHERE f.node_id = p_node_id AND (p_schemas IS NULL OR f.table_schema = ANY (p_schemas))
       AND NOT EXISTS (SELECT FROM present AS t
                        WHERE t.table_schema = f.table_schema AND t.table_name = f.table_name)
  )
  SELECT count(*) INTO captured FROM stored;
  RETURN captured;
END
$$;
COMMENT ON FUNCTION steep_repl.capture_fingerprints(text, text[]) IS
  'stores the fingerprints of all tables, forgets dropped ones; returns how many there are';

CREATE FUNCTION steep_repl.capture_all_fingerprints(p_node_id text) RETURNS integer
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
RETURN steep_repl.capture_fingerprints(p_node_id);
COMMENT ON FUNCTION steep_repl.capture_all_fingerprints(text) IS 'the same in all schemas';

CREATE FUNCTION steep_repl.match_fingerprints(
  p_local steep_repl.schema_fingerprints[], p_remote steep_repl.schema_fingerprints[])
  RETURNS TABLE (table_schema text, table_name text, local_fingerprint text,
                 remote_fingerprint text, status text, local_column_count integer,
                 remote_column_count integer)
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(l.table_schema, r.table_schema), coalesce(l.table_name, r.table_name),
         coalesce(l.fingerprint, ''), coalesce(r.fingerprint, ''),
         CASE WHEN r.fingerprint IS NULL THEN 'LOCAL_ONLY'
              WHEN l.fingerprint IS NULL THEN 'REMOTE_ONLY'
              WHEN l.algorithm <> r.algorithm THEN 'OTHER_ALGORITHM'
              WHEN l.fingerprint = r.fingerprint THEN 'MATCH'
              ELSE 'MISMATCH' END,
         coalesce(l.column_count, 0), coalesce(r.column_count, 0)
    FROM unnest(p_local) AS l
    FULL JOIN unnest(p_remote) AS r
      ON l.table_schema = r.table_schema AND l.table_name = r.table_name
   ORDER BY 1, 2
$$;
COMMENT ON FUNCTION
  steep_repl.match_fingerprints(
    steep_repl.schema_fingerprints[], steep_repl.schema_fingerprints[]) IS
  'lays two sets of fingerprints side by side';

CREATE FUNCTION steep_repl.require_two_nodes(p_node_a text, p_node_b text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_node_a = p_node_b THEN
    RAISE EXCEPTION 'node "%" cannot be compared with itself', p_node_a
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Name two nodes.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_two_nodes(text, text) IS
  'refuses to compare a node with itself';

CREATE FUNCTION steep_repl.compare_fingerprint_sets(p_node_a text, p_node_b text)
  RETURNS TABLE (table_schema text, table_name text, local_fingerprint text,
                 remote_fingerprint text, status text, local_column_count integer,
                 remote_column_count integer)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_node_a', p_node_a);
  PERFORM steep_repl.require_argument('p_node_b', p_node_b);
  PERFORM steep_repl.require_two_nodes(p_node_a, p_node_b);
  RETURN QUERY
  SELECT m.*
    FROM steep_repl.match_fingerprints(
           ARRAY(SELECT f FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = p_node_a),
           ARRAY(SELECT f FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = p_node_b))
      AS m;
END
$$;
COMMENT ON FUNCTION steep_repl.compare_fingerprint_sets(text, text) IS
  'compares what was captured of two nodes';

REVOKE ALL ON TABLE steep_repl.schema_fingerprints FROM PUBLIC;
GRANT SELECT ON TABLE steep_repl.schema_fingerprints TO steep_repl_reader;
GRANT INSERT, UPDATE, DELETE ON TABLE steep_repl.schema_fingerprints TO steep_repl_operator;
-- Schemas are in the catalog for all to see; the rest is decided by the privileges of the table.
GRANT EXECUTE ON FUNCTION
  steep_repl.fingerprint_query(text), steep_repl.user_tables_condition(text[]),
  steep_repl.user_tables_query(text[]),
  steep_repl.table_fingerprints(text[]), steep_repl.compute_fingerprint(text, text),
  steep_repl.capture_fingerprint(text, text, text),
  steep_repl.capture_fingerprints(text, text[]), steep_repl.capture_all_fingerprints(text),
  steep_repl.match_fingerprints(
    steep_repl.schema_fingerprints[], steep_repl.schema_fingerprints[]),
  steep_repl.require_two_nodes(text, text), steep_repl.compare_fingerprint_sets(text, text)
  TO PUBLIC;

