-- Peers are asked over dblink, with a query that runs nothing but pg_catalog: a peer needs no
-- extension, and what its users have made there is not called.

-- A superuser's password must not go where somebody else has written an address.
CREATE FUNCTION steep_repl.require_confirmed_address(p_peer steep_repl.nodes) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT (p_peer).address_confirmed THEN
    RAISE EXCEPTION 'the address of peer node "%" was not confirmed by a superuser',
                    (p_peer).node_id
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = format('It is %s:%s, database "%s", parameters "%s".', (p_peer).host,
                            (p_peer).port, coalesce((p_peer).dbname, current_database()),
                            (p_peer).conninfo),
            HINT = format('If it is right: UPDATE steep_repl.nodes SET address_confirmed = true'
                          ' WHERE node_id = %L.', (p_peer).node_id);
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_confirmed_address(steep_repl.nodes) IS
  'refuses a node whose address no superuser has confirmed; internal';

CREATE FUNCTION steep_repl.peer_conninfo(p_peer steep_repl.nodes) RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT concat_ws(' ', (p_peer).conninfo,
                 string_agg(format('%s=''%s''', p.name,
                                   regexp_replace(p.value, '([''\\])', '\\\1', 'g')), ' '))
  FROM (VALUES ('host', (p_peer).host), ('port', (p_peer).port::text),
               ('dbname', coalesce((p_peer).dbname, current_database()))) AS p(name, value)
$$;
COMMENT ON FUNCTION steep_repl.peer_conninfo(steep_repl.nodes) IS
  'the connection string of a node; internal';

-- The name of a foreign server, or a connection string for superusers.
CREATE FUNCTION steep_repl.peer_connection(
  p_peer_node text, OUT target text, OUT described text)
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  peer steep_repl.nodes;
  server record;
BEGIN
  SELECT * INTO peer FROM steep_repl.nodes WHERE node_id = p_peer_node;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Peer node % not found', p_peer_node
      USING ERRCODE = 'undefined_object',
            HINT = 'Register it with steep_repl.register_node().';
  END IF;
  -- Whoever owns a server says where it is, and a superuser could give a password away there.
  SELECT s.srvname AS name, has_server_privilege(s.oid, 'USAGE') AS granted,
         r.rolsuper OR NOT steep_repl.is_superuser() AS trusted,
         EXISTS (SELECT FROM pg_catalog.pg_user_mappings AS m
                  WHERE m.srvid = s.oid
                    AND (m.umuser = 0 OR m.usename = current_user)) AS mapped
    INTO server
    FROM pg_catalog.pg_foreign_server AS s
    JOIN pg_catalog.pg_roles AS r ON r.oid = s.srvowner
   WHERE s.srvname = coalesce(peer.foreign_server, peer.node_id);

  IF server.granted AND server.trusted AND server.mapped THEN
    target := server.name;
    described := format('through foreign server "%s"', server.name);
  ELSIF peer.foreign_server IS NOT NULL AND server.name IS NULL THEN
    RAISE EXCEPTION 'foreign server "%" of peer node "%" does not exist',
                    peer.foreign_server, p_peer_node
      USING ERRCODE = 'undefined_object';
  ELSIF peer.foreign_server IS NOT NULL AND NOT server.granted THEN
    RAISE EXCEPTION 'permission denied for foreign server "%" of peer node "%"',
                    peer.foreign_server, p_peer_node
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'GRANT USAGE ON FOREIGN SERVER lets a role use it.';
  ELSIF peer.foreign_server IS NOT NULL AND NOT server.trusted THEN
    RAISE EXCEPTION 'foreign server "%" of peer node "%" does not belong to a superuser',
                    peer.foreign_server, p_peer_node
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Superusers ask peers only through servers that no other role can change.';
  ELSIF peer.foreign_server IS NOT NULL THEN
    RAISE EXCEPTION 'foreign server "%" of peer node "%" has no user mapping for role "%"',
                    peer.foreign_server, p_peer_node, current_user
      USING ERRCODE = 'undefined_object', HINT = 'CREATE USER MAPPING makes one.';
  ELSIF NOT steep_repl.is_superuser() THEN
    RAISE EXCEPTION 'peer node "%" has no foreign server that you may use', p_peer_node
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Make a server of dblink_fdw with the name of the node, grant its usage, and'
                   ' make a user mapping with a name and a password at the peer.';
  ELSE
    PERFORM steep_repl.require_confirmed_address(peer);
    target := 'connect_timeout=10 ' || steep_repl.peer_conninfo(peer);
    described := format('at %s:%s', peer.host, peer.port);
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.peer_connection(text) IS
  'how dblink reaches a peer for the role in effect';

-- Waits here and not in libpq, which on some servers no cancel request can interrupt.
CREATE FUNCTION steep_repl.send_to_peer(p_dblink text, p_connection text, p_query text)
  RETURNS void
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  answer integer;
  reason text;
BEGIN
  EXECUTE format('SELECT %I.dblink_send_query($1, $2)', p_dblink)
     INTO answer USING p_connection, p_query;
  IF answer <> 1 THEN
    EXECUTE format('SELECT %I.dblink_error_message($1)', p_dblink)
       INTO reason USING p_connection;
    RAISE EXCEPTION '%', reason USING ERRCODE = 'connection_failure';
  END IF;
  LOOP
    EXECUTE format('SELECT %I.dblink_is_busy($1)', p_dblink) INTO answer USING p_connection;
    EXIT WHEN answer = 0;
    PERFORM pg_sleep(0.005);
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.send_to_peer(text, text, text) IS
  'sends a query by a connection of dblink, whose schema comes first, and waits for the answer';

CREATE FUNCTION steep_repl.peer_fingerprints(p_peer_node text, p_schemas text[] DEFAULT NULL)
  RETURNS SETOF steep_repl.schema_fingerprints
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  connection CONSTANT text := 'steep_repl peer';
  dblink text;
  peer record;
  state text;
  message text;
  detail text;
  hint text;
BEGIN
  PERFORM steep_repl.require_argument('p_peer_node', p_peer_node);
  SELECT * INTO peer FROM steep_repl.peer_connection(p_peer_node);
  SELECT n.nspname INTO dblink
    FROM pg_catalog.pg_extension AS e
    JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
   WHERE e.extname = 'dblink';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'peers are asked with the extension dblink, which is not installed here'
      USING ERRCODE = 'feature_not_supported',
            HINT = 'Run CREATE EXTENSION dblink in this database.';
  END IF;

  BEGIN
    EXECUTE format('SELECT %I.dblink_connect($1, $2)', dblink) USING connection, peer.target;
    -- Both sides under the same settings, above all without schemas of users in the search_path.
    PERFORM steep_repl.send_to_peer(dblink, connection, (
      SELECT 'VALUES ' || string_agg(format('(pg_catalog.set_config(%L, %L, false))',
                                            split_part(s.setting, '=', 1),
                                            substr(s.setting, strpos(s.setting, '=') + 1)), ', ')
        FROM pg_catalog.pg_proc AS p, unnest(p.proconfig) AS s(setting)
       WHERE p.oid = 'steep_repl.table_fingerprints'::regproc));
    -- The second time there is nothing, which ends the first query.
    FOR i IN 1..2 LOOP
      EXECUTE format('SELECT count(*) FROM %I.dblink_get_result($1) AS t(setting text)', dblink)
        USING connection;
    END LOOP;
    PERFORM steep_repl.send_to_peer(dblink, connection, steep_repl.user_tables_query(p_schemas));
    RETURN QUERY EXECUTE
      format('SELECT $1, t.table_schema, t.table_name, t.fingerprint, t.column_count,
                     clock_timestamp(), t.column_definitions, t.algorithm
                FROM %I.dblink_get_result($2) AS t(
                     table_schema text, table_name text, fingerprint text, algorithm smallint,
                     column_count integer, column_definitions jsonb)', dblink)
      USING p_peer_node, connection;
    EXECUTE format('SELECT %I.dblink_disconnect($1)', dblink) USING connection;
  EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                            detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    EXECUTE format('SELECT %1$I.dblink_disconnect($1)
                     WHERE $1 = ANY (%1$I.dblink_get_connections())', dblink) USING connection;
    IF state = '08001' THEN
      message := format('could not connect to peer node "%s" %s', p_peer_node, peer.described);
    ELSE
      message := format('could not ask peer node "%s" %s: %s',
                        p_peer_node, peer.described, message);
    END IF;
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint;
  END;
END
$$;
COMMENT ON FUNCTION steep_repl.peer_fingerprints(text, text[]) IS
  'the fingerprints of a peer''s tables as they are now';

CREATE FUNCTION steep_repl.compare_fingerprints(p_local_node text, p_peer_node text)
  RETURNS TABLE (table_schema text, table_name text, local_fingerprint text,
                 remote_fingerprint text, status text, local_column_count integer,
                 remote_column_count integer)
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  remote steep_repl.schema_fingerprints[];
BEGIN
  PERFORM steep_repl.require_argument('p_local_node', p_local_node);
  PERFORM steep_repl.require_argument('p_peer_node', p_peer_node);
  PERFORM steep_repl.require_two_nodes(p_local_node, p_peer_node);
  remote := ARRAY(SELECT f FROM steep_repl.peer_fingerprints(p_peer_node) AS f);
  PERFORM steep_repl.capture_fingerprints(p_local_node);
  RETURN QUERY
  SELECT m.*
    FROM steep_repl.match_fingerprints(
           ARRAY(SELECT f FROM steep_repl.schema_fingerprints AS f
                  WHERE f.node_id = p_local_node), remote) AS m;
END
$$;
COMMENT ON FUNCTION steep_repl.compare_fingerprints(text, text) IS
  'captures the tables here and compares them with those of a peer as they are now';

CREATE FUNCTION steep_repl.get_column_diff(
  p_peer_node text, p_table_schema text, p_table_name text)
  RETURNS TABLE (column_name text, difference_type text, local_definition text,
                 remote_definition text)
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  local_columns jsonb;
  remote_columns jsonb;
BEGIN
  PERFORM steep_repl.require_argument('p_peer_node', p_peer_node);
  PERFORM steep_repl.require_argument('p_table_schema', p_table_schema);
  PERFORM steep_repl.require_argument('p_table_name', p_table_name);
  SELECT t.column_definitions INTO remote_columns
    FROM steep_repl.peer_fingerprints(p_peer_node, ARRAY[p_table_schema]) AS t
   WHERE t.table_name = p_table_name;
  SELECT t.column_definitions INTO local_columns
    FROM steep_repl.table_fingerprints(ARRAY[p_table_schema]) AS t
   WHERE t.table_name = p_table_name;
  IF local_columns IS NULL AND remote_columns IS NULL THEN
    RAISE EXCEPTION 'table "%.%" does not exist, neither here nor on node "%"',
                    p_table_schema, p_table_name, p_peer_node
      USING ERRCODE = 'undefined_table';
  END IF;
  RETURN QUERY
  WITH l AS (
    SELECT * FROM jsonb_to_recordset(coalesce(local_columns, '[]'))
               AS c(name text, type text, "default" text, nullable text, "position" integer,
                     generated text, "collation" text)
  ), r AS (
    SELECT * FROM jsonb_to_recordset(coalesce(remote_columns, '[]'))
               AS c(name text, type text, "default" text, nullable text, "position" integer,
                     generated text, "collation" text)
  ), pair AS (
    SELECT coalesce(l.name, r.name) AS name,
           coalesce(l.position, r.position) AS place,
           l.name = r.name AS on_both,
           l AS here,
           r AS there,
           -- Columns of one side only have a count of their own.
           rank() OVER (PARTITION BY l.name = r.name ORDER BY l.position) AS rank_here,
           rank() OVER (PARTITION BY l.name = r.name ORDER BY r.position) AS rank_there
      FROM l FULL JOIN r ON l.name = r.name
  )
  SELECT p.name, d.kind, d.here, d.there
    FROM pair AS p
   CROSS JOIN LATERAL (
         VALUES (1, 'missing_local', NULL, (p.there).type, p.here IS NULL),
                (2, 'missing_remote', (p.here).type, NULL, p.there IS NULL),
                (3, 'type_change', (p.here).type, (p.there).type, p.on_both),
                (4, 'nullable_change', (p.here).nullable, (p.there).nullable, p.on_both),
                (5, 'default_change', (p.here)."default", (p.there)."default", p.on_both),
                (6, 'generated_change', (p.here).generated, (p.there).generated, p.on_both),
                (7, 'collation_change', (p.here)."collation", (p.there)."collation", p.on_both),
                (8, 'order_change', p.rank_here::text, p.rank_there::text, p.on_both))
           AS d(number, kind, here, there, applies)
   WHERE d.applies AND d.here IS DISTINCT FROM d.there
   ORDER BY p.place, p.name, d.number;
END
$$;
COMMENT ON FUNCTION steep_repl.get_column_diff(text, text, text) IS
  'each difference between a table here and at a peer';

-- What they can do is decided by the privileges of the tables and of the foreign server.
GRANT EXECUTE ON FUNCTION
  steep_repl.require_confirmed_address(steep_repl.nodes),
  steep_repl.peer_conninfo(steep_repl.nodes), steep_repl.peer_connection(text), steep_repl.send_to_peer(text, text, text),
  steep_repl.peer_fingerprints(text, text[]),
  steep_repl.compare_fingerprints(text, text), steep_repl.get_column_diff(text, text, text)
  TO PUBLIC;

