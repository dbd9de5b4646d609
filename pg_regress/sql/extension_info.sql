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

\pset format unaligned
SELECT p.oid::regprocedure::text COLLATE "C" AS function, pg_get_function_result(p.oid) AS result,
       p.provolatile AS volatile, p.proparallel AS parallel, p.prosecdef AS definer
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'walrus'
 ORDER BY 1;
\pset format aligned

-- No object is without a comment, no column of the history. From 17 on row types
-- are members too, which speak for themselves.
SELECT pg_describe_object(classid, objid, objsubid) AS silent
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
   AND classid <> 'pg_type'::regclass
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pg_walrus')
   AND obj_description(objid, classid::regclass::name) IS NULL;
SELECT attname AS silent FROM pg_attribute
 WHERE attrelid = 'walrus.history'::regclass AND attnum > 0
   AND col_description(attrelid, attnum) IS NULL;
SELECT obj_description('walrus'::regnamespace, 'pg_namespace');

-- What runs SQL looks names up where nobody can put others before them.
SELECT p.oid::regprocedure AS function, p.proconfig
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
 WHERE n.nspname = 'walrus' AND l.lanname <> 'c'
   AND p.proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp'];

CREATE ROLE regress_walrus_user;
SELECT has_schema_privilege('regress_walrus_user', 'walrus', 'USAGE') AS usage,
       has_schema_privilege('regress_walrus_user', 'walrus', 'CREATE') AS "create";
SET ROLE regress_walrus_user;
CREATE TABLE walrus.mine ();
DROP EXTENSION pg_walrus;
RESET ROLE;
DROP ROLE regress_walrus_user;

DROP EXTENSION pg_walrus;
