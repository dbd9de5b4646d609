-- Foreign keys and triggers of tables that are loaded: set aside before, put back afterwards, by
-- the role of the job. What is set aside is written down in the same transaction.

-- The foreign key that one of a partition comes from.
CREATE FUNCTION steep_repl.root_constraint(p_constraint oid) RETURNS oid
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
WITH RECURSIVE up (id, parent) AS (
  SELECT c.oid, c.conparentid FROM pg_catalog.pg_constraint AS c WHERE c.oid = p_constraint
   UNION ALL
  SELECT c.oid, c.conparentid
    FROM up JOIN pg_catalog.pg_constraint AS c ON c.oid = up.parent
)
SELECT id FROM up WHERE parent = 0
$$;
COMMENT ON FUNCTION steep_repl.root_constraint(oid) IS
  'the constraint of a partitioned table that one of its partition belongs to; internal';

-- What is written down is what the catalog says, of a table of the role's own: others may run it
-- later, with more rights.
CREATE FUNCTION steep_repl.check_set_aside(p_role oid, p_id bigint, p_relation oid) RETURNS void
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM steep_repl.work_queue AS w
                  WHERE w.id = p_id AND w.operation = 'snapshot_apply' AND w.status = 'running'
                    AND pg_has_role(p_role, w.requested_role, 'USAGE')) THEN
    RAISE EXCEPTION 'job % applies no snapshot for role "%"', p_id, p_role::regrole
      USING ERRCODE = 'insufficient_privilege';
  ELSIF p_relation IS NULL THEN
    RAISE EXCEPTION 'there is no such foreign key or trigger'
      USING ERRCODE = 'undefined_object';
  ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                     WHERE c.oid = p_relation AND pg_has_role(p_role, c.relowner, 'USAGE')) THEN
    RAISE EXCEPTION 'must be owner of table %', p_relation::regclass
      USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.check_set_aside(oid, bigint, oid) IS
  'refuses to write down what is not a job''s to set aside; internal';

-- Behind note_foreign_key().
CREATE FUNCTION steep_repl.note_foreign_key_for(p_role oid, p_id bigint, p_constraint oid)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key pg_catalog.pg_constraint;
BEGIN
  SELECT * INTO key FROM pg_catalog.pg_constraint WHERE oid = p_constraint AND contype = 'f';
  PERFORM steep_repl.check_set_aside(p_role, p_id, key.conrelid);
  -- One that a failed job has made again as NOT VALID keeps what it was before.
  INSERT INTO steep_repl.dropped_constraints AS d
         (work_queue_id, relation, name, referenced, definition, description)
  VALUES (p_id, key.conrelid, key.conname, key.confrelid, pg_get_constraintdef(key.oid),
          obj_description(key.oid, 'pg_constraint'))
      ON CONFLICT (relation, name) DO UPDATE
     SET work_queue_id = p_id, is_unvalidated = false, referenced = excluded.referenced,
         description = excluded.description,
         definition = CASE WHEN d.is_unvalidated AND NOT key.convalidated THEN d.definition
                           ELSE excluded.definition END;
END
$$;
COMMENT ON FUNCTION steep_repl.note_foreign_key_for(oid, bigint, oid) IS
  'writes down a foreign key on behalf of a role; internal';

CREATE FUNCTION steep_repl.note_foreign_key(p_id bigint, p_constraint oid) RETURNS void
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_note_foreign_key';
COMMENT ON FUNCTION steep_repl.note_foreign_key(bigint, oid) IS
  'writes down a foreign key that a job is about to drop; internal';

-- Behind note_trigger().
CREATE FUNCTION steep_repl.note_trigger_for(p_role oid, p_id bigint, p_trigger oid) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  trigger pg_catalog.pg_trigger;
BEGIN
  SELECT * INTO trigger FROM pg_catalog.pg_trigger WHERE oid = p_trigger AND NOT tgisinternal;
  PERFORM steep_repl.check_set_aside(p_role, p_id, trigger.tgrelid);
  INSERT INTO steep_repl.disabled_triggers AS d (work_queue_id, relation, name, enabled)
  VALUES (p_id, trigger.tgrelid, trigger.tgname, trigger.tgenabled)
      ON CONFLICT (relation, name) DO UPDATE SET work_queue_id = p_id, enabled = excluded.enabled;
END
$$;
COMMENT ON FUNCTION steep_repl.note_trigger_for(oid, bigint, oid) IS
  'writes down a trigger on behalf of a role; internal';

CREATE FUNCTION steep_repl.note_trigger(p_id bigint, p_trigger oid) RETURNS void
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_note_trigger';
COMMENT ON FUNCTION steep_repl.note_trigger(bigint, oid) IS
  'writes down a trigger that a job is about to disable; internal';

CREATE FUNCTION steep_repl.set_foreign_keys_aside(p_id bigint, p_tables oid[]) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key record;
BEGIN
  FOR key IN
    SELECT c.oid, c.conrelid, c.conname
      FROM pg_catalog.pg_constraint AS c
     WHERE c.oid IN (SELECT steep_repl.root_constraint(f.oid) FROM pg_catalog.pg_constraint AS f
                      WHERE f.contype = 'f' AND f.conrelid = ANY (p_tables))
     ORDER BY c.conrelid, c.conname
  LOOP
    PERFORM steep_repl.note_foreign_key(p_id, key.oid);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', key.conrelid::regclass, key.conname);
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.set_foreign_keys_aside(bigint, oid[]) IS
  'drops the foreign keys of tables and writes them down; internal';

-- Those that loading or emptying a table would fire.
CREATE FUNCTION steep_repl.set_triggers_aside(p_id bigint, p_tables oid[]) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  trigger record;
BEGIN
  FOR trigger IN
    SELECT t.oid, t.tgrelid, t.tgname
      FROM pg_catalog.pg_trigger AS t
     WHERE t.tgrelid = ANY (p_tables) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
       -- TRIGGER_TYPE_INSERT and TRIGGER_TYPE_TRUNCATE of catalog/pg_trigger.h
       AND t.tgtype & (4 | 32) <> 0
     ORDER BY t.tgrelid, t.tgname
  LOOP
    PERFORM steep_repl.note_trigger(p_id, trigger.oid);
    EXECUTE format('ALTER TABLE ONLY %s DISABLE TRIGGER %I', trigger.tgrelid::regclass,
                   trigger.tgname);
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.set_triggers_aside(bigint, oid[]) IS
  'disables the triggers of tables and writes them down; internal';

CREATE FUNCTION steep_repl.put_triggers_back(p_id bigint) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  trigger record;
BEGIN
  FOR trigger IN
    DELETE FROM steep_repl.disabled_triggers WHERE work_queue_id = p_id RETURNING *
  LOOP
    CONTINUE WHEN NOT EXISTS (
      SELECT FROM pg_catalog.pg_trigger AS t
       WHERE t.tgrelid = trigger.relation AND t.tgname = trigger.name AND t.tgenabled = 'D');
    EXECUTE format('ALTER TABLE ONLY %s ENABLE %s TRIGGER %I', trigger.relation::regclass,
                   CASE trigger.enabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' END,
                   trigger.name);
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.put_triggers_back(bigint) IS
  'enables the triggers that a job has disabled, as they were; internal';

-- One that nobody has made again meanwhile. Not validated it stays written down; a partitioned
-- table has no such foreign keys before PostgreSQL 18.
CREATE FUNCTION steep_repl.put_foreign_key_back(
  p_relation oid, p_name name, p_validated boolean DEFAULT true) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key steep_repl.dropped_constraints;
  existing record;
  kind "char" := (SELECT c.relkind FROM pg_catalog.pg_class AS c WHERE c.oid = p_relation);
BEGIN
  IF kind = 'p' AND current_setting('server_version_num')::integer < 180000 THEN
    p_validated := true;
  END IF;
  SELECT * INTO key FROM steep_repl.dropped_constraints
   WHERE relation = p_relation AND name = p_name FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT c.oid, c.convalidated INTO existing
    FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = p_relation AND c.conname = p_name;
  IF kind IS NULL THEN
    p_validated := true;
  ELSIF existing.oid IS NULL THEN
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', p_relation::regclass, p_name,
                   key.definition,
                   CASE WHEN NOT p_validated AND key.definition !~ ' NOT VALID$'
                        THEN ' NOT VALID' END);
    IF key.description IS NOT NULL THEN
      EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', p_name, p_relation::regclass,
                     key.description);
    END IF;
  ELSIF p_validated AND NOT existing.convalidated AND key.definition !~ ' NOT VALID$' THEN
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', p_relation::regclass, p_name);
  END IF;
  IF p_validated OR key.definition ~ ' NOT VALID$' THEN
    DELETE FROM steep_repl.dropped_constraints WHERE relation = p_relation AND name = p_name;
  ELSE
    UPDATE steep_repl.dropped_constraints SET is_unvalidated = true
     WHERE relation = p_relation AND name = p_name;
  END IF;
END
$$;
COMMENT ON FUNCTION steep_repl.put_foreign_key_back(oid, name, boolean) IS
  'makes a foreign key again that a job has dropped';

-- After a job that has failed: at once, as the rows that are missing would violate them. With no
-- file loaded the tables are as they were.
CREATE FUNCTION steep_repl.put_back(p_id bigint) RETURNS text
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  loaded boolean := EXISTS (SELECT FROM steep_repl.files_applied(p_id));
  key record;
  left_out text;
BEGIN
  PERFORM steep_repl.put_triggers_back(p_id);
  FOR key IN
    SELECT * FROM steep_repl.dropped_constraints
     WHERE work_queue_id = p_id AND NOT is_unvalidated
     ORDER BY relation, name
  LOOP
    BEGIN
      PERFORM steep_repl.put_foreign_key_back(key.relation, key.name, NOT loaded);
    EXCEPTION WHEN OTHERS THEN
      left_out := concat_ws(', ', left_out, format('%I of table %s (%s)', key.name,
                                                  key.relation::regclass, SQLERRM));
    END;
  END LOOP;
  RETURN left_out;
END
$$;
COMMENT ON FUNCTION steep_repl.put_back(bigint) IS
  'puts triggers and foreign keys back that a failed job has set aside; tells which it could not';

-- By hand, once what is missing is there.
CREATE FUNCTION steep_repl.restore_constraints(p_work_queue_id bigint) RETURNS integer
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key record;
  restored integer := 0;
BEGIN
  PERFORM steep_repl.require_argument('p_work_queue_id', p_work_queue_id::text);
  PERFORM steep_repl.put_triggers_back(p_work_queue_id);
  FOR key IN
    SELECT * FROM steep_repl.dropped_constraints WHERE work_queue_id = p_work_queue_id
     ORDER BY relation, name
  LOOP
    PERFORM steep_repl.put_foreign_key_back(key.relation, key.name);
    restored := restored + 1;
  END LOOP;
  RETURN restored;
END
$$;
COMMENT ON FUNCTION steep_repl.restore_constraints(bigint) IS
  'makes the foreign keys of a job as they were before it; returns how many';

-- Before the second half of a schema is built again. pg_restore drops what there is of it, but
-- it begins with partitions, whose keys can go with those of their parent only, and it leaves out
-- their indexes, which may not be attached yet. The foreign keys go first, as they need the keys.
CREATE FUNCTION steep_repl.drop_partitioned_keys(p_tables oid[]) RETURNS integer
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parents oid[] := ARRAY(SELECT DISTINCT a.relid::oid
                           FROM unnest(p_tables) AS t(relation),
                                pg_partition_ancestors(t.relation::regclass) AS a
                           JOIN pg_catalog.pg_class AS c ON c.oid = a.relid AND c.relkind = 'p');
  ours oid[] := p_tables || parents;
  command text;
  dropped integer := 0;
BEGIN
  FOR command IN
    SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', k.conrelid::regclass, k.conname)
      FROM pg_catalog.pg_constraint AS k
     WHERE k.conparentid = 0
       AND CASE k.contype WHEN 'f' THEN k.conrelid = ANY (ours) AND k.confrelid = ANY (ours)
                ELSE k.contype IN ('p', 'u', 'x') AND k.conrelid = ANY (parents) END
     ORDER BY k.contype <> 'f', k.oid
  LOOP
    EXECUTE command;
    dropped := dropped + 1;
  END LOOP;
  FOR command IN
    SELECT format('DROP INDEX IF EXISTS %s', i.indexrelid::regclass)
      FROM pg_catalog.pg_index AS i
      JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
     WHERE i.indrelid = ANY (ours) AND (c.relispartition OR c.relkind = 'p')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = i.indexrelid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                        WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
  LOOP
    EXECUTE command;
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END
$$;
COMMENT ON FUNCTION steep_repl.drop_partitioned_keys(oid[]) IS
  'drops the keys and indexes of the partitioned tables that tables are parts of; internal';

REVOKE ALL ON FUNCTION
  steep_repl.check_set_aside(oid, bigint, oid),
  steep_repl.note_foreign_key_for(oid, bigint, oid), steep_repl.note_trigger_for(oid, bigint, oid),
  steep_repl.note_foreign_key(bigint, oid), steep_repl.note_trigger(bigint, oid),
  steep_repl.drop_partitioned_keys(oid[]), steep_repl.root_constraint(oid), steep_repl.set_foreign_keys_aside(bigint, oid[]),
  steep_repl.set_triggers_aside(bigint, oid[]), steep_repl.put_triggers_back(bigint),
  steep_repl.put_foreign_key_back(oid, name, boolean), steep_repl.put_back(bigint),
  steep_repl.restore_constraints(bigint)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  steep_repl.note_foreign_key(bigint, oid), steep_repl.note_trigger(bigint, oid),
  steep_repl.drop_partitioned_keys(oid[]), steep_repl.root_constraint(oid), steep_repl.set_foreign_keys_aside(bigint, oid[]),
  steep_repl.set_triggers_aside(bigint, oid[]), steep_repl.put_triggers_back(bigint),
  steep_repl.put_foreign_key_back(oid, name, boolean), steep_repl.put_back(bigint),
  steep_repl.restore_constraints(bigint)
  TO steep_repl_operator;
