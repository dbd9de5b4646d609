-- What the functions about the files of snapshots refuse, and how rows of snapshots are deleted.
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
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('a')$$);
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

-- Rows are deleted by those whose they are, and by administrators, while no job is about them.
SELECT node_id FROM steep_repl.register_node('here', 'Here');
INSERT INTO steep_repl.snapshots
  (snapshot_id, source_node_id, status, requested_by, storage_path, checksum)
SELECT 'snap_' || n, 'here', 'complete', 'regress_files_owner', '/a/' || n, 'sha256:' || n
  FROM generate_series(1, 5) AS n;
UPDATE steep_repl.snapshots SET storage_path = NULL WHERE snapshot_id = 'snap_5';
INSERT INTO steep_repl.work_queue (operation, snapshot_id, status)
VALUES ('snapshot_generate', 'snap_1', 'complete'), ('snapshot_generate', 'snap_2', 'pending');
INSERT INTO steep_repl.work_queue (operation, snapshot_id, status, needs_undo)
VALUES ('snapshot_generate', 'snap_3', 'failed', true);
SET ROLE regress_files_other;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_1')$$);
SET SESSION AUTHORIZATION regress_files_owner;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot(NULL)$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_1', NULL)$$);
SELECT steep_repl.delete_snapshot('none') AS none, steep_repl.delete_snapshot('none', true) AS none;
SELECT state, regexp_replace(message, '\d+$', 'N') AS message
  FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_2')$$);
SELECT state, regexp_replace(message, '\d+$', 'N') AS message
  FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_3')$$);
SELECT steep_repl.delete_snapshot('snap_1');
SELECT steep_repl.delete_snapshot('snap_1') AS again;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_4', true)$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_5', true)$$);
RESET SESSION AUTHORIZATION;
SET ROLE regress_files_admin;
SELECT steep_repl.delete_snapshot('snap_4');
RESET ROLE;
SELECT snapshot_id, status FROM steep_repl.snapshots ORDER BY 1;
SELECT count(*) FROM steep_repl.work_queue;
SELECT action, target_id, new_value IS NULL AS is_end, old_value ->> 'status' AS was
  FROM steep_repl.audit_log WHERE target_type = 'snapshot' ORDER BY id;

-- A deletion of files shows in the row, which is as it was when that comes to nothing.
INSERT INTO steep_repl.work_queue (id, operation, snapshot_id)
VALUES (-1, 'snapshot_delete', 'snap_5');
SELECT steep_repl.follow_work(w) FROM steep_repl.work_queue AS w WHERE id = -1;
SELECT status, former_status FROM steep_repl.snapshots WHERE snapshot_id = 'snap_5';
SELECT * FROM pg_temp.failure($$SELECT steep_repl.delete_snapshot('snap_5')$$);
SELECT snapshot_id FROM steep_repl.list_snapshots('deleting');
SELECT steep_repl.cancel_snapshot('snap_5');
SELECT status, former_status, error_message FROM steep_repl.snapshots WHERE snapshot_id = 'snap_5';
UPDATE steep_repl.work_queue SET status = 'running' WHERE id = -1;
UPDATE steep_repl.snapshots SET former_status = status, status = 'deleting'
 WHERE snapshot_id = 'snap_5';
SELECT steep_repl.begin_deletion(-1);
BEGIN;
SELECT steep_repl.finish_work(-1, 'failed', 'the disk is gone');
SELECT status, former_status, error_message FROM steep_repl.snapshots WHERE snapshot_id = 'snap_5';
ROLLBACK;
SELECT steep_repl.finish_work(-1, 'complete', NULL);
SELECT count(*) FROM steep_repl.snapshots WHERE snapshot_id = 'snap_5';
SELECT status, snapshot_id FROM steep_repl.work_queue WHERE id = -1;

-- What has expired is marked; what somebody uses is not.
UPDATE steep_repl.snapshots SET expires_at = now() - interval '1 day' WHERE snapshot_id = 'snap_3';
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id, status, expires_at, checksum)
VALUES ('snap_6', 'here', 'generating', now() - interval '1 day', NULL),
       ('snap_7', 'here', 'applied', now() + interval '1 day', 'sha256:7'),
       ('snap_8', 'here', 'complete', 'infinity', 'sha256:8'),
       ('snap_9', 'here', 'failed', now() - interval '1 day', 'sha256:9'),
       ('snap_10', 'here', 'failed', now() - interval '1 day', NULL);
-- Rows that the launcher is seeing to at the same moment are left to it.
DO $$
BEGIN
  PERFORM steep_repl.expire();
  FOR i IN 1..600 LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM steep_repl.snapshots AS s
                           WHERE steep_repl.is_made(s) AND s.expires_at <= clock_timestamp());
    PERFORM pg_sleep(0.1);
    PERFORM steep_repl.expire();
  END LOOP;
END $$;
SELECT snapshot_id, status FROM steep_repl.snapshots ORDER BY 1;
SELECT timestamptz '2000-01-01 00:00:00+00' + steep_repl.next_expiry() * interval '1 us'
       = expires_at AS is_next
  FROM steep_repl.snapshots WHERE snapshot_id = 'snap_7';

DELETE FROM steep_repl.snapshots WHERE snapshot_id = 'snap_7';
SELECT steep_repl.next_expiry() > 0 AS anything;

-- A row of init_slots has no slot dropped that is not a snapshot's.
INSERT INTO steep_repl.init_slots (slot_name, node_id, lsn, expires_at)
VALUES ('regress_files', 'here', '0/0', '-infinity');
SELECT count(*) FROM steep_repl.expiring_slots();
SET ROLE regress_files_admin;
SELECT * FROM pg_temp.failure('SELECT steep_repl.expire()');
SELECT * FROM pg_temp.failure('SELECT steep_repl.wake_at(now())');
RESET ROLE;

SELECT steep_repl.unregister_db(current_database()::text) <> '' AS unregistered;
DROP EXTENSION steep_repl;
DROP ROLE regress_files_owner, regress_files_other, regress_files_admin, regress_files_plain;
