-- walrus.metrics_prometheus() keeps to the text format 0.0.4, which a strict
-- reader checks here, and tells what walrus.metrics() has as rows.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';

CREATE EXTENSION pg_walrus;

SELECT metric, type, labels - 'version' AS labels FROM walrus.metrics()
 ORDER BY metric COLLATE "C", labels;
SELECT metric FROM walrus.metrics() WHERE help = '' OR value IS NULL OR value < 0;

SELECT m.metric, m.value = s.setting::float8 * 1048576 AS same
  FROM walrus.metrics() AS m
  JOIN (VALUES ('walrus_max_wal_size_bytes', 'max_wal_size'),
               ('walrus_max_allowed_bytes', 'walrus.max')) AS p(metric, name) USING (metric)
  JOIN pg_settings AS s USING (name)
 ORDER BY m.metric COLLATE "C";

DO $$
DECLARE
  document text := walrus.metrics_prometheus();
  name CONSTANT text := '[a-zA-Z_:][a-zA-Z0-9_:]*';
  label CONSTANT text := '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"';
  value CONSTANT text := '(?:NaN|[+-]?(?:Inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?))';
  line text;
  part text[];
  helped text;
  typed text;
  seen text[] := '{}';
  samples integer := 0;
BEGIN
  IF document !~ E'[^\n]\n$' OR document ~ E'\r|\n\n' THEN
    RAISE 'lines do not end as they should';
  END IF;
  FOREACH line IN ARRAY string_to_array(rtrim(document, E'\n'), E'\n') LOOP
    IF line LIKE '# HELP %' THEN
      part := regexp_match(line, '^# HELP (' || name || ') (\S.*)$');
      IF part IS NULL OR part[1] = ANY (seen) THEN
        RAISE 'bad or repeated help: %', line;
      END IF;
      helped := part[1];
      seen := seen || helped;
    ELSIF line LIKE '#%' THEN
      part := regexp_match(line, '^# TYPE (' || name || ') (counter|gauge)$');
      IF part IS NULL OR part[1] <> helped THEN
        RAISE 'bad type, or not after its help: %', line;
      END IF;
      IF (part[2] = 'counter') <> (part[1] LIKE '%\_total') THEN
        RAISE 'a counter, and no gauge, is named total: %', line;
      END IF;
      typed := part[1];
    ELSE
      part := regexp_match(line, '^((' || name || ')(?:\{' || label || '(?:,' || label
                                 || ')*\})?) ' || value || '$');
      IF part IS NULL OR part[2] <> helped OR part[2] <> typed THEN
        RAISE 'bad sample, or not after its type: %', line;
      END IF;
      IF part[1] = ANY (seen) AND part[1] <> part[2] OR line LIKE '% -%' THEN
        RAISE 'repeated or negative: %', line;
      END IF;
      seen := seen || part[1];
      samples := samples + 1;
    END IF;
  END LOOP;
  IF samples <> (SELECT count(*) FROM walrus.metrics()) THEN
    RAISE '% samples', samples;
  END IF;
END
$$;

-- Labels may hold anything.
SELECT walrus.prometheus_labels('{"a": "plain", "bc": "\\ \" \n Ω"}') AS labels;
SELECT walrus.prometheus_labels('{}') = '' AS none, walrus.prometheus_labels(NULL) = '' AS missing;

DROP EXTENSION pg_walrus;
