-- For each table of a database its name, the number of its rows, and a hash of them that their
-- order does not change. Two databases with the same output have the same rows:
--   psql -XAtq -d CONNECTION -f row_hashes.sql
SET search_path = pg_catalog;
SET DateStyle = ISO;
SET IntervalStyle = postgres;
SET TimeZone = UTC;
SET extra_float_digits = 1;
SET bytea_output = hex;
SELECT format('SELECT %L, count(*), sum(hashtextextended(t::text, 0)::numeric) FROM ONLY %s AS t',
              c.oid::regclass, c.oid::regclass)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence = 'p'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.objsubid = 0 AND d.deptype = 'e')
 ORDER BY c.oid::regclass::text COLLATE "C" \gexec
