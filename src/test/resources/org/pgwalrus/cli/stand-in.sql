-- Takes the place of the functions about snapshots: a job of the trial kinds instead of copying, so
-- that tests can stop and fail it. The last part of the path says which.

INSERT INTO steep_repl.nodes (node_id, node_name, host) VALUES ('local', 'Local', 'localhost');

CREATE OR REPLACE FUNCTION steep_repl.start_snapshot(
  p_output_path text, p_compression text DEFAULT 'none', p_parallel integer DEFAULT 4,
  p_compression_level integer DEFAULT NULL, p_include_schemas text[] DEFAULT NULL,
  p_exclude_schemas text[] DEFAULT NULL, p_include_tables text[] DEFAULT NULL,
  p_exclude_tables text[] DEFAULT NULL, p_keep_slot boolean DEFAULT false,
  p_expires_after interval DEFAULT NULL) RETURNS steep_repl.snapshots
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  snapshot steep_repl.snapshots;
BEGIN
  IF p_compression NOT IN ('none', 'gzip', 'lz4', 'zstd') THEN
    RAISE EXCEPTION 'unknown compression "%"', p_compression
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is one of none, gzip, lz4, zstd.';
  END IF;
  INSERT INTO steep_repl.snapshots
         (snapshot_id, source_node_id, storage_path, compression, parallel, expires_at)
  VALUES ('snap_' || to_char(clock_timestamp(), 'YYYYMMDD_HH24MISS_US'), 'local', p_output_path,
          p_compression, p_parallel, clock_timestamp() + p_expires_after)
  RETURNING * INTO snapshot;
  PERFORM steep_repl.enqueue(
    CASE regexp_replace(p_output_path, '.*/', '')
      WHEN 'fast' THEN 'trial_pace' WHEN 'fail' THEN 'trial_fail' ELSE 'trial_gate' END,
    snapshot.snapshot_id, NULL,
    '{"steps": 8, "millis": 50, "message": "the disk is full", "times": 1}', NULL);
  RETURN snapshot;
END
$$;

CREATE OR REPLACE FUNCTION steep_repl.start_apply(
  p_input_path text, p_parallel integer DEFAULT 4, p_verify boolean DEFAULT true,
  p_target_node text DEFAULT NULL, p_source_node text DEFAULT NULL,
  p_truncate boolean DEFAULT false, p_create_schema boolean DEFAULT false,
  p_no_owner boolean DEFAULT false, p_analyze boolean DEFAULT true)
  RETURNS steep_repl.snapshots
  LANGUAGE sql
AS $$
SELECT steep_repl.start_snapshot(p_input_path, p_parallel => p_parallel)
$$;

CREATE OR REPLACE FUNCTION steep_repl.verify_snapshot(p_path text)
  RETURNS TABLE (file text, status text, detail text)
  LANGUAGE sql
AS $$
VALUES ('manifest.json', 'ok', CASE WHEN p_path LIKE '%slow' THEN pg_sleep(600)::text END),
       ('data/t1.csv', CASE WHEN p_path LIKE '%fail' THEN 'mismatch' ELSE 'ok' END, NULL)
$$;

CREATE OR REPLACE FUNCTION steep_repl.list_snapshots(p_status text DEFAULT NULL, p_limit integer DEFAULT 100)
  RETURNS SETOF steep_repl.snapshots
  LANGUAGE sql STABLE
AS $$
SELECT * FROM steep_repl.snapshots WHERE p_status IS NULL OR status = p_status
 ORDER BY created_at DESC LIMIT p_limit
$$;

CREATE OR REPLACE FUNCTION steep_repl.delete_snapshot(p_id text, p_remove_files boolean DEFAULT false)
  RETURNS boolean
  LANGUAGE sql
AS $$
WITH deleted AS (DELETE FROM steep_repl.snapshots WHERE snapshot_id = p_id RETURNING 1)
SELECT EXISTS (SELECT FROM deleted)
$$;
