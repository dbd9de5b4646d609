-- The history has the columns and checks that its readers and its writer rely
-- on, and the functions show it in order of time.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;

SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull AS not_null
  FROM pg_attribute
 WHERE attrelid = 'walrus.history'::regclass AND attnum > 0
 ORDER BY attnum;
SELECT indexrelid::regclass::text COLLATE "C" AS index, indisprimary AS "primary", indisunique AS "unique"
  FROM pg_index WHERE indrelid = 'walrus.history'::regclass
 ORDER BY 1;
SELECT conname FROM pg_constraint
 WHERE conrelid = 'walrus.history'::regclass AND contype IN ('c', 'p')
 ORDER BY conname COLLATE "C";

-- What the checks refuse.
\set VERBOSITY terse
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('no_change', 1, 1, 1, 1);
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 0, 1, 1, 1);
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 0, 1, 1);
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 1, -1, 1);
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 1, 1, 0);
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES (NULL, 1, 1, 1, 1);
\set VERBOSITY default

-- Reason and metadata may be missing; time and number come by themselves.
INSERT INTO walrus.history (action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec)
VALUES ('increase', 1, 1, 0, 1)
RETURNING "timestamp" = now() AS now, id IS NOT NULL AS numbered, reason, metadata;
DELETE FROM walrus.history;

INSERT INTO walrus.history ("timestamp", action, old_size_mb, new_size_mb, forced_checkpoints,
                            checkpoint_timeout_sec, reason, metadata)
VALUES ('2026-01-01 00:10:00+00', 'decrease', 4096, 3584, 0, 300,
        'Sustained low checkpoint activity', '{"shrink_factor": 0.875, "quiet_intervals": 5}'),
       ('2026-01-01 00:00:00+00', 'increase', 1024, 2048, 1, 300,
        'Forced checkpoints exceeded threshold', '{"delta": 1, "multiplier": 2}'),
       ('2026-01-01 00:05:00+00', 'increase', 2048, 5120, 2, 300,
        'Forced checkpoints exceeded threshold', '{"delta": 2, "multiplier": 3}'),
       ('2026-01-01 00:05:00+00', 'skipped', 2048, 6144, 2, 300,
        'cooldown active', '{"blocked_by": "cooldown"}'),
       ('2026-01-01 00:20:00+00', 'dry_run', 3584, 4096, 2, 300,
        'capped at walrus.max', '{"dry_run": true, "would_apply": "capped"}'),
       ('2026-01-01 00:30:00+00', 'capped', 3584, 4096, 2, 300,
        'Calculated size exceeded walrus.max', '{"delta": 2, "walrus_max_mb": 4096}');

-- The worker writes elsewhere; a session hears that once.
SELECT * FROM walrus.history();
SELECT "timestamp", action, new_size_mb, checkpoint_timeout_sec, metadata
  FROM walrus.history('2026-01-01 00:05:00+00', '2026-01-01 00:10:00+00');
SELECT count(*) AS to_this_day FROM walrus.history('2026-01-01 00:05:00.000001+00');
SELECT count(*) AS none FROM walrus.history('2026-01-02', '2026-01-01');
SELECT count(*) AS unknown FROM walrus.history(NULL);

-- Rows of the same time come as they were written.
SELECT array_agg(id ORDER BY ordinality) = array_agg(id ORDER BY "timestamp", id) AS in_order
  FROM walrus.history('-infinity', 'infinity') WITH ORDINALITY;

SELECT action, count(*), round(avg(new_size_mb - old_size_mb)) AS change
  FROM walrus.history GROUP BY action ORDER BY action COLLATE "C";
SELECT action, metadata ->> 'multiplier' AS multiplier, (metadata ->> 'dry_run')::boolean AS dry_run
  FROM walrus.history WHERE metadata ?| ARRAY['multiplier', 'dry_run']
 ORDER BY "timestamp";

-- Without the table there is no history.
ALTER TABLE walrus.history RENAME TO lost;
\set VERBOSITY sqlstate
SELECT * FROM walrus.history();
SELECT * FROM walrus.history('-infinity');
\set VERBOSITY default

DROP EXTENSION pg_walrus;
