-- Each setting has the type, unit, range, default and context that the README
-- promises, no session can change it, and bad values are refused with a reason.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

SELECT name, vartype, unit, boot_val, min_val, max_val, enumvals, context
  FROM pg_settings
 WHERE name IN ('walrus.enable', 'walrus.max', 'walrus.threshold', 'walrus.count_mode',
                'walrus.sample_interval_sec', 'walrus.database', 'walrus.libjvm',
                'walrus.classpath', 'walrus.jvm_options')
 ORDER BY name COLLATE "C";

-- The defaults as people read them: sizes with their unit.
SHOW walrus.enable;
SHOW walrus.max;
SHOW walrus.threshold;
SHOW walrus.count_mode;
SHOW walrus.sample_interval_sec;
SHOW walrus.database;

-- Every setting is explained.
SELECT name FROM pg_settings
 WHERE name LIKE 'walrus.%' AND (short_desc = '' OR extra_desc IS NULL OR extra_desc = '');

-- A session cannot change them.
SET walrus.enable = off;
SET walrus.max = '8GB';
SET walrus.threshold = 5;
SET walrus.database = 'template1';
SELECT set_config('walrus.threshold', '5', false);

-- The prefix is ours: a misspelt name is an error.
SET walrus.nope = 1;
SHOW walrus.nope;

-- Both ends of a range are taken, what lies beyond is not.
ALTER SYSTEM SET walrus.threshold = 1;
ALTER SYSTEM SET walrus.threshold = 1000;
ALTER SYSTEM SET walrus.threshold = 0;
ALTER SYSTEM SET walrus.threshold = 1001;
ALTER SYSTEM SET walrus.sample_interval_sec = 1;
ALTER SYSTEM SET walrus.sample_interval_sec = 300;
ALTER SYSTEM SET walrus.sample_interval_sec = 0;
ALTER SYSTEM SET walrus.sample_interval_sec = 301;
ALTER SYSTEM SET walrus.max = '2MB';
ALTER SYSTEM SET walrus.max = 2147483647;

-- The text of a range with units depends on the server's version.
\set VERBOSITY sqlstate
ALTER SYSTEM SET walrus.max = '1MB';
ALTER SYSTEM SET walrus.max = '1kB';
\set VERBOSITY default

-- No number, no unit, no switch, no choice.
ALTER SYSTEM SET walrus.max = 'abc';
ALTER SYSTEM SET walrus.max = '8XB';
ALTER SYSTEM SET walrus.enable = 'maybe';
ALTER SYSTEM SET walrus.count_mode = 'magic';

ALTER SYSTEM RESET walrus.threshold;
ALTER SYSTEM RESET walrus.sample_interval_sec;
ALTER SYSTEM RESET walrus.max;

-- What decides which code runs in the server is for superusers to see.
CREATE ROLE regress_walrus_reader;
SET ROLE regress_walrus_reader;
SHOW walrus.max;
SELECT name
  FROM pg_settings
 WHERE name IN ('walrus.enable', 'walrus.max', 'walrus.threshold', 'walrus.count_mode',
                'walrus.sample_interval_sec', 'walrus.database', 'walrus.libjvm',
                'walrus.classpath', 'walrus.jvm_options')
 ORDER BY name COLLATE "C";
\set VERBOSITY sqlstate
SHOW walrus.classpath;
SHOW walrus.libjvm;
SHOW walrus.jvm_options;
SHOW walrus.database;
ALTER SYSTEM SET walrus.enable = off;
\set VERBOSITY default
RESET ROLE;
DROP ROLE regress_walrus_reader;
