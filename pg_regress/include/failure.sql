-- What a statement fails with.
CREATE FUNCTION pg_temp.failure(sql text, OUT state text, OUT message text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  message := 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
    hint = PG_EXCEPTION_HINT;
  hint := nullif(hint, '');
END
$$;
