-- Looking at the files of a snapshot from a session, with the rights of the role in effect. What a
-- manifest says is not believed before it has been looked at: anybody may have written it.

CREATE FUNCTION steep_repl.stored_manifest(p_path text) RETURNS text
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_stored_manifest';
COMMENT ON FUNCTION steep_repl.stored_manifest(text) IS
  'the text of the manifest in a directory of the server; internal';

CREATE FUNCTION steep_repl.snapshot_name_problem(p_file text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_snapshot_name_problem';
COMMENT ON FUNCTION steep_repl.snapshot_name_problem(text) IS
  'why a manifest must not name a file so; null if it may; internal';

CREATE FUNCTION steep_repl.check_snapshot_files(
  p_path text, p_files text[], p_sizes bigint[], p_checksums text[])
  RETURNS TABLE (file text, status text, detail text)
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_check_snapshot_files';
COMMENT ON FUNCTION steep_repl.check_snapshot_files(text, text[], bigint[], text[]) IS
  'compares files of a snapshot with their sizes and checksums; internal';

-- The elements of an array; none if it is something else.
CREATE FUNCTION steep_repl.elements_of(p_list jsonb) RETURNS TABLE (value jsonb, index bigint)
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT e.value, e.ordinality - 1
  FROM jsonb_array_elements(CASE jsonb_typeof(p_list) WHEN 'array' THEN p_list ELSE '[]' END)
       WITH ORDINALITY AS e
$$;
COMMENT ON FUNCTION steep_repl.elements_of(jsonb) IS
  'the elements of a JSON array and their places; internal';

-- What a manifest tells of its files, right or wrong. Those of the schema have no size.
CREATE FUNCTION steep_repl.manifest_files(p_manifest jsonb)
  RETURNS TABLE (place text, file jsonb, checksum jsonb, size_bytes jsonb, is_sized boolean)
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT '$.' || s.name || s.suffix, p_manifest -> (s.name || s.suffix),
       p_manifest -> (s.name || '_checksum'), NULL::jsonb, false
  FROM (VALUES ('schema', '_file'), ('schema_archive', '')) AS s(name, suffix)
 WHERE p_manifest ?| ARRAY[s.name || s.suffix, s.name || '_checksum']
 UNION ALL
SELECT f.place, f.about -> 'file', f.about -> 'checksum', f.about -> 'size_bytes', true
  FROM (SELECT format('$.tables[%s]', t.index), t.value
          FROM steep_repl.elements_of(p_manifest -> 'tables') AS t
         WHERE t.value -> 'parts' IS NULL
         UNION ALL
        SELECT format('$.tables[%s].parts[%s]', t.index, p.index), p.value
          FROM steep_repl.elements_of(p_manifest -> 'tables') AS t,
               steep_repl.elements_of(t.value -> 'parts') AS p
         UNION ALL
        SELECT '$.large_objects', p_manifest -> 'large_objects'
         WHERE p_manifest -> 'large_objects' IS NOT NULL) AS f(place, about)
$$;
COMMENT ON FUNCTION steep_repl.manifest_files(jsonb) IS
  'the files that a manifest names, and where it does; internal';

-- What is wrong with the files of a manifest, each place by itself.
CREATE FUNCTION steep_repl.manifest_file_problems(p_manifest jsonb)
  RETURNS TABLE (place text, problem text)
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT f.place, p.problem
  FROM steep_repl.manifest_files(p_manifest) AS f,
       LATERAL (VALUES
         (CASE WHEN jsonb_typeof(f.file) IS DISTINCT FROM 'string' THEN 'names no file'
               ELSE 'file name ' || steep_repl.snapshot_name_problem(f.file #>> '{}') END),
         (CASE WHEN (f.checksum #>> '{}' ~ '^sha256:[0-9a-f]{64}$') IS NOT TRUE
               THEN 'checksum is not "sha256:" and 64 hexadecimal digits' END),
         (CASE WHEN NOT f.is_sized THEN NULL
               WHEN jsonb_typeof(f.size_bytes) IS DISTINCT FROM 'number'
                 THEN 'size_bytes is no number'
               WHEN (f.size_bytes)::numeric NOT BETWEEN 0 AND 9223372036854775807
                    OR (f.size_bytes)::numeric % 1 <> 0
                 THEN 'size_bytes is out of range' END)) AS p(problem)
 WHERE p.problem IS NOT NULL
 UNION ALL
SELECT max(f.place), 'file is there twice'
  FROM (SELECT '$', '"manifest.json"'::jsonb
         UNION ALL
        SELECT m.place, m.file FROM steep_repl.manifest_files(p_manifest) AS m
         WHERE jsonb_typeof(m.file) = 'string') AS f(place, file)
 GROUP BY f.file HAVING count(*) > 1
$$;
COMMENT ON FUNCTION steep_repl.manifest_file_problems(jsonb) IS
  'what is wrong with the files that a manifest names; internal';

-- The same for the rest of it, as far as others than the job that applies it rely on that.
CREATE FUNCTION steep_repl.manifest_problems(p_manifest jsonb)
  RETURNS TABLE (place text, problem text)
  LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  format_version jsonb := coalesce(p_manifest -> 'format_version', '1');
BEGIN
  IF jsonb_typeof(p_manifest) <> 'object' THEN
    RETURN QUERY VALUES ('$', 'is not an object');
  ELSIF format_version NOT IN ('1', '2') THEN
    RETURN QUERY VALUES ('$.format_version',
                         format('is %s, and this version reads up to 2', format_version));
  ELSE
    RETURN QUERY
    SELECT '$.snapshot_id', 'is not of the form snap_...'
     WHERE jsonb_typeof(p_manifest -> 'snapshot_id') IS DISTINCT FROM 'string'
        OR p_manifest ->> 'snapshot_id' !~ '^snap_[A-Za-z0-9_-]{1,58}$'
     UNION ALL
    SELECT '$.' || l.name, 'is not an array'
      FROM (VALUES ('tables'), ('sequences')) AS l(name)
     WHERE jsonb_typeof(p_manifest -> l.name) IS DISTINCT FROM 'array'
     UNION ALL
    SELECT format('$.%s[%s]', l.name, e.index), 'has no schema and name'
      FROM (VALUES ('tables'), ('sequences')) AS l(name),
           steep_repl.elements_of(p_manifest -> l.name) AS e
     WHERE jsonb_typeof(e.value -> 'schema') IS DISTINCT FROM 'string'
        OR jsonb_typeof(e.value -> 'name') IS DISTINCT FROM 'string'
     UNION ALL
    SELECT format('$.tables[%s].parts', t.index), 'is not an array with elements'
      FROM steep_repl.elements_of(p_manifest -> 'tables') AS t
     WHERE t.value -> 'parts' IS NOT NULL
       AND (jsonb_typeof(t.value -> 'parts') <> 'array' OR t.value -> 'parts' = '[]')
     UNION ALL
    SELECT * FROM steep_repl.manifest_file_problems(p_manifest);
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.manifest_problems(jsonb) IS
  'what is wrong with a manifest; internal';

CREATE FUNCTION steep_repl.read_manifest(p_path text) RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stored text;
  manifest jsonb;
  problems text;
BEGIN
  PERFORM steep_repl.require_argument('p_path', p_path);
  stored := steep_repl.stored_manifest(p_path);
  BEGIN
    manifest := stored::jsonb;
  EXCEPTION
    WHEN program_limit_exceeded THEN
      RAISE EXCEPTION 'manifest "%/manifest.json" is more than this server can read', p_path
        USING ERRCODE = 'program_limit_exceeded', DETAIL = SQLERRM,
              HINT = 'Take several snapshots of fewer tables.';
    WHEN data_exception THEN
      problems := '$ is no JSON: ' || SQLERRM;
  END;
  SELECT coalesce(problems, string_agg(p.place || ' ' || p.problem, '; ')) INTO problems
    FROM (SELECT * FROM steep_repl.manifest_problems(manifest) LIMIT 10) AS p;
  IF problems IS NOT NULL THEN
    RAISE EXCEPTION 'manifest "%/manifest.json" is not legal: %', p_path, problems
      USING ERRCODE = 'SR003',
            HINT = 'Restore the file from another copy, or take the snapshot again.';
  END IF;
  RETURN manifest;
END
$$;
COMMENT ON FUNCTION steep_repl.read_manifest(text) IS
  'the manifest of a snapshot in a directory of the server';

CREATE FUNCTION steep_repl.verify_snapshot(p_path text)
  RETURNS TABLE (file text, status text, detail text)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  manifest jsonb := steep_repl.read_manifest(p_path);
BEGIN
  RETURN QUERY VALUES ('manifest.json', 'ok', NULL);
  RETURN QUERY
  SELECT c.* FROM (
    SELECT array_agg(f.file #>> '{}'), array_agg((f.size_bytes)::bigint),
           array_agg(f.checksum #>> '{}')
      FROM steep_repl.manifest_files(manifest) AS f) AS m(files, sizes, checksums),
    LATERAL steep_repl.check_snapshot_files(p_path, m.files, m.sizes, m.checksums) AS c;
END
$$;
COMMENT ON FUNCTION steep_repl.verify_snapshot(text) IS
  'compares all files of a snapshot with its manifest: ok, missing, size, checksum, forbidden or unreadable';

REVOKE ALL ON FUNCTION
  steep_repl.stored_manifest(text), steep_repl.snapshot_name_problem(text),
  steep_repl.check_snapshot_files(text, text[], bigint[], text[]),
  steep_repl.elements_of(jsonb), steep_repl.manifest_files(jsonb),
  steep_repl.manifest_file_problems(jsonb), steep_repl.manifest_problems(jsonb),
  steep_repl.read_manifest(text), steep_repl.verify_snapshot(text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.stored_manifest(text), steep_repl.snapshot_name_problem(text),
  steep_repl.check_snapshot_files(text, text[], bigint[], text[]),
  steep_repl.elements_of(jsonb), steep_repl.manifest_files(jsonb),
  steep_repl.manifest_file_problems(jsonb), steep_repl.manifest_problems(jsonb),
  steep_repl.read_manifest(text), steep_repl.verify_snapshot(text)
  TO steep_repl_operator;
