-- Every name and type that a snapshot could stumble over. Statements are run in one transaction.

CREATE SCHEMA "Süd.West";
CREATE SCHEMA "per%cent/slash";
CREATE SCHEMA a;
CREATE SCHEMA "a.b";

-- Names.
CREATE TABLE "Süd.West"."Ta.ble / ""1""" ("Co,l""umn" text, "%" integer, "select" boolean, U&"line\000Abreak" text, "Größe 大" text);
INSERT INTO "Süd.West"."Ta.ble / ""1""" VALUES (E'a,b\n"c"', NULL, true, 'x', 'ä'), ('', 2, false, '', 'ß'), (NULL, 3, NULL, NULL, '大');
CREATE TABLE a."b.c" AS SELECT 1 AS one;
CREATE TABLE "a.b".c AS SELECT 2 AS two;
CREATE TABLE "Mixed" AS SELECT 1 AS "I", 2 AS i;
CREATE TABLE mixed AS SELECT 3 AS "I", 4 AS i;
CREATE TABLE U&"new\000Aline" AS SELECT 1 AS i;
CREATE TABLE "a_b%" AS SELECT 1 AS i;
CREATE TABLE "a*b?" AS SELECT 2 AS i;
CREATE TABLE "[abc]" AS SELECT 3 AS i;
CREATE TABLE "back\slash $1 $$ 'quote' ; -- no" AS SELECT 1 AS "'; DROP TABLE mixed; --";
CREATE TABLE "-rf" AS SELECT 1 AS "--help";
CREATE TABLE ".." AS SELECT 1 AS ".";
CREATE TABLE "per%cent/slash"."../escape" AS SELECT 1 AS "/";
CREATE TABLE " " AS SELECT 1 AS " ";
CREATE TABLE "大象 🐘" AS SELECT 'Ł' AS "ünïcödé";
DO $$
BEGIN
  EXECUTE format('CREATE TABLE %I AS SELECT 1 AS %I', repeat('x', 62) || 'a', repeat('y', 63));
  EXECUTE format('CREATE TABLE %I AS SELECT 2 AS %I', repeat('x', 62) || 'b', repeat('ü', 31) || 'y');
  EXECUTE format('CREATE TABLE %I AS SELECT 3 AS i', repeat('ü', 31) || 'z');
END
$$;

-- Types.
CREATE TYPE "Mood" AS ENUM ('sad', 'ok', 'very "happy", indeed');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, "B b" text);
CREATE TYPE textrange AS RANGE (subtype = text, collation = "C");
CREATE TABLE "all types" (
  id integer GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 5) PRIMARY KEY,
  i2 smallint, i8 bigint, n numeric, r real, d double precision, m money, b boolean,
  t text, c char(5), v varchar(9), nm name, ch "char", by bytea,
  da date, ti time, tz timetz, ts timestamp, tt timestamptz, iv interval,
  u uuid, j json, jb jsonb, x xml, ip inet, ci cidr, ma macaddr, bi bit(5), vb varbit,
  tv tsvector, tq tsquery, po point, pa path, cr circle, oi oid, ls pg_lsn,
  ar integer[], am integer[][], at text[], mo "Mood", ms "Mood"[], dom positive,
  pr pair, ps pair[], ir int4range, mr int4multirange, tr textrange
);
INSERT INTO "all types" (i2, i8, n, r, d, m, b, t, c, v, nm, ch, by, da, ti, tz, ts, tt, iv, u, j, jb, x, ip, ci, ma, bi,
  vb, tv, tq, po, pa, cr, oi, ls, ar, am, at, mo, ms, dom, pr, ps, ir, mr, tr) VALUES
  (-32768, 9223372036854775807, 1e-30, 1.1754944e-38, 4.9e-324, -12.34, true, 'text', 'c', 'v', 'name', 'x', '\x00ff5c0a22',
   '2000-02-29', '23:59:59.999999', '12:00+05:30', '1999-12-31 23:59:59.000001', '2024-03-31 02:30+01', '-1 mon +2 days 03:04:05.6',
   'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a" : [1, null]}', '{"b": "\\ \" \n"}', '<a b="c">&lt;,"</a>', '::1/64', '10.0.0.0/8',
   '08:00:2b:01:02:03', '10101', '1', 'a:1A ''b c'':2', 'a & !b', '(1,2.5)', '[(0,0),(1,1)]', '<(0,0),5>', 4294967295, 'FFFFFFFF/FFFFFFFF',
   '{1,NULL,3}', '[2:3][0:1]={{1,2},{3,4}}', ARRAY['', NULL, 'NULL', 'a,b', '"', '\', '{}'], 'very "happy", indeed', '{sad,"very \"happy\", indeed"}',
   7, ROW(1, 'x,"y"'), ARRAY[ROW(NULL, '')::pair, ROW(2, NULL)::pair], '[1,10)', '{[1,2),[5,)}', '["a,b",)'),
  (NULL, NULL, 'NaN', 'NaN', 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'infinity', NULL, NULL, 'infinity', '-infinity',
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL),
  (0, 0, '-Infinity', '-Infinity', 'Infinity', 0, false, '', '', '', '', '', '', '-infinity', '00:00', '24:00:00-15:59', '-infinity',
   'infinity', '0', '00000000-0000-0000-0000-000000000000', 'null', 'null', '', '0.0.0.0/0', '::/0', '00:00:00:00:00:00', '00000', '',
   '', '', '(-0,NaN)', '((0,0))', '<(0,0),0>', 0, '0/0', '{}', '{}', '{}', 'sad', '{}', 1, ROW(NULL, NULL), '{}', 'empty', '{}', 'empty');
INSERT INTO "all types" (n, d, da) VALUES (-1e500, 0.1, '4713-01-01 BC'), (12345678901234567890.12345678901234567890, -0.0, '5874897-12-31');

-- What COPY has marks for.
CREATE TABLE marks (t text);
INSERT INTO marks VALUES (E'\\.'), (E'\\.\n'), (E'a\n\\.\nb'), (E'a\r\nb\r\n'), (E'\r'), (E'\n'), (''), (NULL), ('NULL'), (E'\\N'), ('"'),
  ('""'), (E'tab\there'), (','), (' lead'), ('trail '), (E'\\'), (E'\x01\x7f'), ('t'), ('#'), (E'"\n,"');
CREATE TABLE "two marks" AS SELECT t, t AS "t again" FROM marks;
CREATE TABLE wide AS SELECT i, repeat(md5(i::text), 40000) AS toasted FROM generate_series(1, 3) AS i;

-- Tables of all kinds.
CREATE TABLE empty (e integer);
CREATE TABLE "no columns" ();
INSERT INTO "no columns" DEFAULT VALUES;
INSERT INTO "no columns" DEFAULT VALUES;
CREATE TABLE dropped (a integer, gone text, b integer DEFAULT 4 NOT NULL);
INSERT INTO dropped VALUES (1, 'x', 2);
ALTER TABLE dropped DROP COLUMN gone;
ALTER TABLE dropped ADD COLUMN later text DEFAULT 'later';
CREATE TABLE generated (a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED, z text);
INSERT INTO generated (a, z) SELECT i, 'z' FROM generate_series(1, 9) AS i;
CREATE TABLE "only generated" (g integer GENERATED ALWAYS AS (1 + 1) STORED);
INSERT INTO "only generated" DEFAULT VALUES;
CREATE TABLE always (i integer GENERATED ALWAYS AS IDENTITY, t text);
INSERT INTO always (t) VALUES ('a'), ('b');
CREATE TABLE "by default" (i bigint GENERATED BY DEFAULT AS IDENTITY (START -1 INCREMENT -1), t text);
INSERT INTO "by default" (t) VALUES ('a'), ('b');
CREATE TABLE serials (s serial, b bigserial, t text);
INSERT INTO serials (t) VALUES ('x');

CREATE TABLE parted (k integer, s text, v integer DEFAULT 1) PARTITION BY LIST (s);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a') PARTITION BY RANGE (k);
CREATE TABLE parted_a_low PARTITION OF parted_a FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE "parted_a High" PARTITION OF parted_a FOR VALUES FROM (10) TO (MAXVALUE);
CREATE TABLE "Other Order" (v integer, s text, k integer);
ALTER TABLE parted ATTACH PARTITION "Other Order" FOR VALUES IN ('b');
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
CREATE TABLE "no partitions" (i integer) PARTITION BY RANGE (i);
INSERT INTO parted SELECT i, chr(97 + i % 4), i * 2 FROM generate_series(1, 40) AS i;
CREATE TABLE parent (p integer);
CREATE TABLE child (c integer) INHERITS (parent);
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (2, 3);

-- Foreign keys: to itself, in a cycle, deferred, and to a partitioned table.
CREATE TABLE tree (id integer PRIMARY KEY, up integer REFERENCES tree);
INSERT INTO tree VALUES (3, 1), (2, 3), (1, 2);
CREATE TABLE hen (id integer PRIMARY KEY, egg integer);
CREATE TABLE egg (id integer PRIMARY KEY, hen integer NOT NULL REFERENCES hen DEFERRABLE INITIALLY DEFERRED);
INSERT INTO hen VALUES (1, 1), (2, NULL);
INSERT INTO egg VALUES (1, 2), (2, 1);
ALTER TABLE hen ADD CONSTRAINT "the Egg" FOREIGN KEY (egg) REFERENCES egg ON DELETE SET NULL;
CREATE TABLE pk_parted (i integer PRIMARY KEY) PARTITION BY HASH (i);
CREATE TABLE pk_parted_0 PARTITION OF pk_parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE pk_parted_1 PARTITION OF pk_parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO pk_parted SELECT generate_series(1, 10);
CREATE TABLE points_there (i integer REFERENCES pk_parted);
INSERT INTO points_there VALUES (1), (2), (NULL);

-- Sequences.
CREATE SEQUENCE never;
CREATE SEQUENCE used;
SELECT nextval('used'), nextval('used');
CREATE SEQUENCE "Set, not called" START 7;
SELECT setval('"Set, not called"', 9, false);
CREATE SEQUENCE down INCREMENT -3 MAXVALUE 100 START 100;
SELECT nextval('down'), nextval('down');
CREATE SEQUENCE small AS smallint MAXVALUE 3 CYCLE;
SELECT setval('small', 3);

-- What has no rows of its own, and what acts when rows come.
CREATE VIEW seen AS SELECT * FROM mixed;
CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM marks;
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.t := upper(NEW.t); RETURN NEW; END $$;
CREATE TABLE triggered (t text CHECK (t <> 'forbidden'));
INSERT INTO triggered VALUES ('as it was');
CREATE TRIGGER shouting BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION shout();
CREATE TABLE ruled (i integer);
INSERT INTO ruled VALUES (1);
CREATE RULE nothing AS ON INSERT TO ruled DO INSTEAD NOTHING;
CREATE INDEX "An Index" ON mixed (("I" + i)) WHERE i > 0;
COMMENT ON TABLE mixed IS 'it''s "mixed"';
COMMENT ON COLUMN mixed."I" IS E'two\nlines';
