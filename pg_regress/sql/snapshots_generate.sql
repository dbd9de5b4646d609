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

SELECT * FROM pg_temp.failure($$SELECT steep_repl.list_snapshots('done')$$);
SELECT * FROM pg_temp.failure($$SELECT steep_repl.list_snapshots(p_limit => -1)$$);
SELECT count(*) FROM steep_repl.list_snapshots('complete', 5);

-- The transaction that has queued one would wait for itself.
BEGIN;
SELECT state, hint FROM pg_temp.failure($$SELECT steep_repl.wait_snapshot(
  (SELECT snapshot_id FROM steep_repl.start_snapshot('/nowhere/regress')))$$);
ROLLBACK;

DROP SCHEMA regress_snapshots CASCADE;
DROP TABLE public.secret;
DROP ROLE regress_snapshots_operator, regress_snapshots_plain;
SELECT steep_repl.unregister_db(current_database());
DROP EXTENSION steep_repl;
