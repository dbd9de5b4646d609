-- Everybody may look; members of pg_monitor may look behind; what changes
-- anything takes a superuser, or a role to which one has granted it.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- Switched off, so that asking for a change changes nothing.
ALTER SYSTEM SET walrus.enable = off;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.enable') <> 'off'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

CREATE EXTENSION pg_walrus;
CREATE ROLE regress_walrus_plain;
CREATE ROLE regress_walrus_monitor IN ROLE pg_monitor;
CREATE ROLE regress_walrus_keeper;
CREATE ROLE regress_walrus_setter;
GRANT EXECUTE ON FUNCTION walrus.reset(), walrus.cleanup_history() TO regress_walrus_keeper;
GRANT ALTER SYSTEM ON PARAMETER max_wal_size TO regress_walrus_setter;

SELECT p.oid::regprocedure::text COLLATE "C" AS function,
       has_function_privilege('regress_walrus_plain', p.oid, 'EXECUTE') AS plain,
       has_function_privilege('regress_walrus_monitor', p.oid, 'EXECUTE') AS monitor,
       has_function_privilege('regress_walrus_keeper', p.oid, 'EXECUTE') AS keeper
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'walrus'
 ORDER BY 1;

SELECT c.oid::regclass::text COLLATE "C" AS relation, r.privilege
  FROM (VALUES ('walrus.history'::regclass), ('walrus.checkpoint_stats')) AS c(oid),
       (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'),
               ('TRIGGER')) AS r(privilege)
 WHERE has_table_privilege('regress_walrus_monitor', c.oid, r.privilege)
 ORDER BY 1, 2;

INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1024, 2048, 1, 300);

SET ROLE regress_walrus_plain;
SELECT walrus.status() ->> 'worker_running' AS running,
       walrus.status() ->> 'database' AS database;
SELECT jsonb_typeof(walrus.wal_rate()) AS wal_rate;
SELECT count(*) >= 0 AS explained FROM walrus.explain();
SELECT action, new_size_mb FROM walrus.history();
SELECT action, new_size_mb FROM walrus.history(now() - interval '1 hour', 'infinity');
SELECT count(*) FROM walrus.checkpoint_stats;
SELECT walrus.recommendation() ->> 'reason' AS reason;
SELECT walrus.analyze();
SELECT walrus.analyze(apply := true);
SELECT walrus.release();
SELECT walrus.ask('apply', '');
SELECT walrus.ask('release', '');
SELECT walrus.reset();
SELECT walrus.reset_shared_state();
SELECT walrus.cleanup_history();
SELECT walrus.metrics_prometheus();
SELECT * FROM walrus.metrics();
SELECT walrus.shmem_status();
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 1, 1, 1);
UPDATE walrus.history SET reason = NULL;
DELETE FROM walrus.history;
TRUNCATE walrus.history;
SELECT nextval('walrus.history_id_seq');
RESET ROLE;

SET ROLE regress_walrus_monitor;
SELECT walrus.shmem_status() ->> 'worker_pid' <> '0' AS running;
SELECT walrus.metrics_prometheus() <> '' AS metrics;
SELECT walrus.analyze(apply := true);
SELECT walrus.reset();
RESET ROLE;

SET ROLE regress_walrus_setter;
SELECT walrus.analyze(apply := true);
SELECT walrus.reset();
RESET ROLE;

SET ROLE regress_walrus_keeper;
SELECT walrus.cleanup_history();
SELECT walrus.reset();
SELECT count(*) AS rows FROM walrus.history;
SELECT walrus.analyze(apply := true);
RESET ROLE;

DROP EXTENSION pg_walrus;
DROP ROLE regress_walrus_plain, regress_walrus_monitor, regress_walrus_keeper;
REVOKE ALL ON PARAMETER max_wal_size FROM regress_walrus_setter;
DROP ROLE regress_walrus_setter;

ALTER SYSTEM RESET walrus.enable;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.enable') <> 'on'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all
