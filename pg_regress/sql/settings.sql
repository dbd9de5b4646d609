-- Each setting has the type, unit, range, default and context that the README
-- promises, no session can change it, and bad values are refused with a reason.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

SELECT name, vartype, unit, boot_val, min_val, max_val, enumvals, context
  FROM pg_settings
 WHERE name LIKE 'walrus.%'
 ORDER BY name COLLATE "C";

-- The defaults as people read them: sizes with their unit, times without.
SHOW walrus.enable;
SHOW walrus.max;
SHOW walrus.min_size;
SHOW walrus.additive_increment_mb;
SHOW walrus.cooldown_sec;
SHOW walrus.history_retention_days;
SHOW walrus.database;

-- Every setting is explained.
SELECT name FROM pg_settings
 WHERE name LIKE 'walrus.%' AND (short_desc = '' OR extra_desc IS NULL OR extra_desc = '');

-- A session cannot change them.
SET walrus.enable = off;
SET walrus.max = '8GB';
SET walrus.profiles = '[]';
SET walrus.database = 'template1';
SELECT set_config('walrus.threshold', '5', false);

-- The prefix is ours: a misspelt name is an error.
SET walrus.nope = 1;
SHOW walrus.nope;

-- Both ends of a range are taken.
ALTER SYSTEM SET walrus.threshold = 1;
ALTER SYSTEM SET walrus.threshold = 1000;
ALTER SYSTEM SET walrus.sample_interval_sec = 1;
ALTER SYSTEM SET walrus.sample_interval_sec = 300;
ALTER SYSTEM SET walrus.max = '2MB';
ALTER SYSTEM SET walrus.max = 2147483647;
ALTER SYSTEM SET walrus.shrink_factor = 0.01;
ALTER SYSTEM SET walrus.shrink_factor = 0.99;
ALTER SYSTEM SET walrus.history_retention_days = 0;
ALTER SYSTEM SET walrus.history_retention_days = 3650;
ALTER SYSTEM SET walrus.headroom = 0;
ALTER SYSTEM SET walrus.headroom = 1;
ALTER SYSTEM SET walrus.headroom = 10;

-- What lies beyond is not.
ALTER SYSTEM SET walrus.threshold = 0;
ALTER SYSTEM SET walrus.threshold = 1001;
ALTER SYSTEM SET walrus.sample_interval_sec = 0;
ALTER SYSTEM SET walrus.sample_interval_sec = 301;
ALTER SYSTEM SET walrus.shrink_factor = 0.0;
ALTER SYSTEM SET walrus.shrink_factor = 1.0;
ALTER SYSTEM SET walrus.shrink_intervals = 0;
ALTER SYSTEM SET walrus.shrink_intervals = 1001;
ALTER SYSTEM SET walrus.history_retention_days = -1;
ALTER SYSTEM SET walrus.history_retention_days = 3651;
ALTER SYSTEM SET walrus.cooldown_sec = -1;
ALTER SYSTEM SET walrus.cooldown_sec = 86401;
ALTER SYSTEM SET walrus.max_changes_per_hour = -1;
ALTER SYSTEM SET walrus.max_changes_per_hour = 1001;
ALTER SYSTEM SET walrus.ema_alpha = 0;
ALTER SYSTEM SET walrus.ema_alpha = 1.01;
ALTER SYSTEM SET walrus.target_percentile = 0.9;
ALTER SYSTEM SET walrus.target_percentile = 100.1;
ALTER SYSTEM SET walrus.disk_reserve_pct = 90.1;
ALTER SYSTEM SET walrus.recovery_target_sec = 86401;
ALTER SYSTEM SET walrus.replay_rate_mb_sec = 0;

-- The text of a range with units depends on the server's version.
\set VERBOSITY sqlstate
ALTER SYSTEM SET walrus.max = '1MB';
ALTER SYSTEM SET walrus.max = '1kB';
ALTER SYSTEM SET walrus.min_size = 1;
ALTER SYSTEM SET walrus.additive_increment_mb = 0;
ALTER SYSTEM SET walrus.additive_increment_mb = '1025GB';
\set VERBOSITY default

-- No number, no unit, no switch, no choice.
ALTER SYSTEM SET walrus.max = 'abc';
ALTER SYSTEM SET walrus.max = '8XB';
ALTER SYSTEM SET walrus.enable = 'maybe';
ALTER SYSTEM SET walrus.count_mode = 'magic';
ALTER SYSTEM SET walrus.algorithm = 'magic';
ALTER SYSTEM SET walrus.apply_mode = 'magic';

-- Values of the right type that mean nothing.
ALTER SYSTEM SET walrus.headroom = 0.5;
ALTER SYSTEM SET walrus.profile_timezone = 'Europe/Berlin';
ALTER SYSTEM SET walrus.profile_timezone = 'Mars/Olympus';

SELECT repeat('c', 63) AS longest, repeat('c', 64) AS too_long \gset
ALTER SYSTEM SET walrus.notify_channel = :'longest';
ALTER SYSTEM SET walrus.notify_channel = :'too_long';
ALTER SYSTEM SET walrus.notify_channel = '';

-- Profiles are JSON of any shape here, within bounds; the parser's words
-- depend on the server's version.
ALTER SYSTEM SET walrus.profiles = '[{"name": "night"}]';
SELECT repeat('[', 32) || repeat(']', 32) AS deepest,
       repeat('[', 33) || repeat(']', 33) AS too_deep,
       '"' || repeat('[', 65533) || '"' AS longest,
       '"' || repeat('[', 65534) || '"' AS too_long \gset
ALTER SYSTEM SET walrus.profiles = :'deepest';
ALTER SYSTEM SET walrus.profiles = :'longest';
-- The server's log need not have them.
SET log_min_messages = fatal;
\set VERBOSITY sqlstate
ALTER SYSTEM SET walrus.profiles = :'too_deep';
ALTER SYSTEM SET walrus.profiles = :'too_long';
RESET log_min_messages;
ALTER SYSTEM SET walrus.profiles = '[';
ALTER SYSTEM SET walrus.profiles = '[{"name": night}]';
ALTER SYSTEM SET walrus.profiles = '[] []';
\set VERBOSITY terse
ALTER SYSTEM SET walrus.profiles = 'night';
\set VERBOSITY default
ALTER SYSTEM SET walrus.profiles = '';

ALTER SYSTEM RESET walrus.threshold;
ALTER SYSTEM RESET walrus.sample_interval_sec;
ALTER SYSTEM RESET walrus.max;
ALTER SYSTEM RESET walrus.shrink_factor;
ALTER SYSTEM RESET walrus.history_retention_days;
ALTER SYSTEM RESET walrus.headroom;
ALTER SYSTEM RESET walrus.profile_timezone;
ALTER SYSTEM RESET walrus.notify_channel;
ALTER SYSTEM RESET walrus.profiles;
SELECT name FROM pg_file_settings WHERE name LIKE 'walrus.%';

-- What decides which code runs in the server is for superusers to see.
CREATE ROLE regress_walrus_reader;
SET ROLE regress_walrus_reader;
SHOW walrus.max;
SELECT name FROM unnest(ARRAY['walrus.classpath', 'walrus.database', 'walrus.jvm_options',
                              'walrus.libjvm', 'walrus.profiles']) AS name
  JOIN pg_settings USING (name);
\set VERBOSITY sqlstate
SHOW walrus.classpath;
SHOW walrus.libjvm;
SHOW walrus.jvm_options;
SHOW walrus.database;
ALTER SYSTEM SET walrus.enable = off;
\set VERBOSITY default
RESET ROLE;
DROP ROLE regress_walrus_reader;
