-- A fingerprint changes with whatever matters to replication, and with nothing else.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION steep_repl;
CREATE SCHEMA fp;
SET search_path = fp, public;
CREATE TYPE mood AS ENUM ('glad');
CREATE TYPE weather AS ENUM ('glad');
CREATE DOMAIN whole AS integer;
CREATE DOMAIN filled AS integer NOT NULL;
CREATE DOMAIN more_than_filled AS filled;
CREATE COLLATION own (provider = libc, locale = 'C');

-- The reference: each of the others differs from it in one thing.
CREATE TABLE base (id integer NOT NULL, name varchar(10), price numeric(8,2), m mood, l integer[]);
CREATE TABLE same (id integer NOT NULL DEFAULT 7, gone text, name varchar(10), price numeric(8,2), m mood, l integer[]);
ALTER TABLE same DROP COLUMN gone;
CREATE TABLE other_length (id integer NOT NULL, name varchar(11), price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_scale (id integer NOT NULL, name varchar(10), price numeric(8,3), m mood, l integer[]);
CREATE TABLE other_enum (id integer NOT NULL, name varchar(10), price numeric(8,2), m weather, l integer[]);
CREATE TABLE other_element (id integer NOT NULL, name varchar(10), price numeric(8,2), m mood, l bigint[]);
CREATE TABLE other_dimension (id integer NOT NULL, name varchar(10), price numeric(8,2), m mood, l integer);
CREATE TABLE other_domain (id whole NOT NULL, name varchar(10), price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_null (id integer, name varchar(10), price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_name (id integer NOT NULL, nam varchar(10), price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_order (name varchar(10), id integer NOT NULL, price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_collation (id integer NOT NULL, name varchar(10) COLLATE "C", price numeric(8,2), m mood, l integer[]);
CREATE TABLE own_collation (id integer NOT NULL, name varchar(10) COLLATE own, price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_identity (id integer GENERATED ALWAYS AS IDENTITY, name varchar(10), price numeric(8,2), m mood, l integer[]);
CREATE TABLE other_generated (id integer NOT NULL, name varchar(10), price numeric(8,2) GENERATED ALWAYS AS (1) STORED, m mood, l integer[]);
CREATE TABLE fewer (id integer NOT NULL, name varchar(10), price numeric(8,2), m mood);
SELECT c.relname AS "table",
       steep_repl.compute_fingerprint('fp', c.relname) = steep_repl.compute_fingerprint('fp', 'base') AS equal
  FROM pg_class c WHERE c.relnamespace = 'fp'::regnamespace AND c.relkind = 'r' ORDER BY 1;
SELECT count(DISTINCT steep_repl.compute_fingerprint('fp', c.relname)) AS different
  FROM pg_class c WHERE c.relnamespace = 'fp'::regnamespace AND c.relkind = 'r';

-- It is the same in every session, on every server; so are the definitions.
CREATE TABLE settled (a date DEFAULT '2026-02-01', b timestamptz DEFAULT '2026-02-01 00:00+00', c interval DEFAULT '1 day 2 h',
                      d float8 DEFAULT 0.1, e bytea DEFAULT '\x00', f mood DEFAULT 'glad', g text COLLATE "C");
SELECT steep_repl.compute_fingerprint('fp', 'base') AS fingerprint;
SELECT fingerprint, md5(column_definitions::text) AS definitions
  FROM steep_repl.table_fingerprints('{fp}') WHERE table_name = 'settled';
SET search_path = pg_catalog;
SET quote_all_identifiers = on;
SET DateStyle = 'German';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'Asia/Kathmandu';
SET extra_float_digits = -10;
SET bytea_output = 'escape';
SELECT steep_repl.compute_fingerprint('fp', 'base') AS fingerprint;
SELECT fingerprint, md5(column_definitions::text) AS definitions
  FROM steep_repl.table_fingerprints('{fp}') WHERE table_name = 'settled';
SELECT d ->> 'type' AS type, d ->> 'default' AS "default", d ->> 'collation' AS "collation"
  FROM steep_repl.table_fingerprints('{fp}'), jsonb_array_elements(column_definitions) AS d
 WHERE table_name = 'settled';
RESET ALL;
SET client_min_messages = warning;

-- A column is as null as its domain, and as the domain below that.
CREATE TABLE fp.nulls (a integer, b integer NOT NULL, c fp.whole, d fp.filled, e fp.more_than_filled, f fp.whole NOT NULL);
SELECT string_agg(d ->> 'name' || ' ' || (d ->> 'nullable'), ', ' ORDER BY d -> 'position') AS nullable
  FROM steep_repl.table_fingerprints('{fp}'), jsonb_array_elements(column_definitions) AS d
 WHERE table_name = 'nulls';

-- From 18 on a constraint may be there that old rows do not keep.
CREATE TABLE fp.promised (a integer);
\set ECHO none
SELECT 'ALTER TABLE fp.promised ADD NOT NULL a NOT VALID'
 WHERE current_setting('server_version_num')::integer >= 180000 \gexec
\set ECHO all
SELECT column_definitions -> 0 ->> 'nullable' AS nullable
  FROM steep_repl.table_fingerprints('{fp}') WHERE table_name = 'promised';

-- A partition looks like a table of its own: from 17 on it has the identity of its parent.
CREATE TABLE fp.parent (id integer GENERATED ALWAYS AS IDENTITY, b text) PARTITION BY RANGE (id);
CREATE TABLE fp.child PARTITION OF fp.parent FOR VALUES FROM (0) TO (10);
CREATE TABLE fp.single (id integer NOT NULL, b text);
SELECT steep_repl.compute_fingerprint('fp', 'child') = steep_repl.compute_fingerprint('fp', 'single') AS plain,
       steep_repl.compute_fingerprint('fp', 'child') = steep_repl.compute_fingerprint('fp', 'parent') AS identity;

-- Of two columns whose names and types could run together, too.
CREATE TABLE fp.glued ("a:integer:YES|b" integer);
CREATE TABLE fp.apart (a integer, b integer);
SELECT steep_repl.compute_fingerprint('fp', 'glued') <> steep_repl.compute_fingerprint('fp', 'apart') AS told_apart;

-- Views have one; what is not there or has no columns has none.
CREATE VIEW fp.seen AS SELECT 1 AS one;
CREATE TABLE fp.bare ();
SELECT length(steep_repl.compute_fingerprint('fp', 'seen')) AS view,
       steep_repl.compute_fingerprint('fp', 'bare') AS bare,
       steep_repl.compute_fingerprint('fp', 'nothing') AS nothing;
SELECT steep_repl.compute_fingerprint(NULL, 'base');
SELECT steep_repl.compute_fingerprint('fp', NULL);
SELECT steep_repl.compute_fingerprint('', 'base');
DROP SCHEMA fp CASCADE;

\pset format unaligned
-- All tables of users are captured, whatever their names; others are not.
CREATE SCHEMA "odd "" schema";
CREATE TABLE "odd "" schema"."back\slash ünï.cøde" ("col\umn" integer, "ü" text DEFAULT 'x');
CREATE TABLE plain (a integer PRIMARY KEY);
CREATE TABLE parted (a integer) PARTITION BY RANGE (a);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TEMPORARY TABLE fleeting (a integer);
CREATE VIEW view_of_it AS SELECT * FROM plain;
SELECT steep_repl.capture_fingerprints('here');
SELECT table_schema, table_name, column_count, column_definitions, algorithm
  FROM steep_repl.schema_fingerprints WHERE node_id = 'here' ORDER BY 1, 2;
SELECT table_name, column_count FROM steep_repl.capture_fingerprint('one', 'public', 'plain');
SELECT table_name, column_count FROM steep_repl.capture_fingerprint('one', 'odd " schema', E'back\\slash ünï.cøde');
SELECT steep_repl.capture_fingerprint('one', 'public', 'view_of_it');
SELECT steep_repl.capture_fingerprint('one', 'public', NULL);
SELECT steep_repl.capture_fingerprints('');
SELECT steep_repl.capture_fingerprints(NULL);
SELECT steep_repl.capture_all_fingerprints(NULL);
SELECT count(*) FROM steep_repl.table_fingerprints('{}');
SELECT count(*) FROM steep_repl.table_fingerprints(ARRAY[NULL, 'nowhere', '''; SELECT 1/0 --']);

-- Dropped tables are forgotten, in the schemas that were asked for.
SELECT steep_repl.capture_all_fingerprints('there');
ALTER TABLE plain ADD b text;
DROP TABLE parted;
CREATE TABLE newer (a integer);
SELECT steep_repl.capture_fingerprints('here', ARRAY['odd " schema']);
SELECT count(*) FROM steep_repl.schema_fingerprints WHERE node_id = 'here';
SELECT steep_repl.capture_fingerprints('here');

-- Five ways to compare, whatever third nodes have.
INSERT INTO steep_repl.schema_fingerprints (node_id, table_schema, table_name, fingerprint, column_count)
  VALUES ('third', 'public', 'parted', 'f', 1), ('third', 'public', 'newer', 'f', 1);
SELECT table_schema, table_name, status, local_column_count, remote_column_count,
       local_fingerprint = '' AS no_local, remote_fingerprint = '' AS no_remote
  FROM steep_repl.compare_fingerprint_sets('here', 'there');
SELECT count(*) FROM steep_repl.compare_fingerprint_sets('nobody', 'nowhere');
SELECT * FROM steep_repl.compare_fingerprint_sets('here', NULL);
SELECT * FROM steep_repl.compare_fingerprint_sets('here', 'here');
UPDATE steep_repl.schema_fingerprints SET algorithm = 1 WHERE node_id = 'there' AND table_name IN ('plain', 'parted');
SELECT table_name, status FROM steep_repl.compare_fingerprint_sets('here', 'there');
UPDATE steep_repl.schema_fingerprints SET algorithm = 1 WHERE node_id = 'here' AND table_name = 'plain';
SELECT table_name, status FROM steep_repl.compare_fingerprint_sets('here', 'there') WHERE table_name = 'plain';
\set VERBOSITY terse
UPDATE steep_repl.schema_fingerprints SET algorithm = 0;
\set VERBOSITY default

-- Peers are asked over dblink, and only those that are known.
SELECT * FROM steep_repl.compare_fingerprints('here', 'unknown');
SELECT * FROM steep_repl.compare_fingerprints('here', 'here');
SELECT * FROM steep_repl.compare_fingerprints('here', NULL);
SELECT * FROM steep_repl.compare_fingerprints(NULL, 'here');
SELECT node_id FROM steep_repl.register_node('peer', 'Peer');
SELECT * FROM steep_repl.compare_fingerprints('here', 'peer');
SELECT * FROM steep_repl.peer_fingerprints('peer');
SELECT * FROM steep_repl.peer_fingerprints(NULL);
SELECT * FROM steep_repl.get_column_diff('peer', 'public', 'plain');
SELECT * FROM steep_repl.get_column_diff('unknown', 'public', 'plain');
SELECT * FROM steep_repl.get_column_diff('peer', NULL, 'plain');
SELECT * FROM steep_repl.get_column_diff('peer', 'public', NULL);

DROP SCHEMA "odd "" schema" CASCADE;
DROP TABLE plain, newer CASCADE;
DROP EXTENSION steep_repl;

-- In a database without an encoding names are bytes, and the same bytes have the same fingerprint.
SELECT current_database() AS here \gset
CREATE DATABASE regress_steep_bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C';
CREATE DATABASE regress_steep_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C';
CREATE TABLE "grün" ("ü" integer);
CREATE EXTENSION steep_repl;
SELECT steep_repl.compute_fingerprint('public', 'grün') AS utf8 \gset
DROP TABLE "grün";
DROP EXTENSION steep_repl;
\c regress_steep_latin
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE TABLE "grün" ("ü" integer);
CREATE EXTENSION steep_repl;
SELECT steep_repl.compute_fingerprint('public', 'grün') = :'utf8' AS latin1;
\c regress_steep_bytes
SET client_min_messages = warning;
CREATE EXTENSION steep_repl;
CREATE TABLE "grün" ("ü" integer);
DO $$ BEGIN EXECUTE format('CREATE TABLE no_character (%I integer)', convert_from('\xff', 'SQL_ASCII')); END $$;
SELECT steep_repl.compute_fingerprint('public', 'grün') = :'utf8' AS bytes;
SELECT steep_repl.capture_fingerprints('here');
\c :here
DROP DATABASE regress_steep_bytes;
DROP DATABASE regress_steep_latin;
