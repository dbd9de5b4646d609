-- Everybody may look at schemas; readers see nodes, operators write, administrators remove.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION steep_repl;
CREATE ROLE regress_steep_plain;
CREATE ROLE regress_steep_reader IN ROLE steep_repl_reader;
CREATE ROLE regress_steep_operator IN ROLE steep_repl_operator;
CREATE ROLE regress_steep_admin IN ROLE steep_repl_admin;
CREATE ROLE regress_steep_granted;
CREATE TABLE secretive (a integer, b text);
REVOKE ALL ON secretive FROM PUBLIC;
SELECT node_id, address_confirmed FROM steep_repl.register_node('a', 'A', 'a.example.com');

SELECT c.oid::regclass::text COLLATE "C" AS relation, substr(r.role, 15) AS role,
       string_agg(p.privilege, ', ' ORDER BY p.privilege) AS privileges
  FROM pg_class c,
       (VALUES ('regress_steep_plain'), ('regress_steep_reader'), ('regress_steep_operator'),
               ('regress_steep_admin')) AS r(role),
       (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) AS p(privilege)
 WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind = 'r'
   AND has_table_privilege(r.role, c.oid, p.privilege)
 GROUP BY 1, 2 ORDER BY 1, 2;
SELECT a.attname AS column_of_nodes, substr(r.role, 15) AS role,
       string_agg(p.privilege, ', ' ORDER BY p.privilege) AS privileges
  FROM pg_attribute a,
       (VALUES ('regress_steep_operator'), ('regress_steep_admin')) AS r(role),
       (VALUES ('INSERT'), ('UPDATE')) AS p(privilege)
 WHERE a.attrelid = 'steep_repl.nodes'::regclass AND a.attnum > 0
   AND has_column_privilege(r.role, a.attrelid, a.attnum, p.privilege)
 GROUP BY 1, 2, a.attnum ORDER BY 2, a.attnum;
SELECT p.oid::regprocedure::text COLLATE "C" AS not_for_all,
       has_function_privilege('regress_steep_operator', p.oid, 'EXECUTE') AS operator,
       has_function_privilege('regress_steep_admin', p.oid, 'EXECUTE') AS admin
  FROM pg_proc p
 WHERE p.pronamespace = 'steep_repl'::regnamespace
   AND NOT has_function_privilege('regress_steep_plain', p.oid, 'EXECUTE')
 ORDER BY 1;
SELECT c.oid::regclass AS sequence, r.role
  FROM pg_class c,
       (VALUES ('regress_steep_plain'), ('regress_steep_admin')) AS r(role)
 WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind = 'S'
   AND has_sequence_privilege(r.role, c.oid, 'SELECT, USAGE, UPDATE');

SET ROLE regress_steep_plain;
SELECT length(steep_repl.compute_fingerprint('public', 'secretive')) AS fingerprint;
SELECT table_name FROM steep_repl.table_fingerprints(ARRAY['public']);
SELECT steep_repl.version() IS NOT NULL AS version, steep_repl.is_superuser();
SELECT steep_repl.capture_fingerprints('a');
SELECT steep_repl.capture_fingerprint('a', 'public', 'secretive');
SELECT steep_repl.register_node('b', 'B');
SELECT steep_repl.heartbeat('a');
SELECT steep_repl.update_node_state('a', 'preparing');
SELECT steep_repl.remove_node('a');
SELECT node_id FROM steep_repl.node_status();
SELECT node_id FROM steep_repl.list_nodes();
SELECT * FROM steep_repl.compare_fingerprint_sets('a', 'b');
SELECT * FROM steep_repl.compare_fingerprints('b', 'a');
SELECT * FROM steep_repl.get_column_diff('a', 'public', 'secretive');
SELECT count(*) FROM steep_repl.audit_log;
SELECT steep_repl.prune_audit_log('1 year');
SELECT steep_repl.actor() LIKE '% as regress_steep_plain@local' AS actor;
CREATE TABLE steep_repl.mine ();

SET ROLE regress_steep_reader;
SELECT node_id FROM steep_repl.node_status();
SELECT action FROM steep_repl.audit_log;
SELECT count(*) FROM steep_repl.compare_fingerprint_sets('a', 'b');
SELECT steep_repl.heartbeat('a');
SELECT steep_repl.register_node('a', 'A');
SELECT steep_repl.capture_fingerprints('a');
INSERT INTO steep_repl.init_slots (slot_name, node_id, lsn) VALUES ('s', 'a', '0/1');

SET ROLE regress_steep_operator;
SELECT node_id, status, address_confirmed FROM steep_repl.register_node('b', 'B');
SELECT steep_repl.heartbeat('b');
SELECT steep_repl.capture_fingerprints('b', ARRAY['public']);
SELECT steep_repl.update_node_state('b', 'preparing');
SELECT steep_repl.remove_node('b');
SELECT steep_repl.prune_audit_log('1 year');
INSERT INTO steep_repl.coordinator_state (key, value) VALUES ('cluster_version', '1');

-- A plain UPDATE can do no more than the functions.
UPDATE steep_repl.nodes SET init_state = 'synchronized' WHERE node_id = 'b';
UPDATE steep_repl.nodes SET init_started_at = 'infinity' WHERE node_id = 'b';
UPDATE steep_repl.nodes SET last_seen = 'infinity' WHERE node_id = 'b';
UPDATE steep_repl.nodes SET status = 'offline' WHERE node_id = 'b';
UPDATE steep_repl.nodes SET is_coordinator = true WHERE node_id = 'b';
UPDATE steep_repl.nodes SET node_id = 'c' WHERE node_id = 'b';
UPDATE steep_repl.nodes SET address_confirmed = true WHERE node_id = 'b';
INSERT INTO steep_repl.nodes (node_id, node_name, host, address_confirmed) VALUES ('c', 'C', 'h', true);
INSERT INTO steep_repl.nodes (node_id, node_name, host, init_state) VALUES ('c', 'C', 'h', 'synchronized');
INSERT INTO steep_repl.nodes (node_id, node_name, host, last_seen) VALUES ('c', 'C', 'h', 'infinity');
INSERT INTO steep_repl.nodes (node_id, node_name, host, status) VALUES ('c', 'C', 'h', 'offline');

-- Where a node is, an operator may say; that it is there, only a superuser.
SELECT host, address_confirmed FROM steep_repl.register_node('a', 'A2');
SELECT host, address_confirmed FROM steep_repl.register_node('a', 'A', 'evil.example.com');
RESET ROLE;
SELECT host, address_confirmed FROM steep_repl.register_node('a', 'A');
SELECT host, address_confirmed FROM steep_repl.register_node('a', 'A', 'a.example.com');
CREATE TABLE tricks (change text);
INSERT INTO tricks VALUES ('host = ''evil'''), ('port = 1'), ('dbname = ''evil'''), ('conninfo = ''user=evil'''),
  ('foreign_server = ''evil''');
GRANT SELECT ON tricks TO regress_steep_operator;
SET ROLE regress_steep_operator;
DO $$
DECLARE
  trick text;
  confirmed boolean;
BEGIN
  FOR trick IN SELECT change FROM tricks LOOP
    BEGIN
      EXECUTE 'UPDATE steep_repl.nodes SET ' || trick || ' WHERE node_id = ''a'' RETURNING address_confirmed'
         INTO confirmed;
      RAISE WARNING '%: %', trick, confirmed;
      RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN
      NULL;
    END;
  END LOOP;
END
$$;
UPDATE steep_repl.nodes SET address_confirmed = true, host = 'evil' WHERE node_id = 'a' RETURNING address_confirmed;
UPDATE steep_repl.nodes SET port = 6543 WHERE node_id = 'a';
RESET ROLE;
-- The port and the database are part of it.
SELECT host, port, address_confirmed FROM steep_repl.register_node('a', 'A', 'a.example.com');
SELECT host, port, address_confirmed FROM steep_repl.register_node('a', 'A', 'a.example.com', 6543);
DROP TABLE tricks;

SET ROLE regress_steep_admin;
UPDATE steep_repl.nodes SET status = 'offline', is_coordinator = true WHERE node_id = 'b' RETURNING status;
UPDATE steep_repl.nodes SET address_confirmed = true WHERE node_id = 'b';
INSERT INTO steep_repl.coordinator_state (key, value) VALUES ('cluster_version', '1');
SELECT steep_repl.prune_audit_log('1 year');
SELECT steep_repl.remove_node('b');

-- Privileges on the table do as well as the roles, and the rules are the same.
RESET ROLE;
GRANT SELECT, INSERT, UPDATE ON steep_repl.nodes TO regress_steep_granted;
SET ROLE regress_steep_granted;
SELECT node_id FROM steep_repl.register_node('d', 'D');
SELECT steep_repl.heartbeat('d');
INSERT INTO steep_repl.nodes (node_id, node_name, host, init_state) VALUES ('e', 'E', 'h', 'synchronized');
UPDATE steep_repl.nodes SET address_confirmed = true WHERE node_id = 'd';
UPDATE steep_repl.nodes SET status = 'offline' WHERE node_id = 'd';
SELECT steep_repl.remove_node('d');

-- The log tells who it was.
RESET ROLE;
SELECT action, target_id, replace(actor, session_user, 'me') AS actor FROM steep_repl.audit_log
 WHERE actor LIKE '% as %' ORDER BY occurred_at, id;

DROP TABLE secretive;
DROP EXTENSION steep_repl;
DROP ROLE regress_steep_plain, regress_steep_reader, regress_steep_operator, regress_steep_admin,
          regress_steep_granted;
