-- steep_repl lies in its own schema, can be made anew, and tells what everything is for.
SET client_min_messages = warning;
\set SHOW_CONTEXT never

CREATE EXTENSION steep_repl;

SELECT installed_version = default_version AS newest, comment
  FROM pg_available_extensions WHERE name = 'steep_repl';
SELECT superuser, trusted, relocatable, schema, requires
  FROM pg_available_extension_versions WHERE name = 'steep_repl' AND installed;
SELECT steep_repl.version() = extversion AS version,
       steep_repl.steep_repl_version() = extversion AS same,
       steep_repl.min_pg_version(), steep_repl.steep_repl_min_pg_version()
  FROM pg_extension WHERE extname = 'steep_repl';
ALTER EXTENSION steep_repl UPDATE TO '0.1.0';
CREATE EXTENSION steep_repl;

-- Nothing of it lies elsewhere.
SELECT pg_describe_object(classid, objid, objsubid) AS elsewhere
  FROM pg_depend AS d
 WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'steep_repl')
   AND (pg_identify_object(classid, objid, objsubid)).schema IS DISTINCT FROM 'steep_repl'
   AND classid <> 'pg_trigger'::regclass;

\pset format unaligned
SELECT p.oid::regprocedure::text COLLATE "C" AS function, pg_get_function_result(p.oid) AS result,
       p.provolatile AS volatile, p.prosecdef AS definer
  FROM pg_proc p WHERE p.pronamespace = 'steep_repl'::regnamespace
 ORDER BY 1;
SELECT conrelid::regclass::text COLLATE "C" AS relation, conname COLLATE "C" AS name, contype AS type
  FROM pg_constraint
 WHERE connamespace = 'steep_repl'::regnamespace AND contype <> 'n'
 ORDER BY 1, 2;
SELECT indexrelid::regclass::text COLLATE "C" AS index, indisunique AS "unique",
       pg_get_expr(indpred, indrelid) AS condition
  FROM pg_index JOIN pg_class c ON c.oid = indexrelid
 WHERE c.relnamespace = 'steep_repl'::regnamespace
 ORDER BY 1;
SELECT attrelid::regclass::text COLLATE "C" AS relation,
       string_agg(attname, ', ' ORDER BY attnum) AS columns
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
 WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind = 'r' AND attnum > 0
 GROUP BY 1 ORDER BY 1;
\pset format aligned

-- pg_dump keeps the rows of every table, and where every sequence is.
SELECT c.oid::regclass AS forgotten
  FROM pg_class c
 WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind IN ('r', 'S')
   AND c.oid <> ALL (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'steep_repl')
 ORDER BY c.relname;

-- No table, column or function is without a comment.
SELECT pg_describe_object('pg_class'::regclass, attrelid, attnum) AS silent
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
 WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind = 'r'
   AND attnum > 0 AND col_description(attrelid, attnum) IS NULL
UNION ALL
SELECT c.oid::regclass::text FROM pg_class c
 WHERE c.relnamespace = 'steep_repl'::regnamespace AND c.relkind = 'r'
   AND obj_description(c.oid, 'pg_class') IS NULL
UNION ALL
SELECT p.oid::regprocedure::text FROM pg_proc p
 WHERE p.pronamespace = 'steep_repl'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL;

-- What runs SQL looks names up where nobody can put others before them.
SELECT p.oid::regprocedure AS function, p.proconfig
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'steep_repl'::regnamespace AND l.lanname IN ('sql', 'plpgsql')
   AND (p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp']) IS NOT TRUE;

-- The schema is left behind, and serves the next one as the roles do.
DROP EXTENSION steep_repl;
CREATE EXTENSION steep_repl;
DROP EXTENSION steep_repl;
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'steep\_repl\_%' ORDER BY 1;

-- A schema that others could have filled is refused, whatever is in it.
CREATE ROLE regress_steep_squatter;
CREATE TABLE steep_repl.theirs ();
CREATE EXTENSION steep_repl;
DROP TABLE steep_repl.theirs;
GRANT CREATE ON SCHEMA steep_repl TO regress_steep_squatter;
CREATE EXTENSION steep_repl;
REVOKE CREATE ON SCHEMA steep_repl FROM regress_steep_squatter;
ALTER SCHEMA steep_repl OWNER TO regress_steep_squatter;
CREATE EXTENSION steep_repl;
DROP SCHEMA steep_repl;
-- One of another superuser is as good as one's own: so it is in a dump.
ALTER ROLE regress_steep_squatter SUPERUSER;
CREATE SCHEMA steep_repl AUTHORIZATION regress_steep_squatter;
CREATE EXTENSION steep_repl;
DROP EXTENSION steep_repl;
DROP SCHEMA steep_repl;

-- Roles that were there before are made harmless, or named.
DROP ROLE steep_repl_reader, steep_repl_operator, steep_repl_admin;
CREATE ROLE steep_repl_reader LOGIN;
CREATE ROLE steep_repl_admin CREATEROLE;
GRANT steep_repl_admin TO regress_steep_squatter;
CREATE EXTENSION steep_repl;
SELECT rolname, rolcanlogin, rolcreaterole FROM pg_roles
 WHERE rolname LIKE 'steep\_repl\_%' ORDER BY 1;
SELECT m.roleid::regrole::text COLLATE "C" AS role, m.member::regrole FROM pg_auth_members m
 WHERE m.roleid::regrole::text LIKE 'steep\_repl\_%' ORDER BY 1;
DROP EXTENSION steep_repl;
ALTER ROLE steep_repl_admin NOCREATEROLE;
DROP ROLE regress_steep_squatter;

-- Default privileges of the installing role give nothing away, and take nothing.
CREATE ROLE regress_steep_favourite;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC, regress_steep_favourite;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC, regress_steep_favourite;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO regress_steep_favourite;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE EXTENSION steep_repl;
SELECT c.oid::regclass AS relation, a.grantee::regrole, a.privilege_type
  FROM pg_class c, aclexplode(c.relacl) a
 WHERE c.relnamespace = 'steep_repl'::regnamespace
   AND (a.grantee = 0 OR a.grantee = 'regress_steep_favourite'::regrole);
SELECT count(*) FILTER (WHERE has_function_privilege('regress_steep_favourite', p.oid, 'EXECUTE'))
         = count(*) FILTER (WHERE has_function_privilege('public', p.oid, 'EXECUTE')) AS no_more,
       bool_or(p.proname = 'write_audit'
               AND has_function_privilege('regress_steep_favourite', p.oid, 'EXECUTE')) AS audit,
       bool_or(p.proname = 'compute_fingerprint'
               AND has_function_privilege('public', p.oid, 'EXECUTE')) AS fingerprint
  FROM pg_proc p WHERE p.pronamespace = 'steep_repl'::regnamespace;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC, regress_steep_favourite;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM PUBLIC, regress_steep_favourite;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM regress_steep_favourite;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
DROP ROLE regress_steep_favourite;
DROP EXTENSION steep_repl;
