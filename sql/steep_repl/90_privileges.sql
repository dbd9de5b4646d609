-- What is left of the privileges when each part has given its own.

GRANT USAGE ON SCHEMA steep_repl TO PUBLIC;
COMMENT ON SCHEMA steep_repl IS 'steep_repl: nodes, schema fingerprints and background jobs';

-- Default privileges of the installing role may have given something to others.
DO $$
DECLARE
  gift record;
BEGIN
  FOR gift IN
    SELECT DISTINCT o.kind, o.name, a.grantee::regrole AS grantee
      FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                   c.oid::regclass::text, c.relowner, c.relacl
              FROM pg_class AS c
             WHERE c.relnamespace = 'steep_repl'::regnamespace
             UNION ALL
            SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, p.proacl
              FROM pg_proc AS p
             WHERE p.pronamespace = 'steep_repl'::regnamespace) AS o(kind, name, owner, acl),
           aclexplode(o.acl) AS a
     WHERE a.grantee NOT IN (0, o.owner, 'steep_repl_reader'::regrole,
                             'steep_repl_operator'::regrole, 'steep_repl_admin'::regrole)
  LOOP
    EXECUTE format('REVOKE ALL ON %s %s FROM %s', gift.kind, gift.name, gift.grantee);
  END LOOP;
END
$$;
