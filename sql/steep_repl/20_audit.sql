-- The audit log: who has changed what. Only its owner can change rows; others' changes come
-- here by triggers, and old rows go by a function that leaves a row itself.

CREATE TABLE steep_repl.audit_log (
  id bigserial CONSTRAINT audit_log_pkey PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL,
  actor text NOT NULL,
  target_type text,
  target_id text,
  old_value jsonb,
  new_value jsonb,
  client_ip inet,
  success boolean NOT NULL DEFAULT true,
  error_message text
);
CREATE INDEX idx_audit_log_occurred_at ON steep_repl.audit_log (occurred_at DESC);
CREATE INDEX idx_audit_log_actor ON steep_repl.audit_log (actor);
CREATE INDEX idx_audit_log_action ON steep_repl.audit_log (action);
CREATE INDEX idx_audit_log_target ON steep_repl.audit_log (target_type, target_id)
  WHERE target_type IS NOT NULL;

COMMENT ON TABLE steep_repl.audit_log IS 'who has changed what; rows outlive what they tell of';
COMMENT ON COLUMN steep_repl.audit_log.id IS 'a number of its own, not always in order of time';
COMMENT ON COLUMN steep_repl.audit_log.occurred_at IS 'by the clock';
COMMENT ON COLUMN steep_repl.audit_log.action IS 'for example node.registered';
COMMENT ON COLUMN steep_repl.audit_log.actor IS
  'the role of the session, the role that it had taken on, and its host';
COMMENT ON COLUMN steep_repl.audit_log.target_type IS 'for example node';
COMMENT ON COLUMN steep_repl.audit_log.target_id IS 'which one';
COMMENT ON COLUMN steep_repl.audit_log.old_value IS 'the row before';
COMMENT ON COLUMN steep_repl.audit_log.new_value IS 'the row after';
COMMENT ON COLUMN steep_repl.audit_log.client_ip IS 'null for a local socket';
COMMENT ON COLUMN steep_repl.audit_log.success IS 'whether it was done';
COMMENT ON COLUMN steep_repl.audit_log.error_message IS 'why not';

SELECT pg_catalog.pg_extension_config_dump('steep_repl.audit_log', '');
SELECT pg_catalog.pg_extension_config_dump('steep_repl.audit_log_id_seq', '');

-- While a dump is loaded, in whatever order, triggers write rows of their own. Each installation
-- counts from the microsecond of its beginning, so that none of them has an id of the dump.
SELECT pg_catalog.setval('steep_repl.audit_log_id_seq',
                         (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint);

CREATE FUNCTION steep_repl.actor() RETURNS text
  LANGUAGE sql STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
RETURN session_user
    || CASE WHEN current_setting('role') IN ('none', session_user) THEN ''
            ELSE ' as ' || current_setting('role') END
    || '@' || coalesce(host(inet_client_addr()), 'local');
COMMENT ON FUNCTION steep_repl.actor() IS 'who is at work, as the audit log names him';

CREATE FUNCTION steep_repl.write_audit(
  p_action text, p_actor text, p_target_type text, p_target_id text,
  p_old jsonb DEFAULT NULL, p_new jsonb DEFAULT NULL, p_error text DEFAULT NULL)
  RETURNS void
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_action', p_action);
  PERFORM steep_repl.require_argument('p_actor', p_actor);
  -- The sequence may have been set back.
  LOOP
    INSERT INTO steep_repl.audit_log
           (occurred_at, action, actor, target_type, target_id, old_value, new_value, client_ip,
            success, error_message)
    VALUES (clock_timestamp(), p_action, p_actor, p_target_type, p_target_id, p_old, p_new,
            inet_client_addr(), p_error IS NULL, p_error)
        ON CONFLICT (id) DO NOTHING;
    EXIT WHEN FOUND;
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.write_audit(text, text, text, text, jsonb, jsonb, text) IS
  'adds a row to the audit log; an error makes it one of a failure';

-- What both ways of pruning have in common.
CREATE FUNCTION steep_repl.delete_audit_rows(p_older_than interval) RETURNS bigint
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before timestamptz;
  deleted bigint;
BEGIN
  BEGIN
    before := clock_timestamp() - p_older_than;
  EXCEPTION WHEN datetime_field_overflow THEN
    before := '-infinity';
  END;
  DELETE FROM steep_repl.audit_log WHERE occurred_at < before;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  IF deleted > 0 THEN
    PERFORM steep_repl.write_audit('audit.pruned', steep_repl.actor(), 'audit', NULL, NULL,
                                   jsonb_build_object('before', before, 'rows', deleted));
  END IF;
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION steep_repl.delete_audit_rows(interval) IS
  'deletes older rows of the audit log and leaves one that says so';

-- It cannot see the role that calls it, so the limit is for all.
CREATE FUNCTION steep_repl.delete_old_audit_rows(p_older_than interval) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_older_than IS NULL OR p_older_than < interval '30 days' THEN
    RAISE EXCEPTION 'p_older_than must be at least 30 days, not %', p_older_than
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Only a superuser can delete younger rows of the audit log.';
  END IF;
  RETURN steep_repl.delete_audit_rows(p_older_than);
END
$$;
COMMENT ON FUNCTION steep_repl.delete_old_audit_rows(interval) IS
  'what prune_audit_log does for administrators';

CREATE FUNCTION steep_repl.prune_audit_log(p_older_than interval) RETURNS bigint
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.require_argument('p_older_than', p_older_than::text);
  IF p_older_than < interval '0' THEN
    RAISE EXCEPTION 'p_older_than must not be negative, not %', p_older_than
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF steep_repl.is_superuser() THEN
    RETURN steep_repl.delete_audit_rows(p_older_than);
  END IF;
  RETURN steep_repl.delete_old_audit_rows(p_older_than);
END
$$;
COMMENT ON FUNCTION steep_repl.prune_audit_log(interval) IS
  'deletes older rows of the audit log, returns how many, and leaves a row that says so';

REVOKE ALL ON TABLE steep_repl.audit_log FROM PUBLIC;
REVOKE ALL ON SEQUENCE steep_repl.audit_log_id_seq FROM PUBLIC;
GRANT SELECT ON TABLE steep_repl.audit_log TO steep_repl_reader;
REVOKE ALL ON FUNCTION
  steep_repl.write_audit(text, text, text, text, jsonb, jsonb, text),
  steep_repl.delete_audit_rows(interval), steep_repl.delete_old_audit_rows(interval),
  steep_repl.prune_audit_log(interval)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steep_repl.actor() TO PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.delete_old_audit_rows(interval), steep_repl.prune_audit_log(interval)
  TO steep_repl_admin;

