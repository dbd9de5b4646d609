-- Which databases of the cluster may run jobs: a setting of each database, in a shared catalog.

CREATE VIEW steep_repl.databases AS
SELECT d.datname::text AS datname,
       nullif(split_part(r.value, ' ', 2), '')::timestamptz AS registered_at,
       split_part(r.value, ' ', 1) = 'enabled' AS enabled,
       NULL::jsonb AS options
  FROM pg_catalog.pg_db_role_setting AS s
  JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
 CROSS JOIN LATERAL unnest(s.setconfig) AS c(item)
 CROSS JOIN LATERAL (SELECT split_part(c.item, '=', 2) AS value) AS r
 WHERE s.setrole = 0 AND c.item LIKE 'steep\_repl.registration=%';

CREATE FUNCTION steep_repl.list_databases()
  RETURNS TABLE (datname text, enabled boolean, registered_at timestamptz)
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT datname, enabled, registered_at FROM steep_repl.databases ORDER BY datname
$$;

CREATE FUNCTION steep_repl.get_enabled_databases() RETURNS SETOF text
  LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT datname FROM steep_repl.databases WHERE enabled ORDER BY datname
$$;

-- Behind change_registration(), as the owner of the extension; says what became of the wish.
CREATE FUNCTION steep_repl.register_for(p_role oid, p_dbname text, p_wish text) RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner oid;
  connectable boolean;
  since timestamptz;
  state text := CASE p_wish WHEN 'disable' THEN 'disabled' ELSE 'enabled' END;
BEGIN
  PERFORM steep_repl.require_argument('dbname', p_dbname);
  SELECT datdba, datallowconn INTO owner, connectable
    FROM pg_catalog.pg_database WHERE datname = p_dbname;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'database "%" does not exist', p_dbname USING ERRCODE = 'invalid_catalog_name';
  ELSIF NOT pg_has_role(p_role, owner, 'USAGE')
        AND NOT pg_has_role(p_role, 'steep_repl_admin', 'USAGE') THEN
    RAISE EXCEPTION 'permission denied to % database "%" for jobs', p_wish, p_dbname
      USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'Only its owner and members of role "steep_repl_admin" may do so.';
  ELSIF NOT connectable AND p_wish IN ('register', 'enable') THEN
    RAISE EXCEPTION 'database "%" does not accept connections', p_dbname
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT d.registered_at INTO since FROM steep_repl.databases AS d WHERE d.datname = p_dbname;
  IF NOT FOUND AND p_wish = 'unregister' THEN
    RETURN format('Database "%s" was not registered', p_dbname);
  ELSIF NOT FOUND AND p_wish <> 'register' THEN
    RETURN format('Database "%s" is not registered', p_dbname);
  END IF;

  IF p_wish = 'unregister' THEN
    EXECUTE format('ALTER DATABASE %I RESET steep_repl.registration', p_dbname);
  ELSE
    IF p_wish = 'register' OR since IS NULL THEN
      since := clock_timestamp();
    END IF;
    EXECUTE format('ALTER DATABASE %I SET steep_repl.registration = %L', p_dbname,
                   state || ' ' || to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
  END IF;
  PERFORM steep_repl.write_audit(
    'db.' || CASE p_wish WHEN 'register' THEN 'registered' WHEN 'unregister' THEN 'unregistered'
                         ELSE state END,
    steep_repl.actor(), 'database', p_dbname);
  RETURN format('Database "%s" %s', p_dbname,
                CASE p_wish WHEN 'register' THEN 'registered successfully'
                            WHEN 'unregister' THEN 'unregistered successfully'
                            ELSE state END);
END
$$;

-- On behalf of the role in effect; the launcher hears of it at commit.
CREATE FUNCTION steep_repl.change_registration(p_dbname text, p_wish text) RETURNS text
  LANGUAGE c
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_change_registration';

CREATE FUNCTION steep_repl.register_db(dbname text) RETURNS text
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.change_registration(dbname, 'register')
$$;

CREATE FUNCTION steep_repl.register_current_db() RETURNS text
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.change_registration(current_database(), 'register')
$$;

CREATE FUNCTION steep_repl.unregister_db(dbname text) RETURNS text
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.change_registration(dbname, 'unregister')
$$;

CREATE FUNCTION steep_repl.enable_db(dbname text) RETURNS text
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.change_registration(dbname, 'enable')
$$;

CREATE FUNCTION steep_repl.disable_db(dbname text) RETURNS text
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT steep_repl.change_registration(dbname, 'disable')
$$;

COMMENT ON VIEW steep_repl.databases IS 'the databases of the cluster that are registered for jobs';
COMMENT ON COLUMN steep_repl.databases.datname IS 'the name that it has now';
COMMENT ON COLUMN steep_repl.databases.registered_at IS 'since when';
COMMENT ON COLUMN steep_repl.databases.enabled IS 'whether its jobs are started';
COMMENT ON COLUMN steep_repl.databases.options IS 'none so far';
COMMENT ON FUNCTION steep_repl.list_databases() IS 'the databases that are registered for jobs';
COMMENT ON FUNCTION steep_repl.get_enabled_databases() IS 'those whose jobs are started';
COMMENT ON FUNCTION steep_repl.register_for(oid, text, text) IS
  'registers a database on behalf of a role; internal';
COMMENT ON FUNCTION steep_repl.change_registration(text, text) IS
  'registers, unregisters, enables or disables a database; internal';
COMMENT ON FUNCTION steep_repl.register_db(text) IS 'lets jobs run in a database';
COMMENT ON FUNCTION steep_repl.register_current_db() IS 'lets jobs run in this database';
COMMENT ON FUNCTION steep_repl.unregister_db(text) IS
  'ends the jobs that run in a database and lets no more run';
COMMENT ON FUNCTION steep_repl.enable_db(text) IS 'lets jobs run again where they were disabled';
COMMENT ON FUNCTION steep_repl.disable_db(text) IS
  'ends the jobs that run in a database; others wait until it is enabled';

REVOKE ALL ON TABLE steep_repl.databases FROM PUBLIC;
GRANT SELECT ON TABLE steep_repl.databases TO PUBLIC;
REVOKE ALL ON FUNCTION steep_repl.register_for(oid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.list_databases(), steep_repl.get_enabled_databases(),
  steep_repl.change_registration(text, text), steep_repl.register_db(text),
  steep_repl.register_current_db(), steep_repl.unregister_db(text), steep_repl.enable_db(text),
  steep_repl.disable_db(text)
  TO PUBLIC;
