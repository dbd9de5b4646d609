-- An extension of any earlier version becomes what a new one is: the same
-- objects with the same definitions, rights and comments.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

-- Each object of the extension, with all that a user could tell it by.
CREATE FUNCTION pg_temp.objects() RETURNS TABLE (object text, definition text)
LANGUAGE sql AS $$
  SELECT pg_describe_object(d.classid, d.objid, d.objsubid),
         concat_ws(' | ', obj_description(d.objid, d.classid::regclass::name),
           p.proacl::text, CASE WHEN p.oid IS NOT NULL THEN pg_get_functiondef(p.oid) END,
           c.relacl::text, CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END,
           (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                                        a.attnotnull, pg_get_expr(f.adbin, f.adrelid),
                                        col_description(c.oid, a.attnum)), ', ' ORDER BY a.attnum)
              FROM pg_attribute a
              LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
             WHERE a.attrelid = c.oid AND a.attnum > 0),
           (SELECT string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ', '
                              ORDER BY k.conname)
              FROM pg_constraint k WHERE k.conrelid = c.oid),
           (SELECT string_agg(pg_get_indexdef(i.indexrelid), ', ' ORDER BY i.indexrelid)
              FROM pg_index i WHERE i.indrelid = c.oid))
    FROM pg_depend d
    LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
    LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
   WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
     AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pg_walrus')
$$;

CREATE EXTENSION pg_walrus;
CREATE TEMP TABLE fresh AS SELECT * FROM pg_temp.objects();
SELECT count(*) > 20 AS many, count(*) FILTER (WHERE definition <> '') > 20 AS described FROM fresh;
DROP EXTENSION pg_walrus;

CREATE EXTENSION pg_walrus VERSION '1.0';
SELECT object FROM pg_temp.objects() ORDER BY object COLLATE "C";

ALTER EXTENSION pg_walrus UPDATE;
SELECT extversion = default_version AS newest
  FROM pg_extension JOIN pg_available_extensions ON name = extname
 WHERE extname = 'pg_walrus';

(TABLE fresh EXCEPT SELECT * FROM pg_temp.objects())
UNION ALL
(SELECT * FROM pg_temp.objects() EXCEPT TABLE fresh);

-- There is a way from each version to the newest, and none back.
SELECT source, target, path FROM pg_extension_update_paths('pg_walrus')
 WHERE path IS NOT NULL
 ORDER BY source, target;

DROP EXTENSION pg_walrus;
