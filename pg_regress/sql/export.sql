-- The history can be taken elsewhere: as CSV and JSON, with times in UTC.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET client_min_messages = warning;

CREATE EXTENSION pg_walrus;
INSERT INTO walrus.history (id, "timestamp", action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec, reason, metadata)
VALUES (1, '2026-03-29 02:30:00+02', 'increase', 1024, 4096, 3, 300,
        'Forced checkpoints exceeded threshold', '{"delta": 3, "note": "a \"quoted\", word"}'),
       (2, '2026-03-29 03:30:00.123456+02', 'skipped', 4096, 8192, 2, 300, 'cooldown active', NULL),
       (3, '2026-10-25 02:30:00+01', 'decrease', 4096, 3072, 0, 300, NULL, '{}');

COPY (SELECT * FROM walrus.history()) TO STDOUT (FORMAT csv, HEADER);
COPY (SELECT * FROM walrus.history('-infinity', 'infinity')) TO STDOUT (FORMAT csv, HEADER, NULL 'null');

-- And back again.
CREATE TEMP TABLE copy (LIKE walrus.history);
COPY copy FROM STDIN (FORMAT csv);
1,2026-03-29 00:30:00+00,increase,1024,4096,3,300,Forced checkpoints exceeded threshold,"{""note"": ""a \""quoted\"", word"", ""delta"": 3}"
\.
SELECT c = h AS same FROM copy AS c JOIN walrus.history AS h USING (id);

SET TimeZone = 'America/New_York';
SET DateStyle = 'SQL, DMY';
SELECT to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USZ') AS utc
  FROM walrus.history();
SELECT jsonb_agg(jsonb_build_object('action', action, 'note', metadata -> 'note'))
  FROM walrus.history('-infinity', 'infinity');

DROP EXTENSION pg_walrus;
