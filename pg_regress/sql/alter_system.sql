-- What ALTER SYSTEM writes lands in postgresql.auto.conf, takes effect with a
-- reload, and is gone after a reset; for max_wal_size, which the worker writes
-- the same way, and for our own settings.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

-- Leftovers of an earlier run.
ALTER SYSTEM RESET max_wal_size;
ALTER SYSTEM RESET walrus.enable;
ALTER SYSTEM RESET walrus.max;
ALTER SYSTEM RESET walrus.threshold;
ALTER SYSTEM RESET walrus.algorithm;
ALTER SYSTEM RESET walrus.shrink_factor;
ALTER SYSTEM RESET walrus.profiles;

ALTER SYSTEM SET max_wal_size = 2048;
SELECT name, setting, error FROM pg_file_settings
 WHERE sourcefile LIKE '%postgresql.auto.conf' AND name = 'max_wal_size';
ALTER SYSTEM RESET max_wal_size;
SELECT count(*) AS lines FROM pg_file_settings
 WHERE sourcefile LIKE '%postgresql.auto.conf' AND name = 'max_wal_size';

ALTER SYSTEM SET walrus.enable = off;
ALTER SYSTEM SET walrus.max = '8GB';
ALTER SYSTEM SET walrus.threshold = 7;
ALTER SYSTEM SET walrus.algorithm = 'percentile';
ALTER SYSTEM SET walrus.shrink_factor = 0.9;
ALTER SYSTEM SET walrus.profiles = '[{"name": "it''s night"}]';
SELECT name, setting, error FROM pg_file_settings
 WHERE sourcefile LIKE '%postgresql.auto.conf' AND name LIKE 'walrus.%'
 ORDER BY name COLLATE "C";

-- Each statement that finds the old value waits a tenth of a second.
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.threshold') <> '7'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all
SHOW walrus.enable;
SHOW walrus.max;
SHOW walrus.threshold;
SHOW walrus.algorithm;
SHOW walrus.shrink_factor;
SHOW walrus.profiles;

ALTER SYSTEM RESET walrus.enable;
ALTER SYSTEM RESET walrus.max;
ALTER SYSTEM RESET walrus.threshold;
ALTER SYSTEM RESET walrus.algorithm;
ALTER SYSTEM RESET walrus.shrink_factor;
ALTER SYSTEM RESET walrus.profiles;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE current_setting('walrus.threshold') <> '2'$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all
SHOW walrus.enable;
SHOW walrus.max;
SHOW walrus.threshold;
SHOW walrus.algorithm;
SHOW walrus.shrink_factor;
SHOW walrus.profiles;
