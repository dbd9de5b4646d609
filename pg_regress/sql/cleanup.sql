-- Rows older than walrus.history_retention_days are deleted, in batches and by
-- the index; all others stay.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET client_min_messages = warning;

CREATE EXTENSION pg_walrus;
SHOW walrus.history_retention_days;
SELECT walrus.cleanup_history();

CREATE FUNCTION pg_temp.add(age interval, rows integer DEFAULT 1) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO walrus.history ("timestamp", action, old_size_mb, new_size_mb, forced_checkpoints,
                              checkpoint_timeout_sec)
  SELECT now() - age - n * interval '1 second', 'increase', 1, 1, 1, 1
    FROM generate_series(1, rows) AS n
$$;

SELECT pg_temp.add(days * interval '1 day') FROM unnest(ARRAY[1, 3, 10, 15]) AS days;
SELECT walrus.cleanup_history();
SELECT round(extract(epoch FROM now() - "timestamp") / 86400) AS days
  FROM walrus.history ORDER BY 1;
SELECT walrus.cleanup_history();

-- More than two batches; a rollback brings them back.
SELECT pg_temp.add('8 days', 25000);
BEGIN;
SELECT walrus.cleanup_history();
SELECT count(*) FROM walrus.history;
ROLLBACK;
SELECT count(*) FROM walrus.history;

-- A batch is found by the index, not by reading the whole table.
ANALYZE walrus.history;
DO $$
DECLARE
  line text;
  found boolean := false;
BEGIN
  FOR line IN EXPLAIN
    SELECT id FROM walrus.history
     WHERE "timestamp" >= '-infinity' AND "timestamp" < now() - interval '7 days'
     ORDER BY "timestamp" LIMIT 10000 FOR UPDATE SKIP LOCKED
  LOOP
    found := found OR line LIKE '%walrus_history_timestamp_idx%';
  END LOOP;
  IF NOT found THEN
    RAISE 'the index is not used';
  END IF;
END
$$;
SELECT walrus.cleanup_history();
SELECT count(*) FROM walrus.history;

-- With 0 days all goes that is older than the transaction.
ALTER SYSTEM SET walrus.history_retention_days = 0;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.history_retention_days') <> '0'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all
BEGIN;
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 1, 1, 1);
SELECT walrus.cleanup_history();
COMMIT;
SELECT count(*) FROM walrus.history;
SELECT walrus.cleanup_history();
SELECT count(*) FROM walrus.history;

ALTER SYSTEM RESET walrus.history_retention_days;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.history_retention_days') <> '7'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

-- Jobs that call it go on without the table.
ALTER TABLE walrus.history RENAME TO lost;
SELECT walrus.cleanup_history();

DROP EXTENSION pg_walrus;
