-- The catalog knows the extension's version, who may make it, and what each of
-- its objects is for; everybody may read, nobody but the owner may change.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;

-- The control file and the script that ran agree.
SELECT installed_version = default_version AS newest, comment
  FROM pg_available_extensions WHERE name = 'pg_walrus';

SELECT superuser, trusted, relocatable, schema, requires
  FROM pg_available_extension_versions WHERE name = 'pg_walrus' AND installed;

SELECT p.oid::regprocedure AS function, p.prorettype::regtype AS result,
       p.provolatile, p.proparallel, p.prosecdef
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'walrus'
 ORDER BY 1::text COLLATE "C";

-- No object is without a comment.
SELECT p.oid::regprocedure AS silent
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'walrus' AND obj_description(p.oid, 'pg_proc') IS NULL;
SELECT obj_description('walrus'::regnamespace, 'pg_namespace');

CREATE ROLE regress_walrus_user;
SELECT has_schema_privilege('regress_walrus_user', 'walrus', 'USAGE') AS usage,
       has_schema_privilege('regress_walrus_user', 'walrus', 'CREATE') AS "create",
       has_function_privilege('regress_walrus_user', 'walrus.shmem_status()', 'EXECUTE') AS status,
       has_function_privilege('pg_monitor', 'walrus.shmem_status()', 'EXECUTE') AS monitor;
SET ROLE regress_walrus_user;
CREATE TABLE walrus.mine ();
DROP EXTENSION pg_walrus;
RESET ROLE;
DROP ROLE regress_walrus_user;

DROP EXTENSION pg_walrus;
