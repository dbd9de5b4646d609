-- What all parts need.

CREATE FUNCTION steep_repl.version() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'steep_repl');
COMMENT ON FUNCTION steep_repl.version() IS 'the version of the extension';

CREATE FUNCTION steep_repl.min_pg_version() RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN 150000;
COMMENT ON FUNCTION steep_repl.min_pg_version() IS
  'the oldest server that it runs on, as server_version_num';

CREATE FUNCTION steep_repl.steep_repl_version() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN steep_repl.version();
COMMENT ON FUNCTION steep_repl.steep_repl_version() IS 'the same as version()';

CREATE FUNCTION steep_repl.steep_repl_min_pg_version() RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN steep_repl.min_pg_version();
COMMENT ON FUNCTION steep_repl.steep_repl_min_pg_version() IS 'the same as min_pg_version()';

CREATE FUNCTION steep_repl.require_argument(p_name text, p_value text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_value IS NULL THEN
    RAISE EXCEPTION '% must not be null', p_name USING ERRCODE = 'null_value_not_allowed';
  ELSIF p_value = '' THEN
    RAISE EXCEPTION '% must not be empty', p_name USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_argument(text, text) IS
  'refuses an argument that is null or empty';

-- A transaction with one snapshot for all of it would wait for ever.
CREATE FUNCTION steep_repl.require_read_committed(p_function text) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION '% cannot see what others commit in a % transaction',
                    p_function, current_setting('transaction_isolation')
      USING ERRCODE = 'active_sql_transaction',
            HINT = 'Call it in a READ COMMITTED transaction.';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.require_read_committed(text) IS
  'refuses a transaction that cannot see what others commit';

-- In a function with SECURITY DEFINER this is about its owner.
CREATE FUNCTION steep_repl.is_superuser() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
RETURN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user);
COMMENT ON FUNCTION steep_repl.is_superuser() IS 'whether the role in effect is a superuser';

GRANT EXECUTE ON FUNCTION
  steep_repl.version(), steep_repl.min_pg_version(), steep_repl.steep_repl_version(),
  steep_repl.steep_repl_min_pg_version(), steep_repl.require_argument(text, text),
  steep_repl.require_read_committed(text), steep_repl.is_superuser()
  TO PUBLIC;

