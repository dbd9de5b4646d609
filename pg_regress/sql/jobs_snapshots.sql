-- Snapshots by their ids, with rows made by hand: watching, waiting, cancelling.
\set SHOW_CONTEXT never
CREATE EXTENSION steep_repl;
SELECT steep_repl.disable_db(current_database()::text) <> '' AS disabled;
SELECT node_id FROM steep_repl.register_node('here', 'Here');
CREATE ROLE regress_snapshots_owner LOGIN;
CREATE ROLE regress_snapshots_other LOGIN;
GRANT steep_repl_operator TO regress_snapshots_owner;
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id, status, phase, overall_percent,
                                  table_count, tables_completed, bytes_written, eta_seconds,
                                  current_table, error_message, requested_by, created_at)
VALUES ('old', 'here', 'complete', 'complete', 100, 3, 3, 300, 0, NULL, NULL,
        'regress_snapshots_owner', '2000-01-01'),
       ('bad', 'here', 'failed', 'failed', 40, 3, 1, 100, 7, 'a.b', 'no room',
        'regress_snapshots_owner', '2000-01-02'),
       ('one', 'here', 'pending', 'idle', 0, 0, 0, 0, 0, NULL, NULL,
        'regress_snapshots_owner', '2000-01-03'),
       ('two', 'here', 'generating', 'data', 12.5, 8, 1, 1000, 9, 'a.c', 'not an error',
        'regress_snapshots_owner', '2000-01-04');
SET ROLE regress_snapshots_owner;
SELECT steep_repl.enqueue('snapshot_generate', 'one', NULL, '{}', NULL) IS NOT NULL AS queued;
RESET ROLE;
INSERT INTO steep_repl.work_queue (operation, snapshot_id, requested_by, requested_role)
SELECT 'snapshot_generate', 'one', 'regress_snapshots_owner', 'regress_snapshots_owner'::regrole
  FROM generate_series(1, 2);

-- Without an id those that are not done, the newest first; nothing of an id that there is not.
SELECT * FROM steep_repl.snapshot_progress();
SELECT * FROM steep_repl.snapshot_progress('old');
SELECT * FROM steep_repl.snapshot_progress('bad');
SELECT * FROM steep_repl.snapshot_progress('none');

-- Others see nothing of them, readers all.
SET ROLE regress_snapshots_other;
SELECT count(*) FROM steep_repl.snapshot_progress();
SELECT count(*) FROM steep_repl.snapshots;
SELECT steep_repl.cancel_snapshot('one');
SELECT snapshot_id FROM steep_repl.wait_snapshot('old', 1);
RESET ROLE;
GRANT steep_repl_reader TO regress_snapshots_other;
SET ROLE regress_snapshots_other;
SELECT count(*) FROM steep_repl.snapshot_progress();
SELECT steep_repl.cancel_snapshot('one');
RESET ROLE;

-- The end is waited for, whatever it is.
SELECT snapshot_id, status FROM steep_repl.wait_snapshot('old');
SELECT snapshot_id, status, error_message FROM steep_repl.wait_snapshot('bad', 0);
SELECT steep_repl.wait_snapshot('two', 0);
SELECT steep_repl.wait_snapshot('none');
SELECT steep_repl.wait_snapshot(NULL);
SELECT steep_repl.wait_snapshot('old', NULL);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT steep_repl.wait_snapshot('old');
ROLLBACK;

-- Nothing is made again while what a job has left is being removed, nor elsewhere than the row says.
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id, status, storage_path, requested_by)
VALUES ('left', 'here', 'failed', '/a/left', 'regress_snapshots_owner');
INSERT INTO steep_repl.work_queue (operation, snapshot_id, status, requested_by, requested_role,
                                   needs_undo)
VALUES ('snapshot_generate', 'left', 'failed', 'regress_snapshots_owner',
        'regress_snapshots_owner'::regrole, true);
\getenv abs_srcdir PG_ABS_SRCDIR
\set failure :abs_srcdir '/include/failure.sql'
\i :failure
SELECT state, regexp_replace(message, '\d+$', 'N') AS message, hint
  FROM pg_temp.failure($$SELECT steep_repl.add_work(current_user::regrole, current_user::regrole,
  'snapshot_generate', 'left', NULL, '{"output_path": "/a/left"}', NULL)$$);
UPDATE steep_repl.work_queue SET needs_undo = false WHERE snapshot_id = 'left';
SELECT *
  FROM pg_temp.failure($$SELECT steep_repl.add_work(current_user::regrole, current_user::regrole,
  'snapshot_generate', 'left', NULL, '{"output_path": "/b"}', NULL)$$);
DELETE FROM steep_repl.snapshots WHERE snapshot_id = 'left';

-- Cancelling a snapshot cancels its job, the newest of them.
SET ROLE regress_snapshots_owner;
SELECT steep_repl.cancel_snapshot('one') AS newest, steep_repl.cancel_snapshot('old') AS done,
       steep_repl.cancel_snapshot('none') AS none;
SELECT status, error_message FROM steep_repl.work_queue ORDER BY id;
SELECT steep_repl.cancel_snapshot('one');
SELECT steep_repl.cancel_snapshot('one') AS again;
SELECT snapshot_id, status, completed_at IS NOT NULL AS ended
  FROM steep_repl.wait_snapshot('one', 0);
SELECT steep_repl.cancel_snapshot(NULL);
RESET ROLE;

-- A node that has snapshots stays.
SELECT steep_repl.remove_node('here');
SELECT steep_repl.remove_node('here', true);

SELECT steep_repl.unregister_db(current_database()::text) <> '' AS unregistered;
DROP EXTENSION steep_repl;
DROP ROLE regress_snapshots_owner, regress_snapshots_other;
