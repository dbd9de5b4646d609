-- Who may queue, see, cancel and retry jobs, and what nobody but the owner can do.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION steep_repl;
SELECT steep_repl.disable_db(current_database()) <> '' AS done;
COMMIT;

CREATE ROLE regress_jobs_plain LOGIN;
CREATE ROLE regress_jobs_reader LOGIN;
CREATE ROLE regress_jobs_operator LOGIN;
CREATE ROLE regress_jobs_other LOGIN;
CREATE ROLE regress_jobs_admin LOGIN;
GRANT steep_repl_reader TO regress_jobs_reader;
GRANT steep_repl_operator TO regress_jobs_operator, regress_jobs_other;
GRANT steep_repl_admin TO regress_jobs_admin;

CREATE FUNCTION public.failure(sql text, OUT state text, OUT message text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  message := 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
END
$$;

-- The functions around jobs: who may call them, and as whom they run.
CREATE TEMP TABLE about AS
SELECT p.* FROM pg_proc AS p
 WHERE p.pronamespace = 'steep_repl'::regnamespace
   AND proname = ANY (string_to_array(
  'add_work announce_slot await_operation bgworker_available broadcast_progress cancel_operation '
  'cancel_work capture_of change_registration claim_next claim_work complete_work '
  'count_tables_to_capture current_progress disable_db discard_fingerprints enable_db enqueue '
  'fail_work finish_undo finish_work follow_work get_enabled_databases get_progress '
  'get_progress_bytes_processed get_progress_bytes_total get_progress_current_table '
  'get_progress_error get_progress_eta_seconds get_progress_operation_id '
  'get_progress_operation_type get_progress_percent get_progress_phase '
  'get_progress_rows_processed get_progress_rows_total get_progress_tables_completed '
  'get_progress_tables_total get_progress_throughput get_progress_work_queue_id health '
  'is_from_here is_in_hand is_operation_active is_own_write is_worker_alive jobs_status '
  'json_prefix launch_worker list_databases list_operations next_schema_to_capture next_work '
  'notify_end notify_merge_change notify_operation_complete notify_operation_failed '
  'notify_operation_progress notify_snapshot_change obstacle operation_actor operation_id '
  'operation_progress persist_in_parent progress_of progress_payload progress_slots '
  'prune_work_queue publish_fingerprints queue_merge queue_snapshot_apply queue_snapshot_generate '
  'queue_summary queued recover_abandoned_work refuse_work register_current_db register_db '
  'register_for request_cancel require_committed require_parent retry_operation send_progress_notify share_progress '
  'stage_fingerprints start_capture sweep tell_end undo_limit unregister_db wait_operation '
  'wake_worker work_to_retry worker_available', ' '));
SELECT proname, prokind AS kind,
       CASE WHEN has_function_privilege('regress_jobs_plain', oid, 'EXECUTE') THEN 'everybody'
            WHEN has_function_privilege('regress_jobs_reader', oid, 'EXECUTE') THEN 'readers'
            WHEN has_function_privilege('regress_jobs_operator', oid, 'EXECUTE') THEN 'operators'
            WHEN has_function_privilege('regress_jobs_admin', oid, 'EXECUTE') THEN 'administrators'
            ELSE '-' END AS may_call
  FROM about ORDER BY proname COLLATE "C";
SELECT proname FROM about WHERE prosecdef ORDER BY proname COLLATE "C";
SELECT proname, proconfig FROM about
 WHERE proconfig IS DISTINCT FROM '{"search_path=pg_catalog, pg_temp"}';
SELECT c.relname, r.role, string_agg(p.privilege, ' ' ORDER BY p.privilege COLLATE "C") AS may
  FROM pg_class AS c,
       (VALUES (1, 'regress_jobs_plain'), (2, 'regress_jobs_reader'), (3, 'regress_jobs_operator'),
               (4, 'regress_jobs_admin')) AS r(rank, role),
       (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'),
               ('TRIGGER')) AS p(privilege)
 WHERE c.relnamespace = 'steep_repl'::regnamespace
   AND c.relname IN ('work_queue', 'snapshots', 'merge_operations', 'merge_audit_log', 'databases',
                     'captured_fingerprints')
   AND has_table_privilege(r.role, c.oid, p.privilege)
 GROUP BY c.relname, r.rank, r.role ORDER BY c.relname COLLATE "C", r.rank;
SELECT count(*) FROM pg_class AS c
 WHERE c.oid IN ('steep_repl.work_queue_id_seq'::regclass,
   'steep_repl.merge_audit_log_id_seq'::regclass)
   AND has_sequence_privilege('regress_jobs_admin', c.oid, 'USAGE, SELECT, UPDATE');
SELECT has_schema_privilege('regress_jobs_plain', 'steep_repl', 'USAGE') AS usage,
       has_schema_privilege('regress_jobs_admin', 'steep_repl', 'CREATE') AS "create";

-- Jobs of each, as rows: nobody runs them here.
INSERT INTO steep_repl.work_queue (id, operation, status, requested_by, requested_role)
SELECT n, 'schema_capture', status, role, role::regrole
  FROM (VALUES (1, 'pending', 'regress_jobs_operator'), (2, 'pending', 'regress_jobs_other'),
               (3, 'failed', 'regress_jobs_other'), (4, 'running', 'regress_jobs_other'),
               (5, 'failed', 'regress_jobs_operator'), (6, 'pending', 'regress_jobs_plain')
       ) AS v(n, status, role);
SELECT setval('steep_repl.work_queue_id_seq', 100);
UPDATE steep_repl.work_queue SET completed_at = now(), error_message = 'secret'
  WHERE status = 'failed';
INSERT INTO steep_repl.captured_fingerprints
SELECT id, 's', 't', 'f', 2, 0 FROM steep_repl.work_queue;
INSERT INTO steep_repl.nodes (node_id, node_name, host) VALUES ('here', 'here', 'localhost');
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id, requested_by)
VALUES ('other''s', 'here', 'regress_jobs_other'), ('gone''s', 'here', 'regress_jobs_gone');
INSERT INTO steep_repl.merge_operations (merge_id, tables, peer_connstr, requested_by)
VALUES ('00000000-0000-0000-0000-000000000001', '{a}', 'service=x', 'regress_jobs_other');

-- Everybody sees his own jobs, readers all of them, whatever function looks at the rows.
CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
AS $$ BEGIN RAISE WARNING 'leaked %', $1; RETURN true; END $$;
SET SESSION AUTHORIZATION regress_jobs_plain;
SELECT id FROM steep_repl.work_queue ORDER BY id;
SELECT id FROM steep_repl.work_queue WHERE public.leak(error_message) ORDER BY id;
SELECT id FROM steep_repl.list_operations() ORDER BY id;
SELECT queue_depth, running_operations FROM steep_repl.health();
SELECT * FROM public.failure('SELECT steep_repl.wait_operation(3, 0)');
SELECT (steep_repl.queued(3)).id;
SELECT * FROM public.failure('SELECT * FROM steep_repl.captured_fingerprints');
SELECT * FROM public.failure('SELECT * FROM steep_repl.snapshots');
SET SESSION AUTHORIZATION regress_jobs_operator;
SELECT id FROM steep_repl.list_operations() ORDER BY id;
SELECT work_queue_id FROM steep_repl.captured_fingerprints ORDER BY 1;
SET SESSION AUTHORIZATION regress_jobs_reader;
SELECT id FROM steep_repl.list_operations('failed') ORDER BY id;

-- Rows change by the functions alone.
RESET SESSION AUTHORIZATION;
CREATE FUNCTION public.failure_of(role text, sql text, OUT state text, OUT message text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role);
  SELECT f.state, f.message INTO state, message FROM public.failure(sql) AS f;
  RESET ROLE;
END
$$;
SELECT s.role, f.state, f.message
  FROM (VALUES (1, 'regress_jobs_plain'), (2, 'regress_jobs_operator'), (3, 'regress_jobs_admin')
       ) AS s(rank, role),
       unnest(ARRAY[
    $$INSERT INTO steep_repl.work_queue (operation) VALUES ('schema_capture')$$,
    $$UPDATE steep_repl.work_queue SET requested_role = 10$$,
    $$DELETE FROM steep_repl.work_queue$$,
    $$TRUNCATE steep_repl.work_queue$$,
    $$SELECT * FROM steep_repl.work_queue FOR UPDATE$$,
    $$SELECT nextval('steep_repl.work_queue_id_seq')$$,
    $$UPDATE steep_repl.snapshots SET status = 'complete'$$,
    $$DELETE FROM steep_repl.merge_operations$$,
    $$INSERT INTO steep_repl.merge_audit_log (merge_id, table_schema, table_name, pk_value,
      category)
      SELECT '00000000-0000-0000-0000-000000000001', 's', 't', '1', 'match'$$])
       WITH ORDINALITY AS c(sql, number),
       LATERAL public.failure_of(s.role, c.sql) AS f
 ORDER BY s.rank, c.number;
-- Not even what a job collects, for another's job.
SELECT f.* FROM public.failure_of('regress_jobs_operator',
  $$INSERT INTO steep_repl.captured_fingerprints VALUES (2, 's', 'u', 'f', 2, 0)$$) AS f;
SELECT f.* FROM public.failure_of('regress_jobs_operator',
  $$INSERT INTO steep_repl.captured_fingerprints VALUES (1, 's', 'u', 'f', 2, 0)$$) AS f;
SELECT f.* FROM public.failure_of('regress_jobs_operator',
  $$DELETE FROM steep_repl.captured_fingerprints$$) AS f;
SELECT work_queue_id FROM steep_repl.captured_fingerprints ORDER BY 1;

-- Internal functions are no way around.
SELECT c.call, f.state, f.message
  FROM unnest(ARRAY[
    'claim_work()', 'complete_work(4)', 'fail_work(4, ''x'')', 'finish_work(4, ''complete'', NULL)',
    'claim_next(10, now())', 'next_work()', 'sweep()', 'recover_abandoned_work()',
    'prune_work_queue(''1 day'')', 'request_cancel(10, 2)',
      'register_for(10, ''postgres'', ''disable'')',
    'add_work(10, 10, ''schema_capture'', NULL, NULL, ''{}'', NULL)', 'finish_undo(3)',
    'share_progress(4, true, true)', 'work_to_retry(10, 3)',
    'queue_snapshot_generate(''other''''s'', ''/tmp'')', 'launch_worker()',
    'is_worker_alive(4, 1, now())'])
       WITH ORDINALITY AS c(call, number),
       LATERAL public.failure_of('regress_jobs_operator', 'SELECT steep_repl.' || c.call) AS f
 ORDER BY c.number;

-- Another's job: refused, and nothing has changed. Jobs can be queued from here on.
SELECT steep_repl.cancel_operation(6);
DELETE FROM steep_repl.work_queue WHERE id = 6;
CREATE TEMP TABLE before AS SELECT * FROM steep_repl.work_queue;
CREATE TEMP TABLE snapshots_before AS SELECT * FROM steep_repl.snapshots;
CREATE TEMP TABLE merges_before AS SELECT * FROM steep_repl.merge_operations;
BEGIN;
SELECT steep_repl.enable_db(current_database()) <> '' AS done;
SELECT c.role, c.call, f.state, f.message
  FROM (VALUES
    (1, 'regress_jobs_plain', 'start_capture(''here'')'),
    (2, 'regress_jobs_plain', 'enqueue(''schema_capture'', NULL, NULL, NULL, NULL)'),
    (3, 'regress_jobs_reader', 'start_capture(''here'')'),
    (4, 'regress_jobs_reader', 'enqueue(''schema_capture'', NULL, NULL, NULL, NULL)'),
    (5, 'regress_jobs_plain', 'cancel_operation(2)'),
    (6, 'regress_jobs_reader', 'cancel_work(2)'),
    (7, 'regress_jobs_operator', 'cancel_operation(2)'),
    (8, 'regress_jobs_operator', 'cancel_operation(3)'),
    (9, 'regress_jobs_operator', 'cancel_operation(4)'),
    (10, 'regress_jobs_plain', 'retry_operation(3)'),
    (11, 'regress_jobs_operator', 'retry_operation(3)'),
    (12, 'regress_jobs_operator', 'enqueue(''schema_capture'', NULL, NULL, NULL, 3)'),
    (13, 'regress_jobs_operator', 'enqueue(''snapshot_apply'', ''other''''s'', NULL, NULL, NULL)'),
    (14, 'regress_jobs_operator', 'enqueue(''schema_capture'', ''gone''''s'', NULL, NULL, NULL)'),
    (15, 'regress_jobs_operator', 'enqueue(''bidirectional_merge'', NULL,
      ''00000000-0000-0000-0000-000000000001'', NULL, NULL)')) AS c(number, role, call),
       LATERAL public.failure_of(c.role, 'SELECT steep_repl.' || c.call) AS f
 ORDER BY c.number;
SELECT count(*) AS jobs_changed FROM (
  (TABLE before EXCEPT TABLE steep_repl.work_queue) UNION ALL
  (TABLE steep_repl.work_queue EXCEPT TABLE before)) AS c;
SELECT count(*) AS others_changed FROM (
  (TABLE snapshots_before EXCEPT TABLE steep_repl.snapshots) UNION ALL
  (TABLE steep_repl.snapshots EXCEPT TABLE snapshots_before)) AS c;
SELECT count(*) AS others_changed
  FROM (TABLE merges_before EXCEPT TABLE steep_repl.merge_operations) AS c;

-- One's own, and those of roles that one is a member of; an administrator's is everything.
CREATE FUNCTION public.as_role(role text, sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role);
  EXECUTE sql INTO answer;
  RESET ROLE;
  RETURN answer;
END
$$;
SELECT public.as_role('regress_jobs_operator',
  'SELECT retry_of FROM steep_repl.retry_operation(5)');
SELECT public.as_role('regress_jobs_operator', 'SELECT steep_repl.cancel_operation(1)');
SELECT public.as_role('regress_jobs_other',
  'SELECT status FROM steep_repl.queued(steep_repl.enqueue(
  ''snapshot_apply'', ''other''''s'', NULL, NULL, NULL))');
SELECT public.as_role('regress_jobs_admin', 'SELECT steep_repl.cancel_operation(4)');
SELECT public.as_role('regress_jobs_admin',
  'SELECT requested_role::regrole FROM steep_repl.retry_operation(3)');
GRANT regress_jobs_other TO regress_jobs_plain;
SELECT public.as_role('regress_jobs_plain', 'SELECT steep_repl.cancel_operation(2)');
SELECT requested_by = session_user AS mine, requested_role::regrole, retry_of, status
  FROM steep_repl.work_queue WHERE id > 6 OR retry_of IS NOT NULL ORDER BY id;
ROLLBACK;

-- Names of one's own on the search path come to nothing.
DELETE FROM steep_repl.captured_fingerprints;
CREATE SCHEMA regress_jobs_evil AUTHORIZATION regress_jobs_operator;
GRANT CREATE, USAGE ON SCHEMA regress_jobs_evil TO regress_jobs_operator;
SET SESSION AUTHORIZATION regress_jobs_operator;
SET search_path = regress_jobs_evil, pg_catalog, steep_repl;
CREATE TABLE regress_jobs_evil.caught (name text, by text);
GRANT INSERT ON regress_jobs_evil.caught TO PUBLIC;
GRANT USAGE ON SCHEMA regress_jobs_evil TO PUBLIC;
CREATE FUNCTION regress_jobs_evil.catch(what text) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  INSERT INTO regress_jobs_evil.caught VALUES (what, current_user) RETURNING true $$;
CREATE FUNCTION regress_jobs_evil.pg_has_role(oid, text) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('pg_has_role') $$;
CREATE FUNCTION regress_jobs_evil.pg_has_role(oid, oid, text) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('pg_has_role') $$;
CREATE FUNCTION regress_jobs_evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql
  AS $$ SELECT now() WHERE regress_jobs_evil.catch('clock_timestamp') $$;
CREATE FUNCTION regress_jobs_evil.make_interval(secs integer) RETURNS interval LANGUAGE sql
  AS $$ SELECT interval '0' WHERE regress_jobs_evil.catch('make_interval') $$;
CREATE FUNCTION regress_jobs_evil.pg_sleep(double precision) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('pg_sleep') $$;
CREATE FUNCTION regress_jobs_evil.octet_length(text) RETURNS integer LANGUAGE sql
  AS $$ SELECT 1 WHERE regress_jobs_evil.catch('octet_length') $$;
CREATE FUNCTION regress_jobs_evil.require_argument(text, text) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('require_argument') $$;
CREATE FUNCTION regress_jobs_evil.same(bigint, bigint) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('=') $$;
CREATE FUNCTION regress_jobs_evil.same(text, text) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('=') $$;
CREATE FUNCTION regress_jobs_evil.plus(timestamptz, interval) RETURNS timestamptz LANGUAGE sql
  AS $$ SELECT $1 WHERE regress_jobs_evil.catch('+') $$;
CREATE FUNCTION regress_jobs_evil.later(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql
  AS $$ SELECT regress_jobs_evil.catch('>=') $$;
CREATE OPERATOR regress_jobs_evil.= (LEFTARG = bigint, RIGHTARG = bigint,
  FUNCTION = regress_jobs_evil.same);
CREATE OPERATOR regress_jobs_evil.= (LEFTARG = text, RIGHTARG = text,
  FUNCTION = regress_jobs_evil.same);
CREATE OPERATOR regress_jobs_evil.+ (LEFTARG = timestamptz, RIGHTARG = interval,
  FUNCTION = regress_jobs_evil.plus);
CREATE OPERATOR regress_jobs_evil.>= (LEFTARG = timestamptz, RIGHTARG = timestamptz,
  FUNCTION = regress_jobs_evil.later);
CREATE TABLE regress_jobs_evil.work_queue (LIKE steep_repl.work_queue);
CREATE TEMP TABLE snapshots (snapshot_id text);
-- They are in use here.
SELECT 'a'::text = 'a'::text AS is_caught;
SELECT name FROM regress_jobs_evil.caught;
DELETE FROM regress_jobs_evil.caught;
SELECT count(*) FROM steep_repl.list_operations();
SELECT count(*) FROM steep_repl.list_operations('pending');
SELECT status <> '' FROM steep_repl.health();
SELECT steep_repl.cancel_operation(3);
SELECT steep_repl.cancel_operation(404);
SELECT steep_repl.wait_operation(1, 0);
CALL steep_repl.await_operation(1, 0);
CALL steep_repl.await_operation(5, 0);
SELECT count(*) FROM steep_repl.operation_progress() WHERE status IS NULL;
SELECT count(*) > 0 AS some FROM steep_repl.list_databases();
SELECT steep_repl.register_current_db();
SELECT steep_repl.retry_operation(5);
SELECT steep_repl.notify_operation_progress('a', 'b', 'c', 1);
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_jobs_admin;
SET search_path = regress_jobs_evil, pg_catalog, steep_repl;
SELECT steep_repl.recover_abandoned_work();
SELECT steep_repl.prune_work_queue('1 day');
SELECT steep_repl.cancel_operation(2);
RESET SESSION AUTHORIZATION;
SELECT * FROM regress_jobs_evil.caught;
RESET search_path;
-- A job runs without them too.
ALTER ROLE regress_jobs_operator SET search_path = regress_jobs_evil, pg_catalog, steep_repl;
DELETE FROM steep_repl.work_queue;
SELECT steep_repl.enable_db(current_database()) <> '' AS done;
SET SESSION AUTHORIZATION regress_jobs_operator;
SELECT id AS job FROM steep_repl.start_capture('here') \gset
SELECT status, error_message FROM steep_repl.wait_operation(:job, 120);
RESET SESSION AUTHORIZATION;
SELECT * FROM regress_jobs_evil.caught;
ALTER ROLE regress_jobs_operator RESET search_path;
DROP SCHEMA regress_jobs_evil CASCADE;
DROP TABLE pg_temp.snapshots;

-- What the installing role usually grants changes nothing.
CREATE FUNCTION public.grants() RETURNS TABLE (object text, privilege text) LANGUAGE sql AS $$
  SELECT d.object, concat_ws(' ', a.privilege_type, a.is_grantable,
                             CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
    FROM (SELECT p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner))
            FROM pg_proc AS p WHERE p.pronamespace = 'steep_repl'::regnamespace
           UNION ALL
          SELECT c.oid::regclass::text,
                 coalesce(c.relacl,
                   acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char",
                                               c.relowner))
            FROM pg_class AS c
           WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind IN ('r', 'v', 'S')
         ) AS d(object, acl), aclexplode(d.acl) AS a
$$;
REVOKE steep_repl_reader FROM regress_jobs_reader;
REVOKE steep_repl_operator FROM regress_jobs_operator, regress_jobs_other;
REVOKE steep_repl_admin FROM regress_jobs_admin;
CREATE TEMP TABLE usual AS SELECT * FROM public.grants();
SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
DROP EXTENSION steep_repl;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC, regress_jobs_plain;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC, regress_jobs_plain;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON ROUTINES TO regress_jobs_plain;
BEGIN;
CREATE EXTENSION steep_repl;
SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
COMMIT;
(TABLE usual EXCEPT SELECT * FROM public.grants()) UNION ALL
(SELECT * FROM public.grants() EXCEPT TABLE usual) ORDER BY 1, 2;
SELECT count(*) > 100 AS compared FROM usual;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC, regress_jobs_plain;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM PUBLIC, regress_jobs_plain;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON ROUTINES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM regress_jobs_plain;

DROP EXTENSION steep_repl;
DROP FUNCTION public.failure(text), public.failure_of(text, text), public.leak(text),
  public.grants();
DROP ROLE regress_jobs_plain, regress_jobs_reader, regress_jobs_operator, regress_jobs_other,
  regress_jobs_admin;
