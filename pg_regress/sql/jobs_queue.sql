-- The queue: its shape, each transition, and what is refused.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
\set SHOW_CONTEXT never

-- Nobody takes jobs but this session: the launcher never sees the database enabled.
BEGIN;
CREATE EXTENSION steep_repl;
SELECT steep_repl.disable_db(current_database());
COMMIT;

\getenv abs_srcdir PG_ABS_SRCDIR
\set failure :abs_srcdir '/include/failure.sql'
\i :failure

-- The tables as they were promised.
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS default
  FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = 'steep_repl.work_queue'::regclass AND a.attnum > 0
 ORDER BY a.attnum;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS default
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.oid IN ('steep_repl.snapshots'::regclass, 'steep_repl.merge_operations'::regclass,
                 'steep_repl.merge_audit_log'::regclass)
 ORDER BY c.relname COLLATE "C", a.attnum;
SELECT indexname, regexp_replace(indexdef, '.* USING ', '') AS definition
  FROM pg_indexes
 WHERE schemaname = 'steep_repl'
   AND tablename IN ('work_queue', 'snapshots', 'merge_operations', 'merge_audit_log')
 ORDER BY indexname COLLATE "C";
SELECT conrelid::regclass AS relation, conname
  FROM pg_constraint
 WHERE conrelid IN ('steep_repl.work_queue'::regclass, 'steep_repl.snapshots'::regclass,
                    'steep_repl.merge_operations'::regclass, 'steep_repl.merge_audit_log'::regclass)
   AND contype IN ('c', 'f', 'p')
 ORDER BY 1::text COLLATE "C", conname COLLATE "C";
SELECT tgrelid::regclass AS relation, tgname, tgfoid::regproc AS function
  FROM pg_trigger
 WHERE tgrelid IN ('steep_repl.snapshots'::regclass, 'steep_repl.merge_operations'::regclass)
   AND NOT tgisinternal
 ORDER BY tgname COLLATE "C";

-- Each rule of the tables, broken once.
INSERT INTO steep_repl.nodes (node_id, node_name, host)
VALUES ('here', 'this server', 'localhost');
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id) VALUES ('snap', 'here');
INSERT INTO steep_repl.merge_operations (merge_id, tables, peer_connstr)
VALUES ('00000000-0000-0000-0000-000000000001', '{public.a}', 'host=peer');
SELECT f.state, f.message
  FROM unnest(ARRAY[
    $$INSERT INTO steep_repl.work_queue (operation) VALUES ('dance')$$,
    $$INSERT INTO steep_repl.work_queue (operation) VALUES ('snapshot_generate')$$,
    $$INSERT INTO steep_repl.work_queue (operation) VALUES ('snapshot_apply')$$,
    $$INSERT INTO steep_repl.work_queue (operation) VALUES ('bidirectional_merge')$$,
    $$INSERT INTO steep_repl.work_queue (operation, status) VALUES ('schema_capture', 'lost')$$,
    $$INSERT INTO steep_repl.work_queue (operation, params)
      VALUES ('schema_capture', jsonb_build_object('a', repeat('x', 8192)))$$,
    $$INSERT INTO steep_repl.work_queue (operation, snapshot_id) VALUES ('snapshot_apply', 'no')$$,
    $$INSERT INTO steep_repl.work_queue (operation, merge_id)
      VALUES ('bidirectional_merge', gen_random_uuid())$$,
    $$INSERT INTO steep_repl.work_queue (operation, retry_of) VALUES ('schema_capture', 0);
      SET CONSTRAINTS ALL IMMEDIATE$$,
    $$UPDATE steep_repl.snapshots SET compression = 'rar'$$,
    $$UPDATE steep_repl.snapshots SET status = 'running'$$,
    $$UPDATE steep_repl.snapshots SET phase = 'lunch'$$,
    $$UPDATE steep_repl.snapshots SET overall_percent = 100.5$$,
    $$UPDATE steep_repl.snapshots SET overall_percent = -1$$,
    $$UPDATE steep_repl.snapshots SET table_count = -1, tables_completed = -1$$,
    $$UPDATE steep_repl.snapshots SET table_count = 1, tables_completed = 2$$,
    $$UPDATE steep_repl.snapshots SET size_bytes = -1$$,
    $$UPDATE steep_repl.snapshots SET bytes_written = -1$$,
    $$UPDATE steep_repl.snapshots SET source_node_id = 'nowhere'$$,
    $$UPDATE steep_repl.snapshots SET target_node_id = 'nowhere'$$,
    $$UPDATE steep_repl.merge_operations SET strategy = 'toss'$$,
    $$UPDATE steep_repl.merge_operations SET status = 'generating'$$,
    $$UPDATE steep_repl.merge_operations SET phase = 'schema'$$,
    $$UPDATE steep_repl.merge_operations SET overall_percent = 101$$,
    $$INSERT INTO steep_repl.merge_audit_log (merge_id, table_schema, table_name, pk_value,
      category)
      VALUES (gen_random_uuid(), 's', 't', '1', 'match')$$,
    $$INSERT INTO steep_repl.merge_audit_log (merge_id, table_schema, table_name, pk_value,
      category)
      VALUES ('00000000-0000-0000-0000-000000000001', 's', 't', '1', 'other')$$,
    $$INSERT INTO steep_repl.merge_audit_log
             (merge_id, table_schema, table_name, pk_value, category, resolution)
      VALUES ('00000000-0000-0000-0000-000000000001', 's', 't', '1', 'match', 'eaten')$$
  ]) WITH ORDINALITY AS s(sql, number), pg_temp.failure(s.sql) AS f
 ORDER BY s.number;
SELECT status, phase, strategy, overall_percent FROM steep_repl.merge_operations;

-- An empty queue.
SELECT * FROM steep_repl.claim_work() \gx
SELECT steep_repl.complete_work(1), steep_repl.fail_work(1, 'x'), steep_repl.cancel_work(1),
       steep_repl.cancel_operation(1), steep_repl.recover_abandoned_work() AS recovered;
SELECT count(*) FROM steep_repl.list_operations();

-- Nothing can be queued that nobody would run.
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_capture('here')$$);
SELECT count(*) FROM steep_repl.work_queue;

-- The oldest first; of the same time, that of the smaller number.
INSERT INTO steep_repl.work_queue (id, operation, params, created_at)
SELECT number, 'schema_capture', jsonb_build_object('node_id', 'n' || number), moment
  FROM (VALUES (11, timestamptz '2026-01-03'), (12, '2026-01-01'), (14, '2026-01-02'),
               (13, '2026-01-02')) AS v(number, moment);
SELECT id, status, worker_pid = pg_backend_pid() AS mine, attempts, needs_undo,
       started_at BETWEEN now() AND clock_timestamp() AS began, completed_at
  FROM steep_repl.claim_work();
SELECT (steep_repl.claim_work()).id;
SELECT (steep_repl.claim_work()).id;
-- With a role only what that role has queued, when it is its turn.
CREATE ROLE regress_jobs_other;
SELECT (steep_repl.claim_work('regress_jobs_other'::regrole)).id;
SELECT (steep_repl.claim_work(current_user::regrole)).id;
SELECT (steep_repl.claim_work()).id;
DROP ROLE regress_jobs_other;

-- The end of a running job, once.
SELECT steep_repl.complete_work(12), steep_repl.complete_work(12) AS again,
       steep_repl.fail_work(12, 'too late') AS failed, steep_repl.cancel_work(12) AS cancelled;
SELECT steep_repl.fail_work(13, E'it''s a "quoted" \\ error\nof two lines; DROP TABLE x;--');
SELECT steep_repl.fail_work(13, 'again'), steep_repl.complete_work(13);
SELECT steep_repl.fail_work(14, '');
SELECT steep_repl.cancel_operation(11);
SELECT id, status, cancel_requested, worker_pid = pg_backend_pid() AS mine, error_message,
       completed_at >= started_at AS timed, needs_undo
  FROM steep_repl.work_queue ORDER BY id;
SELECT error_message = E'it''s a "quoted" \\ error\nof two lines; DROP TABLE x;--' AS exact
  FROM steep_repl.work_queue WHERE id = 13;

-- A pending job is cancelled at once; what is pending or cancelled cannot be completed.
INSERT INTO steep_repl.work_queue (id, operation) VALUES (15, 'schema_capture');
SELECT steep_repl.complete_work(15), steep_repl.fail_work(15, 'x');
SELECT steep_repl.cancel_operation(15), steep_repl.cancel_operation(15) AS again;
SELECT steep_repl.complete_work(15), steep_repl.fail_work(15, 'x');
SELECT status, error_message, started_at, completed_at >= created_at AS timed, attempts
  FROM steep_repl.work_queue WHERE id = 15;

-- Lists: the newest first, by status, so many.
SELECT id, status FROM steep_repl.list_operations();
SELECT id, status FROM steep_repl.list_operations('', 2);
SELECT id, status FROM steep_repl.list_operations('failed');
SELECT id, status FROM steep_repl.list_operations('running', 100);
SELECT id, status FROM steep_repl.list_operations(p_status => 'pending');
SELECT count(*) FROM steep_repl.list_operations(NULL, 0);
SELECT count(*) FROM steep_repl.list_operations(NULL, NULL);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.list_operations('Failed')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.list_operations(NULL, -1)$$);

-- Running jobs whose worker is gone have failed, whatever has its number by now.
SELECT steep_repl.recover_abandoned_work();
INSERT INTO steep_repl.work_queue (id, operation, status, worker_pid, worker_started_at)
VALUES (21, 'schema_capture', 'running', 2147483647, now()),
       (22, 'schema_capture', 'running', NULL, NULL),
       (23, 'schema_capture', 'running', pg_backend_pid(), now()),
       (24, 'schema_capture', 'pending', NULL, NULL);
SELECT steep_repl.recover_abandoned_work(), steep_repl.recover_abandoned_work() AS again;
SELECT id, status, replace(error_message, pg_backend_pid()::text, '<pid>') AS error,
       completed_at IS NOT NULL AS ended
  FROM steep_repl.work_queue WHERE id > 20 ORDER BY id;
SELECT status, replace(error_message, pg_backend_pid()::text, '<pid>') AS error
  FROM steep_repl.work_queue WHERE id = 11;

-- Jobs of another server's dump, of a role that is gone, or without the right to connect fail
-- instead of being given to somebody, and do not hold up the rest.
UPDATE steep_repl.work_queue SET created_at = now() + interval '1 hour' WHERE id = 24;
INSERT INTO steep_repl.work_queue (id, operation, requested_role, requested_on)
VALUES (25, 'schema_capture', 10, 1), (26, 'schema_capture', 4294967295, DEFAULT);
SELECT (steep_repl.claim_work()).id;
SELECT steep_repl.complete_work(24);
SELECT id, status, error_message FROM steep_repl.work_queue WHERE id IN (25, 26) ORDER BY id;
INSERT INTO steep_repl.work_queue (id, operation, requested_on, needs_undo, status)
VALUES (27, 'schema_capture', 1, true, 'failed'), (28, 'schema_capture', 1, false, 'pending');
UPDATE steep_repl.work_queue SET needs_undo = false WHERE id < 27;
SELECT steep_repl.sweep();
SELECT id, status, undo_attempts FROM steep_repl.work_queue WHERE id IN (27, 28) ORDER BY id;

-- The rows of snapshots and merges go along.
INSERT INTO steep_repl.work_queue (id, operation, snapshot_id, merge_id)
VALUES (31, 'snapshot_generate', 'snap', NULL),
       (32, 'bidirectional_merge', NULL, '00000000-0000-0000-0000-000000000001');
SELECT (steep_repl.claim_work()).id, (steep_repl.claim_work()).id;
SELECT s.status, s.phase, s.started_at IS NOT NULL AS began, m.status,
  m.started_at IS NOT NULL AS began
  FROM steep_repl.snapshots AS s, steep_repl.merge_operations AS m;
SELECT steep_repl.complete_work(31), steep_repl.fail_work(32, 'no peer');
SELECT s.status, s.phase, s.overall_percent, s.completed_at >= s.started_at AS timed,
       m.status, m.overall_percent, m.error_message
  FROM steep_repl.snapshots AS s, steep_repl.merge_operations AS m;
INSERT INTO steep_repl.work_queue (id, operation, snapshot_id) VALUES (33, 'snapshot_apply',
  'snap');
SELECT (steep_repl.claim_work()).id;
SELECT status FROM steep_repl.snapshots;
SELECT steep_repl.complete_work(33);
SELECT status, phase FROM steep_repl.snapshots;
INSERT INTO steep_repl.work_queue (id, operation, snapshot_id) VALUES (34, 'snapshot_apply',
  'snap');
SELECT steep_repl.cancel_operation(34);
SELECT status, error_message FROM steep_repl.snapshots;

-- Waiting: the end, whatever it was, a limit, no such job, and no sight of the end.
SELECT id, status FROM steep_repl.wait_operation(13);
INSERT INTO steep_repl.work_queue (id, operation) VALUES (41, 'schema_capture');
SELECT * FROM pg_temp.failure($$SELECT steep_repl.wait_operation(41, 0)$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.wait_operation(41, 1)$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.wait_operation(404, 1)$$);
CALL steep_repl.await_operation(13);
CALL steep_repl.await_operation(41, 0);
CALL steep_repl.await_operation(404, 0);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.wait_operation(13)$$);
ROLLBACK;
-- The transaction that has queued a job would wait for itself.
BEGIN;
SAVEPOINT inside;
INSERT INTO steep_repl.work_queue (id, operation) VALUES (42, 'schema_capture');
RELEASE inside;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.wait_operation(42)$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.wait_operation(41, 0)$$);
ROLLBACK;

-- Nulls.
SELECT f.state, f.message
  FROM unnest(ARRAY['complete_work(NULL)', 'fail_work(NULL, NULL)', 'cancel_work(NULL)',
                    'cancel_operation(NULL)', 'retry_operation(NULL)', 'prune_work_queue(NULL)',
                    'wait_operation(NULL)', 'wait_operation(1, NULL)'])
       WITH ORDINALITY AS s(call, number), pg_temp.failure('SELECT steep_repl.' || s.call) AS f
 ORDER BY s.number;
CALL steep_repl.await_operation(NULL);
CALL steep_repl.await_operation(13, NULL);

-- What has ended long ago goes, unless it is still to be undone.
SELECT steep_repl.cancel_operation(41);
UPDATE steep_repl.work_queue SET completed_at = now() - interval '40 days' WHERE id IN (12, 13, 14);
UPDATE steep_repl.work_queue SET needs_undo = true WHERE id = 14;
UPDATE steep_repl.work_queue SET retry_of = 12 WHERE id = 15;
INSERT INTO steep_repl.work_queue (id, operation, status, created_at)
VALUES (51, 'schema_capture', 'pending', '2020-01-01'), (52, 'schema_capture', 'running',
  '2020-01-01');
SELECT * FROM pg_temp.failure($$SELECT steep_repl.prune_work_queue('-1 s')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.prune_work_queue('100000 years')$$);
SELECT steep_repl.prune_work_queue('10000 years');
SELECT steep_repl.prune_work_queue('30 days');
SELECT retry_of FROM steep_repl.work_queue WHERE id = 15;
UPDATE steep_repl.work_queue SET needs_undo = false;
SELECT steep_repl.prune_work_queue('30 days');
SELECT steep_repl.prune_work_queue('0') > 10 AS the_rest;
SELECT id, status FROM steep_repl.work_queue ORDER BY id;
DELETE FROM steep_repl.work_queue;

-- Queueing for real.
SELECT steep_repl.enable_db(current_database());
SELECT f.state, f.message
  FROM unnest(ARRAY[
    $$enqueue('dance', NULL, NULL, NULL, NULL)$$,
    $$enqueue(NULL, NULL, NULL, NULL, NULL)$$,
    $$enqueue('schema_capture', NULL, NULL, jsonb_build_object('a', repeat('x', 8192)), NULL)$$,
    $$start_capture('here', ARRAY(SELECT 'pg_catalog' FROM generate_series(1, 1000)))$$,
    $$queue_snapshot_generate(NULL, '/nowhere/x')$$,
    $$queue_snapshot_generate('no', '/nowhere/x')$$,
    $$queue_snapshot_apply('no', '/nowhere/x')$$,
    $$queue_merge('00000000-0000-0000-0000-00000000000f', 'host=x', '{a}')$$,
    $$retry_operation(404)$$])
       WITH ORDINALITY AS s(call, number), pg_temp.failure('SELECT steep_repl.' || s.call) AS f
 ORDER BY s.number;
SELECT count(*) FROM steep_repl.work_queue;
SELECT setval('steep_repl.work_queue_id_seq', 100);

-- A job that has failed can be tried again: once at a time.
SELECT id, operation, snapshot_id, params, status
  FROM steep_repl.queue_snapshot_apply('snap', '/nowhere/x', 2, false);
SELECT status, regexp_replace(error_message, ' in version.*', '') AS error
  FROM steep_repl.wait_operation(101, 120);
SELECT status, phase, regexp_replace(error_message, ' in version.*', '') AS error
  FROM steep_repl.snapshots;
SELECT id, operation, snapshot_id, merge_id, params, status, retry_of, attempts
  FROM steep_repl.retry_operation(101);
SELECT status FROM steep_repl.wait_operation(102, 120);
BEGIN;
SELECT id, retry_of FROM steep_repl.retry_operation(101);
SELECT status, phase, error_message, completed_at FROM steep_repl.snapshots;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.retry_operation(101)$$);
ROLLBACK;
SELECT params FROM steep_repl.queue_snapshot_apply('snap', '/nowhere/x');
SELECT params FROM steep_repl.queue_merge('00000000-0000-0000-0000-000000000001', 'service=p',
  '{a.b}');
SELECT max(id) AS last FROM steep_repl.work_queue \gset
SELECT status, regexp_replace(error_message, ' in version.*', '') AS error
  FROM steep_repl.wait_operation(:last, 120);
SELECT status, regexp_replace(error_message, ' in version.*', '') AS error
  FROM steep_repl.merge_operations;

-- A complete one is not tried again, nor is one whose retry was.
SELECT (steep_repl.start_capture('here')).id AS done \gset
SELECT status FROM steep_repl.wait_operation(:done, 120);
SELECT state, replace(message, :'done', '<id>') AS message
  FROM pg_temp.failure('SELECT steep_repl.retry_operation(' || :done || ')');
UPDATE steep_repl.work_queue SET status = 'complete' WHERE id = 102;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.retry_operation(101)$$);

-- The audit log knows all of it.
SELECT action, actor = session_user || '@job' AS mine, success, count(*) > 0 AS some
  FROM steep_repl.audit_log
 WHERE target_type = 'operation' GROUP BY action, actor, success
 ORDER BY action COLLATE "C", success;
SELECT new_value FROM steep_repl.audit_log
 WHERE action = 'operation.queued' AND target_id = '101';

SELECT steep_repl.unregister_db(current_database());
DROP EXTENSION steep_repl;
