\echo Use "CREATE EXTENSION pg_walrus" to load this file. \quit

DO $$
BEGIN
  -- A postmaster's setting of ours exists only where the library was preloaded.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'walrus.database') THEN
    -- Notices of an extension script do not reach the client.
    RAISE WARNING 'pg_walrus is not in shared_preload_libraries: nothing is sized'
      USING HINT = 'Add pg_walrus to shared_preload_libraries and restart the server.';
  END IF;
END
$$;

CREATE SCHEMA walrus;

CREATE FUNCTION walrus.shmem_status() RETURNS pg_catalog.jsonb
  AS 'MODULE_PATHNAME', 'walrus_shmem_status'
  LANGUAGE C VOLATILE PARALLEL RESTRICTED;

-- It may name files that only superusers should see.
REVOKE ALL ON FUNCTION walrus.shmem_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION walrus.shmem_status() TO pg_monitor;
GRANT USAGE ON SCHEMA walrus TO PUBLIC;

COMMENT ON SCHEMA walrus IS 'pg_walrus: automatic sizing of max_wal_size';
COMMENT ON FUNCTION walrus.shmem_status() IS
  'the state that the worker shares: its process, its counters, its last decision';
