-- What the functions make of each answer of the worker, whose part a function
-- takes here: nothing of the server is changed.
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
\set SHOW_CONTEXT never

CREATE EXTENSION pg_walrus;

-- A request that the extension does not know is refused.
SELECT walrus.ask('nonsense', '');
SELECT walrus.ask('recommendation', NULL);

CREATE TABLE regress_walrus_answers (request text PRIMARY KEY, answer text);
CREATE OR REPLACE FUNCTION walrus.ask(request text, argument text) RETURNS text
LANGUAGE plpgsql STRICT AS $$
BEGIN
  RAISE INFO '% (%)', request, argument;
  RETURN (SELECT a.answer FROM public.regress_walrus_answers AS a WHERE a.request = ask.request);
END
$$;

INSERT INTO regress_walrus_answers VALUES
  ('recommendation', '{"current_size_mb": 1024, "recommended_size_mb": 2048,
    "action": "increase", "reason": "because", "confidence": 85, "evidence": {"samples": 3},
    "limited_by": "none", "dry_run": false}'),
  ('apply', '{"analyzed": true, "recommendation": {"action": "increase"}, "applied": true,
    "effective": null, "blocked_by": null}'),
  ('release', '{"released": true}'),
  ('simulate', '{"steps": [[2048, 3, "increase"], [2048, 0, "none"]]}');

SELECT walrus.recommendation();
SELECT walrus.analyze();
SELECT walrus.analyze(apply := true);
SELECT walrus.release();
SELECT walrus.release(64);
SELECT * FROM walrus.simulate(ARRAY[20, 0.00049]);
SELECT * FROM walrus.simulate(rate_mb_sec => '{1,2}', start_size_mb => 512, max_mb => 8192,
  threshold => 3, shrink_factor => 0.5, shrink_intervals => 7, min_size_mb => 256,
  algorithm => 'adaptive', proactive_sizing => true, checkpoint_timeout_sec => 60);

-- What is not worth asking.
SELECT walrus.release(1);
SELECT * FROM walrus.simulate(NULL);
SELECT * FROM walrus.simulate('{}');
SELECT * FROM walrus.simulate(array_fill(1::float8, ARRAY[501]));
SELECT * FROM walrus.simulate(ARRAY[1, NULL]);
SELECT * FROM walrus.simulate(ARRAY[1, -1]);
SELECT * FROM walrus.simulate(ARRAY[1, 'NaN'::float8]);
SELECT * FROM walrus.simulate(ARRAY[1, 'Infinity'::float8]);
SELECT * FROM walrus.simulate('{1}', start_size_mb => 1);
SELECT * FROM walrus.simulate('{1}', threshold => 0);
SELECT * FROM walrus.simulate('{1}', shrink_factor => 1);
SELECT * FROM walrus.simulate('{1}', algorithm => 'magic');
SELECT * FROM walrus.simulate('{1}', checkpoint_timeout_sec => 29);

-- No answer.
UPDATE regress_walrus_answers SET answer = '{"error": "worker not running"}';
SELECT walrus.recommendation() - ARRAY['current_size_mb', 'recommended_size_mb'] AS answer;
SELECT a - 'recommendation' AS answer, a #>> '{recommendation,action}' AS action
  FROM walrus.analyze() AS a;
SELECT a - 'recommendation' AS answer, a #>> '{recommendation,action}' AS action
  FROM walrus.analyze(apply := true) AS a;
SELECT walrus.release();
SELECT * FROM walrus.simulate('{1}');

DROP TABLE regress_walrus_answers;
DROP EXTENSION pg_walrus;
