-- There is one worker, it can be told from other sessions, and loading the
-- library in a session adds no second one.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

-- Each statement that finds no worker, or one that is busy, waits a tenth of a
-- second.
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.1) WHERE NOT EXISTS
           (SELECT FROM pg_stat_activity WHERE backend_type = 'pg_walrus'
               AND state = 'idle' AND wait_event_type IS NOT NULL)$$
  FROM generate_series(1, 100) \gexec
\o
\set ECHO all

SELECT backend_type, application_name, datname = current_setting('walrus.database') AS database,
       client_addr, wait_event_type
  FROM pg_stat_activity
 WHERE backend_type = 'pg_walrus' OR application_name = 'pg_walrus';

LOAD 'pg_walrus';
SELECT count(*) AS workers FROM pg_stat_activity WHERE backend_type = 'pg_walrus';

-- It holds no lock and no transaction while it waits.
SELECT count(*) AS locks
  FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE backend_type = 'pg_walrus';
SELECT state, xact_start IS NULL AS no_transaction
  FROM pg_stat_activity WHERE backend_type = 'pg_walrus';
