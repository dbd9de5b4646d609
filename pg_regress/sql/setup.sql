-- The extension can be made, holds one schema with all that is its own, and
-- leaves nothing behind when it is dropped.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;

-- From 17 on row types are members too.
SELECT pg_describe_object(classid, objid, objsubid) COLLATE "C" AS object
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pg_walrus')
   AND deptype = 'e' AND classid <> 'pg_type'::regclass
 ORDER BY 1;

-- A dump keeps the rows of the history and the place of its sequence.
SELECT unnest(extconfig)::regclass::text COLLATE "C" AS dumped FROM pg_extension
 WHERE extname = 'pg_walrus'
 ORDER BY 1;

-- A second one is refused; so is another place for it.
CREATE EXTENSION pg_walrus;
CREATE SCHEMA regress_walrus_other;
ALTER EXTENSION pg_walrus SET SCHEMA regress_walrus_other;
DROP SCHEMA regress_walrus_other;

DROP EXTENSION pg_walrus;

SELECT count(*) AS schemas FROM pg_namespace WHERE nspname = 'walrus';
SELECT count(*) AS functions FROM pg_proc WHERE proname = 'shmem_status';
SELECT count(*) AS relations FROM pg_class
 WHERE relname IN ('history', 'history_id_seq', 'checkpoint_stats');

-- It can come back.
CREATE EXTENSION pg_walrus;
DROP EXTENSION pg_walrus;
