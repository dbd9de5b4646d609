\echo Use "CREATE EXTENSION pg_walrus" to load this file. \quit

DO $$
BEGIN
  IF NOT 'pg_walrus' = ANY (pg_catalog.regexp_split_to_array(
       pg_catalog.replace(pg_catalog.current_setting('shared_preload_libraries'), '"', ''), '\s*,\s*'))
  THEN
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

GRANT USAGE ON SCHEMA walrus TO PUBLIC;

COMMENT ON SCHEMA walrus IS 'pg_walrus: automatic sizing of max_wal_size';
COMMENT ON FUNCTION walrus.shmem_status() IS
  'the state that the worker shares: its process, its counters, its last decision';
