-- What would make this script unsafe or useless is refused before anything is made.

SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
DECLARE
  existing record;
BEGIN
  IF current_setting('server_version_num')::integer < 150000 THEN
    RAISE EXCEPTION 'PostgreSQL 15 or later is required, this server is %',
                    current_setting('server_version')
      USING ERRCODE = 'feature_not_supported';
  END IF;

  -- Whoever owns the schema or may create in it could replace what is made below.
  SELECT r.rolname AS owner, r.rolsuper AS trusted,
         EXISTS (SELECT FROM aclexplode(n.nspacl) AS a
                  WHERE a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner) AS open,
         EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
                    AND d.classid <> 'pg_extension'::regclass) AS filled
    INTO STRICT existing
    FROM pg_namespace AS n
    JOIN pg_roles AS r ON r.oid = n.nspowner
   WHERE n.nspname = 'steep_repl';
  IF existing.owner <> current_user AND NOT existing.trusted THEN
    RAISE EXCEPTION 'schema "steep_repl" exists already and belongs to role "%"', existing.owner
      USING ERRCODE = 'duplicate_schema', HINT = 'Rename or drop that schema.';
  ELSIF existing.open THEN
    RAISE EXCEPTION 'schema "steep_repl" exists already, and others may create objects in it'
      USING ERRCODE = 'duplicate_schema', HINT = 'Rename or drop that schema.';
  ELSIF existing.filled THEN
    RAISE EXCEPTION 'schema "steep_repl" exists already and is not empty'
      USING ERRCODE = 'duplicate_schema', HINT = 'Rename or drop that schema.';
  END IF;
END
$$;

