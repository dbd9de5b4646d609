-- What changes is in the audit log, by whom and how; its rows can be pruned, but not in secret.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION steep_repl;
CREATE ROLE regress_steep_other IN ROLE steep_repl_admin;
-- Sorted by time: ids need not be in its order.
CREATE VIEW told AS
  SELECT action, replace(actor, session_user, 'me') AS actor, target_type, target_id,
         old_value ->> 'node_name' AS before, new_value ->> 'node_name' AS after, success,
         error_message
    FROM steep_repl.audit_log ORDER BY occurred_at, id;

-- Heartbeats are no news; all the rest is there.
SELECT node_id FROM steep_repl.register_node('n', 'N');
SELECT steep_repl.heartbeat('n');
SELECT node_id FROM steep_repl.register_node('n', 'N2');
UPDATE steep_repl.nodes SET is_coordinator = true;
SELECT steep_repl.update_node_state('n', 'preparing');
SELECT steep_repl.update_node_state('n', 'copying');
SELECT steep_repl.update_node_state('n', 'failed');
SELECT steep_repl.update_node_state('n', 'uninitialized');
SELECT steep_repl.update_node_state('n', 'preparing');
SELECT steep_repl.update_node_state('n', 'catching_up');
SELECT steep_repl.update_node_state('n', 'synchronized');
INSERT INTO steep_repl.coordinator_state (key, value) VALUES ('cluster_version', '1');
UPDATE steep_repl.coordinator_state SET value = '2';
DELETE FROM steep_repl.coordinator_state;
SET ROLE regress_steep_other;
SELECT steep_repl.remove_node('n');
RESET ROLE;
SELECT action, actor, target_type, target_id, before, after, success FROM told;
SELECT target_id, old_value, new_value FROM steep_repl.audit_log
 WHERE action = 'state.updated' ORDER BY occurred_at, id;

-- What a rolled back transaction has done, it has not done.
BEGIN;
SELECT node_id FROM steep_repl.register_node('never', 'Never');
ROLLBACK;
SELECT count(*) FROM told WHERE target_id = 'never';

-- Other parts of the extension write with the same function; failures have an error.
SELECT steep_repl.write_audit('operation.failed', 'me@local', 'operation', '1', NULL, '{"a": 1}', 'no space');
SELECT action, actor, target_type, target_id, success, error_message FROM told WHERE action = 'operation.failed';
SELECT steep_repl.write_audit(NULL, 'me@local', NULL, NULL);
SELECT steep_repl.write_audit('a', NULL, NULL, NULL);

-- A sequence that was set back costs no row.
SELECT setval('steep_repl.audit_log_id_seq', min(id), false) IS NOT NULL AS back FROM steep_repl.audit_log;
SELECT steep_repl.write_audit('a.late', 'me@local', NULL, NULL);
SELECT count(*) = count(DISTINCT id) AS different, count(*) FILTER (WHERE action = 'a.late') AS late
  FROM steep_repl.audit_log;

-- Pruning leaves a row. Only superusers can prune what is younger than 30 days.
SELECT steep_repl.prune_audit_log(NULL);
SELECT steep_repl.prune_audit_log('-1 day');
SELECT steep_repl.prune_audit_log('300000 years');
SELECT count(*) FROM told WHERE action = 'audit.pruned';
UPDATE steep_repl.audit_log SET occurred_at = occurred_at - interval '31 days' WHERE action LIKE 'init.%';
UPDATE steep_repl.audit_log SET occurred_at = occurred_at - interval '29 days' WHERE action LIKE 'state.%';
SET ROLE regress_steep_other;
SELECT steep_repl.prune_audit_log('29 days');
SELECT steep_repl.prune_audit_log('30 days');
-- No other way leads around that.
SELECT steep_repl.delete_old_audit_rows('29 days');
SELECT steep_repl.delete_old_audit_rows(NULL);
SELECT steep_repl.delete_audit_rows('0 s');
SELECT steep_repl.write_audit('forged', 'somebody', NULL, NULL);
DELETE FROM steep_repl.audit_log;
TRUNCATE steep_repl.audit_log;
UPDATE steep_repl.audit_log SET actor = 'somebody';
INSERT INTO steep_repl.audit_log (action, actor) VALUES ('forged', 'somebody');
SELECT setval('steep_repl.audit_log_id_seq', 1);
RESET ROLE;
SELECT steep_repl.prune_audit_log('29 days');
SELECT steep_repl.prune_audit_log('0 s') > 0 AS pruned;
SELECT action, actor, target_type, success FROM told;
SELECT new_value ->> 'rows' IS NOT NULL AS rows, new_value ->> 'before' IS NOT NULL AS before
  FROM steep_repl.audit_log WHERE action = 'audit.pruned';

DROP VIEW told;
DROP EXTENSION steep_repl;
DROP ROLE regress_steep_other;
