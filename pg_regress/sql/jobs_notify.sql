-- What listeners are sent: JSON of fewer than 7900 bytes, whatever is in it.
\set SHOW_CONTEXT never
BEGIN;
CREATE EXTENSION steep_repl;
SELECT steep_repl.disable_db(current_database());
COMMIT;
SET client_min_messages = warning;

-- Its keys, in the words of old clients and new ones; what is unknown is left out.
SELECT jsonb_pretty(steep_repl.progress_payload(
  'snapshot_generate', 'snap_1', 'running', 'data', 12.345, 3, 10, 'public.a', 4096, 77, NULL, 7,
  2)::jsonb);
SELECT steep_repl.progress_payload(
  'bidirectional_merge', '0001', 'running', 'merging', 0, 0, 0, '', 0, 0, '', 8, 1)::jsonb;
SELECT steep_repl.progress_payload(
  'schema_capture', '9', 'cancelled', 'cancelled', NULL, NULL, NULL, NULL, NULL, NULL, 'on request',
  9, 5)::jsonb;

-- Any text comes through: quotes, backslashes, control characters, more than ASCII.
CREATE FUNCTION pg_temp.payload(p_error text, p_id text DEFAULT 'id', p_table text DEFAULT 's.t')
  RETURNS text LANGUAGE sql AS $$
SELECT steep_repl.progress_payload('snapshot_apply', p_id, 'failed', 'failed', 1, 1, 2, p_table, 3,
                                   4, p_error, 5, 6)
$$;
SELECT pg_temp.payload(e.text)::jsonb ->> 'error' = e.text AS same,
       pg_temp.payload('x', p_table => e.text)::jsonb ->> 'table' = e.text AS same_table,
       pg_temp.payload(e.text)::jsonb ? 'error_truncated' AS cut
  FROM (VALUES (1, E'"quoted" \\ back\nline\ttab\x01\x1f\x7f/</script>'), (2, 'größer 💥 漢字'),
               (3, ''''), (4, '{"error": "x"}')) AS e(number, text)
 ORDER BY number;

-- A long error is cut, between characters, and said to be cut; all the rest stays.
SELECT octet_length(p.payload) BETWEEN 7850 AND 7899 AS fits,
       starts_with(e.text, p.payload::jsonb ->> 'error') AS a_beginning,
       p.payload::jsonb -> 'error_truncated' AS cut, p.payload::jsonb - 'error' AS rest
  FROM (VALUES (1, repeat('x', 100000)), (2, repeat('💥', 5000)), (3, repeat('ä"\', 5000)),
               (4, repeat(E'\x01', 9000))) AS e(number, text),
       LATERAL (SELECT pg_temp.payload(e.text)) AS p(payload)
 ORDER BY number;
-- As long as it can be without being cut.
SELECT octet_length(payload) AS length, payload::jsonb ? 'error_truncated' AS cut
  FROM generate_series(7000, 7899) AS n, LATERAL (SELECT pg_temp.payload(repeat('x',
    n))) AS p(payload)
 WHERE octet_length(payload) = 7899
 ORDER BY n LIMIT 1;
-- Nothing else can make it too long.
SELECT octet_length(payload) < 7900 AS fits, payload::jsonb ? 'error_truncated' AS cut
  FROM (VALUES (1, NULL, repeat('💥', 1500), repeat('漢', 9000)),
               (2, repeat('"', 9000), repeat('\', 9000), repeat(E'\x02', 9000)),
               (3, 'short', repeat('x', 9000), NULL)) AS e(number, error, id, tab),
       LATERAL (SELECT pg_temp.payload(e.error, e.id, e.tab)) AS p(payload)
 ORDER BY number;
SELECT octet_length(steep_repl.progress_payload(
         repeat('snapshot', 2000), 'x', 'running', repeat('"', 9000), 1, 1, 1, NULL, 1, 1, NULL, 1,
         1)) < 7900 AS fits;

-- The senders take it all, and refuse what cannot be told.
SELECT steep_repl.send_progress_notify('anything'), steep_repl.send_progress_notify(repeat('x',
  7999));
SELECT steep_repl.send_progress_notify(payload => NULL);
SELECT steep_repl.send_progress_notify(repeat('x', 8000));
SELECT steep_repl.notify_operation_progress('snapshot_generate', 'a', 'data', 50);
SELECT steep_repl.notify_operation_progress(
  p_operation_type => 'snapshot_generate', p_operation_id => 'a', p_phase => 'data',
  p_percent => 50, p_tables_completed => 1, p_tables_total => 2, p_current_table => repeat('t',
    9000),
  p_bytes_processed => 3, p_eta_seconds => 4, p_error => repeat(E'\x01', 9000));
SELECT steep_repl.notify_operation_complete('snapshot_generate', 'a');
SELECT steep_repl.notify_operation_failed('snapshot_generate', 'a', repeat('no', 9000));
SELECT steep_repl.notify_operation_failed('snapshot_generate', NULL, 'no');
SELECT steep_repl.notify_operation_progress('snapshot_generate', 'a', NULL, 50);
SELECT steep_repl.notify_operation_complete('', 'a');
SELECT steep_repl.broadcast_progress();

-- Rows of snapshots and merges tell of a change that matters, and of no other. A stand-in for the
-- functions of the triggers counts how often they are called.
CREATE TABLE told (row jsonb);
CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN INSERT INTO public.told VALUES (to_jsonb(NEW)); RETURN NULL; END $$;
\set ECHO none
SELECT format('CREATE TRIGGER z_%s %s', tgname,
              regexp_replace(regexp_replace(pg_get_triggerdef(oid), '^CREATE TRIGGER \S+ ', ''),
                             'FUNCTION \S+$', 'FUNCTION public.tell()'))
  FROM pg_trigger
 WHERE tgrelid IN ('steep_repl.snapshots'::regclass, 'steep_repl.merge_operations'::regclass)
   AND NOT tgisinternal
 ORDER BY tgname COLLATE "C" \gexec
\set ECHO all
INSERT INTO steep_repl.nodes (node_id, node_name, host) VALUES ('here', 'here', 'localhost');
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id) VALUES (repeat('s', 9000), 'here');
INSERT INTO steep_repl.merge_operations (tables, peer_connstr) VALUES ('{a}', '');
SELECT count(*) AS inserts FROM told;
UPDATE steep_repl.snapshots SET heartbeat_at = now(), bytes_written = 5, eta_seconds = 3,
       current_table = 'a.b', overall_percent = 0, status = 'pending';
UPDATE steep_repl.merge_operations SET heartbeat_at = now(), rows_merged = 5;
SELECT count(*) AS no_more FROM told;
UPDATE steep_repl.snapshots SET status = 'generating';
UPDATE steep_repl.snapshots SET phase = 'data';
UPDATE steep_repl.snapshots SET overall_percent = 1;
UPDATE steep_repl.merge_operations SET status = 'running';
UPDATE steep_repl.merge_operations SET phase = 'merging';
UPDATE steep_repl.merge_operations SET overall_percent = 1;
SELECT count(*) AS six_more FROM told;

-- The progress of a job goes to the row of its snapshot or merge: phases that the row knows.
DELETE FROM told;
INSERT INTO steep_repl.work_queue (operation, merge_id)
SELECT 'bidirectional_merge', merge_id FROM steep_repl.merge_operations;
INSERT INTO steep_repl.work_queue (operation, snapshot_id)
SELECT 'snapshot_generate', snapshot_id FROM steep_repl.snapshots;
SELECT steep_repl.persist_in_parent(w, jsonb_build_object(
         'phase', phase, 'overall_percent', percent, 'current_table', 'a.b', 'tables_total', 4,
         'tables_completed', 2, 'bytes_processed', 10, 'rows_processed', 11, 'rows_total', 12,
         'throughput_bytes_sec', 1.5, 'eta_seconds', 9))
  FROM steep_repl.work_queue AS w,
       (VALUES ('idle', 10), ('indexes', 20), ('verifying', 30), ('failed', 40)) AS v(phase,
         percent);
SELECT steep_repl.persist_in_parent(w, NULL) FROM steep_repl.work_queue AS w;
SELECT phase, overall_percent, current_table, table_count, tables_completed, bytes_written,
       rows_written, rows_total, throughput_bytes_sec, eta_seconds, heartbeat_at IS NOT NULL AS beat
  FROM steep_repl.snapshots;
SELECT phase, overall_percent, current_table, tables_total, tables_completed,
       heartbeat_at IS NOT NULL AS beat
  FROM steep_repl.merge_operations;

SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
DROP EXTENSION steep_repl;
DROP FUNCTION public.tell();
DROP TABLE told;
