-- What start_snapshot() refuses before anything is queued, and what it would copy.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE EXTENSION steep_repl;
\getenv abs_srcdir PG_ABS_SRCDIR
\set failure :abs_srcdir '/include/failure.sql'
\i :failure
SELECT s.arguments, f.*
  FROM unnest(ARRAY[
    $$NULL$$, $$''$$, $$'relative/path'$$, $$'/a/../b'$$, $$'/a/./b'$$, $$'/a//b'$$, $$'/a/'$$,
    $$'/a', 'rar'$$, $$'/a', NULL$$, $$'/a', 'gzip', p_compression_level => 10$$,
    $$'/a', 'none', p_compression_level => 1$$, $$'/a', 'lz4', p_compression_level => 0$$,
    $$'/a', 'zstd', p_compression_level => 20$$,
    $$'/a', 'none', 0$$, $$'/a', 'none', 17$$, $$'/a', 'none', NULL$$,
    $$'/a', p_keep_slot => NULL$$, $$'/a', p_expires_after => '0 s'$$]) WITH ORDINALITY
       AS s(arguments, number),
       pg_temp.failure('SELECT steep_repl.start_snapshot(' || s.arguments || ')') AS f
 ORDER BY s.number;
SELECT count(*) FROM steep_repl.work_queue;

-- Operators without the right to write files need a directory of the server's.
CREATE ROLE regress_snapshots_operator IN ROLE steep_repl_operator;
CREATE ROLE regress_snapshots_plain;
CREATE TABLE public.secret ();
SET ROLE regress_snapshots_operator;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_snapshot('/a')$$);
RESET ROLE;
GRANT pg_write_server_files TO regress_snapshots_operator;
SET ROLE regress_snapshots_operator;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_snapshot('/a')$$);
SET ROLE regress_snapshots_plain;
SELECT * FROM pg_temp.failure($$SELECT steep_repl.start_snapshot('/a')$$);
RESET ROLE;

-- Tables, and why some are left out.
CREATE SCHEMA regress_snapshots;
CREATE TABLE regress_snapshots.plain (b text, a integer, c integer GENERATED ALWAYS AS (a + 1) STORED);
CREATE UNLOGGED TABLE regress_snapshots.fleeting ();
CREATE TEMPORARY TABLE passing ();
CREATE VIEW regress_snapshots.seen AS SELECT 1 AS one;
CREATE TABLE regress_snapshots.whole (k integer) PARTITION BY LIST (k);
CREATE TABLE regress_snapshots.part PARTITION OF regress_snapshots.whole DEFAULT;
SELECT table_schema, table_name, columns, splittable, excluded
  FROM steep_repl.snapshot_tables('{"include_schemas": ["regress_snapshots", "steep_repl"]}');
SELECT table_name FROM steep_repl.snapshot_tables(
  '{"include_tables": ["regress_snapshots.plain", "part", "seen"], "exclude_tables": ["part"]}');
SELECT count(*) FROM steep_repl.snapshot_tables('{"exclude_schemas": ["regress_snapshots"]}');

-- A partitioned table means its partitions; a partition brings the tables above it.
CREATE TABLE regress_snapshots.deep (k integer PRIMARY KEY, n serial) PARTITION BY RANGE (k);
CREATE TABLE regress_snapshots.deep_1 PARTITION OF regress_snapshots.deep
  FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (k);
CREATE TABLE regress_snapshots.deep_1_a PARTITION OF regress_snapshots.deep_1 DEFAULT;
CREATE TABLE regress_snapshots.deep_2 PARTITION OF regress_snapshots.deep DEFAULT;
CREATE TABLE regress_snapshots.of_deep (k integer REFERENCES regress_snapshots.deep);
CREATE SEQUENCE regress_snapshots.free;
SELECT c.choice,
       (SELECT string_agg(t.table_name, ' ') FROM steep_repl.snapshot_tables(c.choice) AS t) AS tables,
       (SELECT string_agg(r.relname, ' ' ORDER BY r.relname COLLATE "C")
          FROM steep_repl.chosen_tables(c.choice) AS t(oid)
          JOIN pg_class AS r ON r.oid = t.oid AND r.relkind = 'p') AS above,
       (SELECT string_agg(t.sequence_name, ' ') FROM steep_repl.snapshot_sequences(c.choice) AS t) AS sequences
  FROM (VALUES
    ('{"include_tables": ["deep"]}'::jsonb),
    ('{"include_tables": ["regress_snapshots.deep_1"]}'),
    ('{"include_tables": ["\"regress_snapshots\".\"deep_2\"", "of_deep"]}'),
    ('{"include_tables": ["deep", "free"], "exclude_tables": ["deep_1"]}'),
    ('{"include_tables": ["of_deep"]}'),
    ('{"include_schemas": ["regress_snapshots"], "exclude_tables": ["deep", "free"]}'),
    ('{"include_schemas": ["regress_snapshots"], "exclude_tables": ["deep_1_a", "part"]}')) AS c(choice);

-- Foreign keys to rows that are left out cannot be kept.
SELECT c.choice, k.*
  FROM (VALUES
    ('{"include_tables": ["deep", "of_deep"]}'::jsonb),
    ('{"include_tables": ["deep_2", "of_deep"]}'),
    ('{"include_schemas": ["regress_snapshots"], "exclude_tables": ["deep"]}')) AS c(choice),
       steep_repl.lost_foreign_keys(c.choice) AS k;

-- Names that match nothing are refused, wherever they stand.
SELECT s.arguments, f.state, f.message
  FROM unnest(ARRAY[
    $$p_include_tables => '{plain,nope,regress_snapshots.gone,"a\"b"}'$$,
    $$p_exclude_tables => '{nope}'$$, $$p_include_tables => '{pg_class}'$$,
    $$p_include_tables => '{passing}'$$, $$p_include_tables => '{secret}', p_exclude_schemas => '{public}'$$,
    $$p_exclude_tables => '{pla*}'$$, $$p_exclude_tables => '{NULL}'$$,
    $$p_include_schemas => '{nope,public}'$$, $$p_exclude_schemas => '{nope}', p_include_tables => '{gone}'$$,
    $$p_include_schemas => '{pg_catalog}'$$]) WITH ORDINALITY AS s(arguments, number),
       pg_temp.failure($$SELECT steep_repl.start_snapshot('/a', $$ || s.arguments || ')') AS f
 ORDER BY s.number;
SELECT hint FROM pg_temp.failure($$SELECT steep_repl.start_snapshot('/a', p_exclude_tables => '{nope}')$$);
SELECT steep_repl.check_snapshot_names(
  '{"include_schemas": ["regress_snapshots"], "exclude_schemas": ["steep_repl", "pg_catalog"],
    "include_tables": ["seen", "free", "\"regress_snapshots\".deep"],
    "exclude_tables": ["secret"]}');

SELECT * FROM pg_temp.failure($$SELECT steep_repl.list_snapshots('done')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.list_snapshots(p_limit => -1)$$);
SELECT count(*) FROM steep_repl.list_snapshots('complete', 5);

-- The transaction that has queued one would wait for itself.
BEGIN;
SELECT state, hint FROM pg_temp.failure($$SELECT steep_repl.wait_snapshot(
  (SELECT snapshot_id FROM steep_repl.start_snapshot('/tmp/regress_never_made')))$$);
ROLLBACK;

DROP SCHEMA regress_snapshots CASCADE;
DROP TABLE public.secret;
DROP ROLE regress_snapshots_operator, regress_snapshots_plain;
SELECT steep_repl.unregister_db(current_database());
DROP EXTENSION steep_repl;
