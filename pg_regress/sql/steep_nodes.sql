-- Nodes are registered, seen and removed; their initialization goes by steps.
SET client_min_messages = notice;
\set SHOW_CONTEXT never
CREATE EXTENSION steep_repl;

-- Defaults, then what is given; what is not given stays.
SELECT node_id, node_name, host, port, priority, status, init_state, last_seen IS NOT NULL AS seen
  FROM steep_repl.register_node('a', 'Node A');
SELECT node_id, node_name, host, port, priority, dbname, conninfo, foreign_server
  FROM steep_repl.register_node('a', 'Node "A"', 'db.example.com', 5433, 80, 'orders', 'sslmode=require', 'there');
SELECT node_id, node_name, host, port, priority, dbname, conninfo, foreign_server
  FROM steep_repl.register_node('a', 'Node A');
SELECT port, priority FROM steep_repl.register_node('a', 'Node A', NULL, NULL, NULL);
SELECT host, port, priority FROM steep_repl.register_node('b', 'B', NULL, NULL, NULL);

-- What is wrong is refused, by its name.
SELECT steep_repl.register_node(NULL, 'x');
SELECT steep_repl.register_node('', 'x');
SELECT steep_repl.register_node('x', NULL);
SELECT steep_repl.register_node('x', '');
SELECT steep_repl.register_node('x', 'x', '');
SELECT steep_repl.register_node('x', 'x', p_port => 0);
SELECT steep_repl.register_node('x', 'x', p_port => 65536);
SELECT steep_repl.register_node('x', 'x', p_priority => 0);
SELECT steep_repl.register_node('x', 'x', p_priority => 101);
SELECT steep_repl.register_node('x', 'x', p_dbname => '');
SELECT steep_repl.register_node('x', 'x', p_foreign_server => '');
SELECT count(*) FROM steep_repl.nodes WHERE node_id = 'x';
SELECT steep_repl.heartbeat(NULL);
SELECT steep_repl.remove_node('');
SELECT steep_repl.update_node_state('a', NULL);
SELECT steep_repl.update_node_state(NULL, 'copying');

-- Connection parameters: nothing secret, nothing that leads elsewhere, nothing that libpq could
-- read otherwise. The text itself is never shown.
\set VERBOSITY terse
SELECT c.conninfo, steep_repl.check_conninfo(c.conninfo) AS allowed
  FROM (VALUES (''), ('  '), ('sslmode=verify-full'), (' sslmode=require  connect_timeout=5 '),
               ('application_name=''my = app'' sslrootcert=/etc/ssl/ca.pem'), (NULL)) AS c(conninfo);
SELECT steep_repl.check_conninfo('password=secret');
SELECT steep_repl.check_conninfo('user=''joe''password=secret');
SELECT steep_repl.check_conninfo('user=joe PassWord=secret');
SELECT steep_repl.check_conninfo('user = joe');
SELECT steep_repl.check_conninfo(E'sslmode=require\tpassword=secret');
SELECT steep_repl.check_conninfo(E'user=jo\\ e');
SELECT steep_repl.check_conninfo(E'user=''jo\\''e''');
SELECT steep_repl.check_conninfo('user=');
SELECT steep_repl.check_conninfo('postgresql://joe:secret@host/db');
SELECT steep_repl.check_conninfo('sslmode=require hostaddr=192.0.2.1');
SELECT steep_repl.check_conninfo('host=elsewhere');
SELECT steep_repl.check_conninfo('port=1');
SELECT steep_repl.check_conninfo('dbname=elsewhere');
SELECT steep_repl.check_conninfo('passfile=/tmp/mine');
SELECT steep_repl.check_conninfo('service=mine');
SELECT steep_repl.check_conninfo('sslkey=/tmp/key');
SELECT steep_repl.check_conninfo('sslpassword=secret');
SELECT steep_repl.check_conninfo('sslkeylogfile=/tmp/keys');
SELECT steep_repl.check_conninfo('scram_client_key=c2VjcmV0');
SELECT steep_repl.check_conninfo('options=-csearch_path=mine');
SELECT steep_repl.check_conninfo('oauth_client_secret=secret');
SELECT steep_repl.register_node('x', 'x', p_conninfo => 'password=secret');
INSERT INTO steep_repl.nodes (node_id, node_name, host, conninfo) VALUES ('x', 'x', 'x', 'password=secret');
\set VERBOSITY default

-- A heartbeat makes healthy, but not what an administrator has set offline.
UPDATE steep_repl.nodes SET status = 'unreachable', last_seen = now() - interval '31 s' WHERE node_id = 'a';
UPDATE steep_repl.nodes SET status = 'offline', last_seen = NULL WHERE node_id = 'b';
SELECT node_id, status, is_healthy, init_state, priority, host, port FROM steep_repl.node_status();
SELECT steep_repl.heartbeat('a') AS a, steep_repl.heartbeat('b') AS b, steep_repl.heartbeat('c') AS c;
SELECT node_id, status, is_healthy FROM steep_repl.node_status();
SELECT node_id, status FROM steep_repl.node_status('b');
SELECT node_id, status FROM steep_repl.node_status('c');
-- Registered again, it is healthy again.
SELECT status FROM steep_repl.register_node('b', 'B');
SELECT node_id FROM steep_repl.list_nodes();

-- Every step of the initialization that is allowed, and no other, whoever takes it and how.
CREATE TABLE steps AS
  SELECT s.a, s.b, false AS by_function, false AS by_update
    FROM (SELECT a, b FROM unnest(ARRAY['uninitialized', 'preparing', 'copying', 'catching_up',
             'synchronized', 'diverged', 'failed', 'reinitializing']) AS a,
          unnest(ARRAY['uninitialized', 'preparing', 'copying', 'catching_up',
             'synchronized', 'diverged', 'failed', 'reinitializing']) AS b) AS s;
DO $$
DECLARE
  step record;
BEGIN
  FOR step IN SELECT * FROM steps LOOP
    INSERT INTO steep_repl.nodes (node_id, node_name, host, init_state) VALUES ('f', 'F', 'h', step.a);
    INSERT INTO steep_repl.nodes (node_id, node_name, host, init_state) VALUES ('u', 'U', 'h', step.a);
    BEGIN
      UPDATE steps SET by_function = steep_repl.update_node_state('f', step.b)
       WHERE a = step.a AND b = step.b;
    EXCEPTION WHEN invalid_parameter_value THEN
      NULL;
    END;
    BEGIN
      UPDATE steep_repl.nodes SET init_state = step.b WHERE node_id = 'u';
      UPDATE steps SET by_update = true WHERE a = step.a AND b = step.b;
    EXCEPTION WHEN invalid_parameter_value THEN
      NULL;
    END;
    DELETE FROM steep_repl.nodes WHERE node_id IN ('f', 'u');
  END LOOP;
END
$$;
SELECT a AS "from", string_agg(b, ', ' ORDER BY b) AS "to" FROM steps WHERE by_function GROUP BY a ORDER BY a;
-- An UPDATE to the state that it is in is no step.
SELECT a, b FROM steps WHERE by_function <> by_update AND a <> b;
DROP TABLE steps;
SELECT steep_repl.update_node_state('a', 'copying');
SELECT steep_repl.update_node_state('a', 'rubbish');
UPDATE steep_repl.nodes SET init_state = 'synchronized' WHERE node_id = 'a';
SELECT steep_repl.update_node_state('nobody', 'preparing');
SELECT steep_repl.update_node_state('a', 'preparing');
SELECT init_state, init_started_at IS NOT NULL AS started, init_completed_at IS NULL AS unfinished
  FROM steep_repl.list_nodes() WHERE node_id = 'a';
SELECT steep_repl.update_node_state('a', 'preparing');
UPDATE steep_repl.nodes SET init_state = 'catching_up' WHERE node_id = 'a';
SELECT steep_repl.update_node_state('a', 'synchronized');
SELECT init_state, init_completed_at >= init_started_at AS finished
  FROM steep_repl.list_nodes() WHERE node_id = 'a';

-- At most one coordinator.
UPDATE steep_repl.nodes SET is_coordinator = true WHERE node_id = 'a';
\set VERBOSITY terse
UPDATE steep_repl.nodes SET is_coordinator = true WHERE node_id = 'b';
\set VERBOSITY default

-- Removing a node forgets no slot unasked; what it has used elsewhere stays known.
INSERT INTO steep_repl.init_slots (slot_name, node_id, lsn, used_by_node)
  VALUES ('on_a', 'a', '0/1', 'b'), ('on_b', 'b', '0/1', 'a');
INSERT INTO steep_repl.init_progress (node_id, phase) VALUES ('a', 'complete');
UPDATE steep_repl.nodes SET init_source_node = 'a' WHERE node_id = 'b';
SELECT steep_repl.remove_node('a');
SELECT steep_repl.remove_node('a', NULL);
SELECT steep_repl.remove_node('a', true);
SELECT steep_repl.remove_node('a') AS again;
SELECT node_id, init_source_node FROM steep_repl.nodes;
SELECT slot_name, node_id, used_by_node FROM steep_repl.init_slots;
SELECT count(*) FROM steep_repl.init_progress;
SELECT action, target_type, target_id FROM steep_repl.audit_log WHERE target_type = 'slot';
DELETE FROM steep_repl.init_slots;
SELECT steep_repl.remove_node('b');

-- A source that is not there is refused, at the end of the transaction.
BEGIN;
INSERT INTO steep_repl.nodes (node_id, node_name, host, init_source_node) VALUES ('x', 'X', 'h', 'y');
COMMIT;
BEGIN;
INSERT INTO steep_repl.nodes (node_id, node_name, host, init_source_node) VALUES ('x', 'X', 'h', 'y');
INSERT INTO steep_repl.nodes (node_id, node_name, host) VALUES ('y', 'Y', 'h');
COMMIT;
SELECT node_id FROM steep_repl.list_nodes();

DROP EXTENSION steep_repl;
