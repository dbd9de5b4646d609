-- The nodes: databases that take part in replication. What may be written is decided by a
-- trigger, so that a plain UPDATE can do no more than the functions.

CREATE FUNCTION steep_repl.check_conninfo(p_conninfo text) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Nothing that says where to connect, nor what is secret, nor a file with secrets.
  allowed CONSTANT text[] := ARRAY[
    'application_name', 'channel_binding', 'connect_timeout', 'fallback_application_name',
    'gssencmode', 'keepalives', 'keepalives_count', 'keepalives_idle', 'keepalives_interval',
    'require_auth', 'ssl_max_protocol_version', 'ssl_min_protocol_version', 'sslcrl', 'sslmode',
    'sslrootcert', 'sslsni', 'target_session_attrs', 'tcp_user_timeout', 'user'];
  -- Stricter than libpq, so that both always find the same keywords.
  item CONSTANT text := $re$([a-z_]+)=(?:[A-Za-z0-9_.:/,@%+-]+|'[^'\\]*')$re$;
  keyword text;
BEGIN
  IF p_conninfo !~ format('^ *(%1$s( +%1$s)*)? *$', item) THEN
    -- Without the text, which may hold a password.
    RAISE EXCEPTION 'conninfo must be a list of keyword=value, separated by spaces'
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Put a value with other characters than A-Z a-z 0-9 _.:/,@%+- between single'
                   ' quotes; quotes and backslashes cannot be part of one.';
  END IF;
  FOR keyword IN SELECT m[1] FROM regexp_matches(p_conninfo, item, 'g') AS m LOOP
    IF keyword <> ALL (allowed) THEN
      RAISE EXCEPTION 'conninfo must not contain "%"', keyword
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('Allowed are: %s.', array_to_string(allowed, ', ')),
              HINT = 'Credentials belong into a user mapping of a foreign server.';
    END IF;
  END LOOP;
  RETURN true;
END
$$;
COMMENT ON FUNCTION steep_repl.check_conninfo(text) IS
  'refuses connection parameters that hold secrets or lead elsewhere';

CREATE TABLE steep_repl.nodes (
  node_id text CONSTRAINT nodes_pkey PRIMARY KEY
    CONSTRAINT nodes_node_id_check CHECK (node_id <> ''),
  node_name text NOT NULL CONSTRAINT nodes_node_name_check CHECK (node_name <> ''),
  host text NOT NULL CONSTRAINT nodes_host_check CHECK (host <> ''),
  port integer NOT NULL DEFAULT 5432
    CONSTRAINT nodes_port_check CHECK (port BETWEEN 1 AND 65535),
  grpc_host text,
  grpc_port integer CONSTRAINT nodes_grpc_port_check CHECK (grpc_port BETWEEN 1 AND 65535),
  priority integer NOT NULL DEFAULT 50
    CONSTRAINT nodes_priority_check CHECK (priority BETWEEN 1 AND 100),
  is_coordinator boolean NOT NULL DEFAULT false,
  last_seen timestamptz,
  status text NOT NULL DEFAULT 'unknown'
    CONSTRAINT nodes_status_check
    CHECK (status IN ('unknown', 'healthy', 'degraded', 'unreachable', 'offline')),
  init_state text NOT NULL DEFAULT 'uninitialized'
    CONSTRAINT nodes_init_state_check
    CHECK (init_state IN ('uninitialized', 'preparing', 'copying', 'catching_up', 'synchronized',
                          'diverged', 'failed', 'reinitializing')),
  -- Deferred for restoring: two nodes may have been initialized from each other.
  init_source_node text
    CONSTRAINT nodes_init_source_node_fkey REFERENCES steep_repl.nodes (node_id)
    DEFERRABLE INITIALLY DEFERRED,
  init_started_at timestamptz,
  init_completed_at timestamptz,
  last_sync_throughput_bytes_sec real
    CONSTRAINT nodes_throughput_check CHECK (last_sync_throughput_bytes_sec >= 0),
  last_sync_at timestamptz,
  dbname text CONSTRAINT nodes_dbname_check CHECK (dbname <> ''),
  conninfo text CONSTRAINT nodes_conninfo_check CHECK (steep_repl.check_conninfo(conninfo)),
  foreign_server text CONSTRAINT nodes_foreign_server_check CHECK (foreign_server <> ''),
  address_confirmed boolean NOT NULL DEFAULT false
);
CREATE INDEX idx_nodes_status ON steep_repl.nodes (status);
CREATE UNIQUE INDEX idx_nodes_coordinator ON steep_repl.nodes (is_coordinator)
  WHERE is_coordinator;
CREATE INDEX idx_nodes_init_state ON steep_repl.nodes (init_state);

COMMENT ON TABLE steep_repl.nodes IS 'the databases that take part in replication';
COMMENT ON COLUMN steep_repl.nodes.node_id IS 'the name by which all others know it';
COMMENT ON COLUMN steep_repl.nodes.node_name IS 'for people';
COMMENT ON COLUMN steep_repl.nodes.host IS 'where its server listens';
COMMENT ON COLUMN steep_repl.nodes.port IS 'where its server listens';
COMMENT ON COLUMN steep_repl.nodes.grpc_host IS 'where a daemon listens, if it has one';
COMMENT ON COLUMN steep_repl.nodes.grpc_port IS 'where a daemon listens, if it has one';
COMMENT ON COLUMN steep_repl.nodes.priority IS 'the higher, the sooner it becomes coordinator';
COMMENT ON COLUMN steep_repl.nodes.is_coordinator IS 'true for one node at most';
COMMENT ON COLUMN steep_repl.nodes.last_seen IS 'its last heartbeat';
COMMENT ON COLUMN steep_repl.nodes.status IS
  'healthy since a heartbeat; offline is what an administrator says';
COMMENT ON COLUMN steep_repl.nodes.init_state IS 'how far its initialization is';
COMMENT ON COLUMN steep_repl.nodes.init_source_node IS 'the node that it is initialized from';
COMMENT ON COLUMN steep_repl.nodes.init_started_at IS 'when its last initialization began';
COMMENT ON COLUMN steep_repl.nodes.init_completed_at IS 'when it was last synchronized';
COMMENT ON COLUMN steep_repl.nodes.last_sync_throughput_bytes_sec IS
  'moving average of the last synchronization';
COMMENT ON COLUMN steep_repl.nodes.last_sync_at IS 'when that was';
COMMENT ON COLUMN steep_repl.nodes.dbname IS
  'its database; null for the one of the same name as here';
COMMENT ON COLUMN steep_repl.nodes.conninfo IS
  'more libpq parameters as keyword=value, none of them secret';
COMMENT ON COLUMN steep_repl.nodes.foreign_server IS
  'the foreign server by which it is reached; null for one with the name of the node';
COMMENT ON COLUMN steep_repl.nodes.address_confirmed IS
  'whether a superuser has confirmed where it is; only then may superusers connect there';

-- Sources before the nodes that were initialized from them, for a dump with one INSERT per row.
SELECT pg_catalog.pg_extension_config_dump('steep_repl.nodes', $$ORDER BY (
  WITH RECURSIVE source(id) AS (
    SELECT nodes.init_source_node
     UNION
    SELECT n.init_source_node FROM steep_repl.nodes AS n JOIN source AS s ON n.node_id = s.id)
  SELECT pg_catalog.count(s.id) FROM source AS s)$$);

CREATE FUNCTION steep_repl.next_init_states(p_state text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN CASE p_state
  WHEN 'uninitialized' THEN ARRAY['preparing', 'failed']
  WHEN 'preparing' THEN ARRAY['copying', 'catching_up', 'failed']
  WHEN 'copying' THEN ARRAY['catching_up', 'failed']
  WHEN 'catching_up' THEN ARRAY['synchronized', 'failed']
  WHEN 'synchronized' THEN ARRAY['diverged', 'reinitializing']
  WHEN 'diverged' THEN ARRAY['reinitializing', 'failed']
  WHEN 'failed' THEN ARRAY['uninitialized', 'preparing', 'reinitializing']
  WHEN 'reinitializing' THEN ARRAY['copying', 'synchronized', 'failed']
END;
COMMENT ON FUNCTION steep_repl.next_init_states(text) IS
  'the initialization states that can follow one';

CREATE FUNCTION steep_repl.check_init_state_change(p_node_id text, p_from text, p_to text)
  RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  allowed CONSTANT text[] := steep_repl.next_init_states(p_from);
BEGIN
  IF p_to <> ALL (allowed) THEN
    RAISE EXCEPTION 'node "%" cannot go from state "%" to "%"', p_node_id, p_from, p_to
      USING ERRCODE = 'invalid_parameter_value',
            HINT = format('From "%s" it can go to: %s.', p_from, array_to_string(allowed, ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_init_state_change(text, text, text) IS
  'refuses a step that the initialization of a node cannot take';

-- A dump is loaded by a superuser, with rows as they were.
CREATE FUNCTION steep_repl.guard_node() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.init_state <> OLD.init_state THEN
    PERFORM steep_repl.check_init_state_change(OLD.node_id, OLD.init_state, NEW.init_state);
    IF NEW.init_state IN ('preparing', 'reinitializing') THEN
      NEW.init_started_at := clock_timestamp();
    ELSIF NEW.init_state = 'synchronized' THEN
      NEW.init_completed_at := clock_timestamp();
    END IF;
  END IF;
  IF steep_repl.is_superuser() THEN
    RETURN NEW;
  END IF;

  IF TG_OP = 'INSERT' AND NEW.init_state <> 'uninitialized' THEN
    RAISE EXCEPTION 'new node "%" must be in state "uninitialized", not "%"',
                    NEW.node_id, NEW.init_state
      USING ERRCODE = 'invalid_parameter_value';
  ELSIF NEW.last_seen > clock_timestamp() AND NEW.last_seen IS DISTINCT FROM OLD.last_seen THEN
    RAISE EXCEPTION 'last_seen of node "%" must not lie in the future: %',
                    NEW.node_id, NEW.last_seen
      USING ERRCODE = 'invalid_parameter_value';
  ELSIF NEW.status = 'offline' AND OLD.status IS DISTINCT FROM 'offline'
        AND NOT pg_has_role(current_user, 'steep_repl_admin', 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to set node "%" offline', NEW.node_id
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Members of the role steep_repl_admin may do that.';
  ELSIF NEW.address_confirmed AND OLD.address_confirmed IS NOT TRUE THEN
    RAISE EXCEPTION 'permission denied to confirm the address of node "%"', NEW.node_id
      USING ERRCODE = 'insufficient_privilege', HINT = 'Only superusers may do that.';
  ELSIF (NEW.host, NEW.port, NEW.dbname, NEW.conninfo, NEW.foreign_server)
        IS DISTINCT FROM (OLD.host, OLD.port, OLD.dbname, OLD.conninfo, OLD.foreign_server) THEN
    NEW.address_confirmed := false;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION steep_repl.guard_node() IS 'keeps rules of nodes that constraints cannot say';

CREATE TRIGGER nodes_guard BEFORE INSERT OR UPDATE ON steep_repl.nodes
  FOR EACH ROW EXECUTE FUNCTION steep_repl.guard_node();

CREATE FUNCTION steep_repl.audit_node() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before CONSTANT jsonb := to_jsonb(OLD);
  after CONSTANT jsonb := to_jsonb(NEW);
  action text;
BEGIN
  -- A heartbeat is no news.
  IF TG_OP = 'UPDATE' AND before - 'last_seen' = after - 'last_seen' THEN
    RETURN NULL;
  END IF;
  action := CASE
    WHEN TG_OP = 'INSERT' THEN 'node.registered'
    WHEN TG_OP = 'DELETE' THEN 'node.removed'
    WHEN NEW.is_coordinator AND NOT OLD.is_coordinator THEN 'coordinator.elected'
    WHEN NEW.init_state = OLD.init_state THEN 'node.updated'
    WHEN NEW.init_state IN ('preparing', 'reinitializing') THEN 'init.started'
    WHEN NEW.init_state = 'synchronized' THEN 'init.completed'
    WHEN NEW.init_state = 'failed' THEN 'init.failed'
    WHEN NEW.init_state = 'uninitialized' THEN 'init.cancelled'
    ELSE 'node.updated' END;
  PERFORM steep_repl.write_audit(
    action, steep_repl.actor(), CASE WHEN action LIKE 'init.%' THEN 'init' ELSE 'node' END,
    coalesce(NEW.node_id, OLD.node_id), before, after);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION steep_repl.audit_node() IS 'writes changes of nodes to the audit log';

CREATE TRIGGER nodes_audit AFTER INSERT OR UPDATE OR DELETE ON steep_repl.nodes
  FOR EACH ROW EXECUTE FUNCTION steep_repl.audit_node();

-- What is not given is localhost, 5432 and 50 for a new node, and stays for one that is known.
CREATE FUNCTION steep_repl.register_node(
  p_node_id text, p_node_name text, p_host text DEFAULT NULL, p_port integer DEFAULT NULL,
  p_priority integer DEFAULT NULL, p_dbname text DEFAULT NULL, p_conninfo text DEFAULT NULL,
  p_foreign_server text DEFAULT NULL)
  RETURNS steep_repl.nodes
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  trusted CONSTANT boolean := steep_repl.is_superuser();
  registered steep_repl.nodes;
BEGIN
  PERFORM steep_repl.require_argument('p_node_id', p_node_id);
  PERFORM steep_repl.require_argument('p_node_name', p_node_name);
  PERFORM steep_repl.require_argument(name, value)
     FROM (VALUES ('p_host', p_host), ('p_dbname', p_dbname),
                  ('p_foreign_server', p_foreign_server)) AS given(name, value)
    WHERE value IS NOT NULL;
  IF p_port NOT BETWEEN 1 AND 65535 THEN
    RAISE EXCEPTION 'p_port must be between 1 and 65535, not %', p_port
      USING ERRCODE = 'invalid_parameter_value';
  ELSIF p_priority NOT BETWEEN 1 AND 100 THEN
    RAISE EXCEPTION 'p_priority must be between 1 and 100, not %', p_priority
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  INSERT INTO steep_repl.nodes AS n
         (node_id, node_name, host, port, priority, last_seen, status, dbname, conninfo,
          foreign_server, address_confirmed)
  VALUES (p_node_id, p_node_name, coalesce(p_host, 'localhost'), coalesce(p_port, 5432),
          coalesce(p_priority, 50), clock_timestamp(), 'healthy', p_dbname, p_conninfo,
          p_foreign_server, trusted)
      ON CONFLICT (node_id) DO UPDATE
     SET node_name = p_node_name,
         host = coalesce(p_host, n.host),
         port = coalesce(p_port, n.port),
         priority = coalesce(p_priority, n.priority),
         last_seen = clock_timestamp(),
         status = 'healthy',
         dbname = coalesce(p_dbname, n.dbname),
         conninfo = coalesce(p_conninfo, n.conninfo),
         foreign_server = coalesce(p_foreign_server, n.foreign_server),
         -- What others have written counts only if the superuser has said the same.
         address_confirmed = n.address_confirmed
           OR trusted AND p_host IS NOT NULL
              AND coalesce(p_port, 5432) = coalesce(p_port, n.port)
              AND (n.dbname IS NULL OR p_dbname IS NOT NULL)
              AND (n.conninfo IS NULL OR p_conninfo IS NOT NULL)
              AND (n.foreign_server IS NULL OR p_foreign_server IS NOT NULL)
  RETURNING n.* INTO registered;
  RETURN registered;
END
$$;
COMMENT ON FUNCTION
  steep_repl.register_node(text, text, text, integer, integer, text, text, text) IS
  'adds a node, or updates what is given, and makes it healthy';

CREATE FUNCTION steep_repl.heartbeat(p_node_id text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_node_id', p_node_id);
  UPDATE steep_repl.nodes
     SET last_seen = clock_timestamp(),
         status = CASE status WHEN 'offline' THEN status ELSE 'healthy' END
   WHERE node_id = p_node_id;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION steep_repl.heartbeat(text) IS 'a node lives; false if there is no such node';

CREATE FUNCTION steep_repl.node_status(p_node_id text DEFAULT NULL)
  RETURNS TABLE (node_id text, node_name text, status text, last_seen timestamptz,
                 is_healthy boolean, init_state text, priority integer, host text, port integer)
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT n.node_id, n.node_name, n.status, n.last_seen,
         coalesce(n.last_seen > clock_timestamp() - interval '30 s', false),
         n.init_state, n.priority, n.host, n.port
    FROM steep_repl.nodes AS n
   WHERE p_node_id IS NULL OR n.node_id = p_node_id
   ORDER BY n.priority DESC, n.node_name, n.node_id
$$;
COMMENT ON FUNCTION steep_repl.node_status(text) IS
  'one node or all, and whether each was seen in the last 30 s';

CREATE FUNCTION steep_repl.list_nodes() RETURNS SETOF steep_repl.nodes
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM steep_repl.nodes AS n ORDER BY n.priority DESC, n.node_name, n.node_id
$$;
COMMENT ON FUNCTION steep_repl.list_nodes() IS 'all nodes, by priority';

CREATE FUNCTION steep_repl.update_node_state(p_node_id text, p_state text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before text;
BEGIN
  PERFORM steep_repl.require_argument('p_node_id', p_node_id);
  PERFORM steep_repl.require_argument('p_state', p_state);
  SELECT init_state INTO before FROM steep_repl.nodes WHERE node_id = p_node_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- The trigger does not see a step to where the node is already.
  PERFORM steep_repl.check_init_state_change(p_node_id, before, p_state);
  UPDATE steep_repl.nodes SET init_state = p_state WHERE node_id = p_node_id;
  RETURN true;
END
$$;
COMMENT ON FUNCTION steep_repl.update_node_state(text, text) IS
  'takes a node to its next initialization state; false if there is no such node';

CREATE FUNCTION steep_repl.remove_node(p_node_id text, p_force boolean DEFAULT false)
  RETURNS boolean
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  snapshots text;
  slots text;
BEGIN
  PERFORM steep_repl.require_argument('p_node_id', p_node_id);
  PERFORM FROM steep_repl.nodes WHERE node_id = p_node_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  SELECT string_agg(format('"%s"', snapshot_id), ', ' ORDER BY snapshot_id) INTO snapshots
    FROM steep_repl.snapshots WHERE p_node_id IN (source_node_id, target_node_id);
  IF snapshots IS NOT NULL THEN
    RAISE EXCEPTION 'node "%" cannot be removed because there are snapshots of it', p_node_id
      USING ERRCODE = 'dependent_objects_still_exist', DETAIL = format('Snapshots: %s.', snapshots);
  END IF;
  SELECT string_agg(format('"%s"', slot_name), ', ' ORDER BY slot_name) INTO slots
    FROM steep_repl.init_slots WHERE node_id = p_node_id;
  IF slots IS NOT NULL THEN
    IF p_force IS NOT TRUE THEN
      RAISE EXCEPTION 'node "%" cannot be removed because initialization slots are on it',
                      p_node_id
        USING ERRCODE = 'dependent_objects_still_exist',
              DETAIL = format('Slots: %s.', slots),
              HINT = 'Drop them there and delete them from steep_repl.init_slots; or forget'
                     ' them with p_force := true.';
    END IF;
    RAISE NOTICE 'initialization slots % of node "%" are forgotten here', slots, p_node_id
      USING HINT = 'Drop them on its server, where they hold back WAL.';
  END IF;
  DELETE FROM steep_repl.init_slots WHERE node_id = p_node_id;
  UPDATE steep_repl.init_slots SET used_by_node = NULL WHERE used_by_node = p_node_id;
  UPDATE steep_repl.nodes SET init_source_node = NULL WHERE init_source_node = p_node_id;
  DELETE FROM steep_repl.nodes WHERE node_id = p_node_id;
  RETURN true;
END
$$;
COMMENT ON FUNCTION steep_repl.remove_node(text, boolean) IS
  'removes a node; false if there is none; slots on it are forgotten only by force';

REVOKE ALL ON TABLE steep_repl.nodes FROM PUBLIC;
GRANT SELECT ON TABLE steep_repl.nodes TO steep_repl_reader;
GRANT INSERT (node_id, node_name, host, port, grpc_host, grpc_port, priority, last_seen, status,
              dbname, conninfo, foreign_server, address_confirmed),
      UPDATE (node_name, host, port, grpc_host, grpc_port, priority, last_seen, status, init_state,
              init_source_node, last_sync_throughput_bytes_sec, last_sync_at, dbname, conninfo,
              foreign_server, address_confirmed)
   ON TABLE steep_repl.nodes TO steep_repl_operator;
GRANT DELETE, UPDATE (is_coordinator) ON TABLE steep_repl.nodes TO steep_repl_admin;
REVOKE ALL ON FUNCTION steep_repl.guard_node(), steep_repl.audit_node() FROM PUBLIC;
-- What they can do is decided by the privileges of the table.
GRANT EXECUTE ON FUNCTION
  steep_repl.check_conninfo(text), steep_repl.next_init_states(text),
  steep_repl.check_init_state_change(text, text, text),
  steep_repl.register_node(text, text, text, integer, integer, text, text, text),
  steep_repl.heartbeat(text), steep_repl.node_status(text), steep_repl.list_nodes(),
  steep_repl.update_node_state(text, text), steep_repl.remove_node(text, boolean)
  TO PUBLIC;

