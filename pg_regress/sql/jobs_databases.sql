-- Which databases may run jobs: a wish from any database, kept by the cluster.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
BEGIN;
CREATE EXTENSION steep_repl;
-- To install is to register.
SELECT datname = current_database() AS this, enabled, registered_at <= clock_timestamp() AS since
  FROM steep_repl.list_databases() WHERE datname = current_database();
SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
COMMIT;

\getenv abs_srcdir PG_ABS_SRCDIR
\set failure :abs_srcdir '/include/failure.sql'
\i :failure

SELECT proname, pg_get_function_arguments(oid) AS arguments, pg_get_function_result(oid) AS result
  FROM pg_proc
 WHERE pronamespace = 'steep_repl'::regnamespace
   AND proname IN ('register_db', 'unregister_db', 'enable_db', 'disable_db', 'register_current_db',
                   'list_databases', 'get_enabled_databases')
 ORDER BY proname COLLATE "C";
SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
 WHERE attrelid = 'steep_repl.databases'::regclass ORDER BY attnum;

-- A name that would break lists and commands.
CREATE DATABASE "regress, ""jobs"" \ = 'ä'";
CREATE DATABASE regress_jobs_plain;
\set odd '''regress, "jobs" \\ = ''''ä'''''''
SELECT steep_repl.disable_db(:odd);
SELECT steep_repl.enable_db(:odd);
SELECT steep_repl.unregister_db(:odd);
SELECT steep_repl.register_db(:odd);
SELECT steep_repl.register_db(dbname => :odd) AS again;
SELECT steep_repl.register_db('regress_jobs_plain');
SELECT datname, enabled, registered_at BETWEEN now() - interval '10 minutes' AND now() AS since
  FROM steep_repl.list_databases() WHERE datname LIKE 'regress%jobs%';
SELECT * FROM steep_repl.get_enabled_databases() AS d WHERE d LIKE 'regress%jobs%';
SELECT registered_at AS before FROM steep_repl.databases WHERE datname = 'regress_jobs_plain' \gset
SELECT steep_repl.disable_db('regress_jobs_plain');
SELECT steep_repl.disable_db('regress_jobs_plain') AS again;
SELECT datname, enabled FROM steep_repl.list_databases() WHERE datname LIKE 'regress%jobs%';
SELECT * FROM steep_repl.get_enabled_databases() AS d WHERE d LIKE 'regress%jobs%';
SELECT registered_at = :'before' AS same, options FROM steep_repl.databases
 WHERE datname = 'regress_jobs_plain';
SELECT steep_repl.enable_db('regress_jobs_plain');
SELECT registered_at = :'before' AS same, enabled FROM steep_repl.databases
 WHERE datname = 'regress_jobs_plain';
-- It goes with the name of the database, and with the database.
ALTER DATABASE regress_jobs_plain RENAME TO regress_jobs_renamed;
SELECT datname, enabled FROM steep_repl.list_databases() WHERE datname LIKE 'regress\_jobs%';
DROP DATABASE regress_jobs_renamed WITH (FORCE);
SELECT count(*) FROM steep_repl.list_databases() WHERE datname LIKE 'regress\_jobs%';
SELECT steep_repl.unregister_db('regress_jobs_renamed');
SELECT steep_repl.unregister_db(:odd);
SELECT steep_repl.unregister_db(:odd) AS again;
SELECT count(*) FROM steep_repl.list_databases() WHERE datname LIKE 'regress%jobs%';
DROP DATABASE "regress, ""jobs"" \ = 'ä'" WITH (FORCE);

-- A wish that was rolled back was none.
BEGIN;
SELECT steep_repl.register_current_db();
ROLLBACK;
SELECT count(*) FROM steep_repl.list_databases() WHERE datname = current_database();
SELECT steep_repl.register_current_db();
SELECT steep_repl.register_current_db() AS again;
SELECT enabled FROM steep_repl.list_databases() WHERE datname = current_database();

-- What is refused.
SELECT f.state, f.message
  FROM unnest(ARRAY['register_db(''nowhere'')', 'unregister_db(''nowhere'')',
                    'enable_db(''nowhere'')', 'disable_db(''nowhere'')', 'register_db(NULL)',
                    'unregister_db(NULL)', 'enable_db(NULL)', 'disable_db(NULL)',
                    'register_db('''')', 'register_db(''template0'')'])
       WITH ORDINALITY AS s(call, number), pg_temp.failure('SELECT steep_repl.' || s.call) AS f
 ORDER BY s.number;
SELECT count(*) FROM steep_repl.list_databases() WHERE datname = 'template0';

-- Its owner may, an administrator may, nobody else.
CREATE ROLE regress_jobs_owner CREATEDB;
CREATE ROLE regress_jobs_plain;
CREATE ROLE regress_jobs_admin;
GRANT steep_repl_admin TO regress_jobs_admin;
SET ROLE regress_jobs_owner;
CREATE DATABASE regress_jobs_owned;
SELECT steep_repl.register_db('regress_jobs_owned');
SELECT * FROM pg_temp.failure('SELECT steep_repl.disable_db(current_database())');
SELECT * FROM pg_temp.failure('SELECT steep_repl.register_current_db()');
RESET ROLE;
SET ROLE regress_jobs_plain;
SELECT datname FROM steep_repl.list_databases() WHERE datname = 'regress_jobs_owned';
SELECT * FROM pg_temp.failure($$SELECT steep_repl.register_db('regress_jobs_owned')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.unregister_db('regress_jobs_owned')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.enable_db('regress_jobs_owned')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.register_for(10, 'regress_jobs_owned',
  'disable')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.change_registration('regress_jobs_owned',
  'disable')$$);
RESET ROLE;
SET ROLE regress_jobs_admin;
SELECT steep_repl.disable_db('regress_jobs_owned');
RESET ROLE;
-- The owner of a database cannot write what the setting says himself.
SET ROLE regress_jobs_owner;
ALTER DATABASE regress_jobs_owned SET steep_repl.registration = 'enabled forever';
RESET ROLE;
-- What a superuser has written by hand does not break the list.
ALTER DATABASE regress_jobs_owned SET steep_repl.registration = 'enabled';
SELECT datname, enabled, registered_at FROM steep_repl.list_databases()
 WHERE datname = 'regress_jobs_owned';
SELECT steep_repl.disable_db('regress_jobs_owned');
DROP DATABASE regress_jobs_owned WITH (FORCE);

-- Whoever commits what was prepared could not tell the launcher.
BEGIN;
SELECT steep_repl.disable_db(current_database());
PREPARE TRANSACTION 'regress_jobs';

-- The log of it.
SELECT action, replace(actor, session_user, '<me>') AS actor, target_id
  FROM steep_repl.audit_log
 WHERE target_type = 'database' AND target_id LIKE 'regress%jobs\_%'
 ORDER BY id;

SELECT steep_repl.unregister_db(current_database()) <> '' AS done;
DROP EXTENSION steep_repl;
DROP ROLE regress_jobs_owner, regress_jobs_plain, regress_jobs_admin;
