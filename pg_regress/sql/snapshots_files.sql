-- What the functions about the files of snapshots refuse.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE EXTENSION steep_repl;
\getenv abs_srcdir PG_ABS_SRCDIR
\set failure :abs_srcdir '/include/failure.sql'
\i :failure
SELECT steep_repl.disable_db(current_database()::text) <> '' AS disabled;
CREATE ROLE regress_files_owner LOGIN IN ROLE steep_repl_operator;
CREATE ROLE regress_files_other LOGIN IN ROLE steep_repl_operator;
CREATE ROLE regress_files_admin LOGIN IN ROLE steep_repl_admin;
CREATE ROLE regress_files_plain LOGIN;

-- Paths.
SELECT s.path, f.*
  FROM unnest(ARRAY[NULL, '', 'relative', '/a/../b', '/a/./b', '/a//b', '/a/', '/',
                    '/nowhere/at all']) WITH ORDINALITY AS s(path, number),
       pg_temp.failure(format('SELECT steep_repl.read_manifest(%L)', s.path)) AS f
 ORDER BY s.number;
SELECT state, replace(message, current_setting('data_directory'), '...') AS message, hint
  FROM pg_temp.failure(format('SELECT steep_repl.verify_snapshot(%L)',
                              current_setting('data_directory')));
SET ROLE regress_files_plain;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.read_manifest('/a')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.verify_snapshot('/a')$$);
SET ROLE regress_files_owner;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.read_manifest('/a')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.stored_manifest('/a')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.check_snapshot_files('/a', '{}', '{}', '{}')$$);
RESET ROLE;

-- Names of files.
SELECT name, steep_repl.snapshot_name_problem(name)
  FROM unnest(ARRAY['data/a.b.csv', 'a', 'a/b/c/d/e/f/g/h', 'a/b/c/d/e/f/g/h/i', '', '/a', 'a/',
                    'a//b', '.', '..', 'a/..', '../a', '...', 'a b', E'a\\b', E'a\nb', 'ä'])
       WITH ORDINALITY AS n(name, number)
 ORDER BY number;
SELECT steep_repl.snapshot_name_problem(repeat('x', 255)),
       steep_repl.snapshot_name_problem(repeat('x', 256));

-- What is wrong with manifests, all of it at once.
SELECT m.number, p.*
  FROM unnest(ARRAY[
    '[]', '{"format_version": 3}', '{"format_version": "2"}', '{}',
    '{"snapshot_id": "snap_1", "tables": [], "sequences": []}',
    '{"snapshot_id": "snap_1", "tables": {}, "sequences": [1]}',
    '{"snapshot_id": "snap_/", "tables": [1, {}], "sequences": []}',
    '{"snapshot_id": "snap_1", "sequences": [], "schema_file": "../s", "tables":
      [{"schema": "a", "name": "b", "parts": []},
       {"schema": "a", "name": "b", "parts": [{"file": "x", "size_bytes": 1.5, "checksum": 1}]},
       {"schema": "a", "name": "b", "file": "x", "size_bytes": 1e30, "checksum": "sha256:0"}],
      "schema_archive": "manifest.json", "large_objects": {"file": []}}'])
       WITH ORDINALITY AS m(manifest, number),
       steep_repl.manifest_problems(m.manifest::jsonb) AS p
 ORDER BY m.number, p.place COLLATE "C", p.problem COLLATE "C";

SELECT steep_repl.unregister_db(current_database()::text) <> '' AS unregistered;
DROP EXTENSION steep_repl;
DROP ROLE regress_files_owner, regress_files_other, regress_files_admin, regress_files_plain;
