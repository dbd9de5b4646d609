-- What a job sets aside is written down from the catalog: nobody can have it say anything else, for
-- others to run.
\set SHOW_CONTEXT never
CREATE EXTENSION steep_repl;
SELECT steep_repl.disable_db(current_database()::text) <> '' AS disabled;
CREATE ROLE regress_aside_owner LOGIN;
CREATE ROLE regress_aside_other LOGIN;
GRANT steep_repl_operator TO regress_aside_owner, regress_aside_other;
CREATE TABLE public.parent (id integer PRIMARY KEY);
CREATE TABLE public.child (id integer CONSTRAINT child_fk REFERENCES public.parent);
COMMENT ON CONSTRAINT child_fk ON public.child IS 'of the child';
CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER child_trigger BEFORE INSERT ON public.child
  FOR EACH ROW EXECUTE FUNCTION public.nothing();
ALTER TABLE public.parent OWNER TO regress_aside_owner;
ALTER TABLE public.child OWNER TO regress_aside_owner;
SELECT c.oid AS key FROM pg_constraint AS c WHERE conname = 'child_fk' \gset
SELECT t.oid AS trigger FROM pg_trigger AS t WHERE tgname = 'child_trigger' \gset
SELECT node_id FROM steep_repl.register_node('here', 'Here');
INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id, status)
VALUES ('one', 'here', 'complete'), ('two', 'here', 'complete');
INSERT INTO steep_repl.work_queue (operation, snapshot_id, status, requested_by, requested_role)
VALUES ('snapshot_apply', 'one', 'running', 'regress_aside_owner', 'regress_aside_owner'::regrole),
       ('snapshot_apply', 'two', 'running', 'regress_aside_other', 'regress_aside_other'::regrole);
SELECT min(id) AS job, max(id) AS other_job FROM steep_repl.work_queue \gset

-- By hand nothing is written.
SET ROLE regress_aside_owner;
INSERT INTO steep_repl.dropped_constraints (work_queue_id, relation, name, referenced, definition)
VALUES (:job, 'public.child'::regclass, 'x', 'public.parent'::regclass, 'CHECK (true); SELECT 1');
INSERT INTO steep_repl.disabled_triggers VALUES (:job, 'public.child'::regclass, 'x', 'O');

-- Neither for the job of another, nor of the table of another, nor of what is no foreign key.
SELECT steep_repl.note_foreign_key(:other_job, :key);
SELECT steep_repl.note_trigger(:other_job, :trigger);
SELECT steep_repl.note_foreign_key(-1, :key);
SELECT steep_repl.note_foreign_key(:job, 'public.parent'::regclass);
SELECT steep_repl.note_trigger(:job, 'public.parent'::regclass);
SET ROLE regress_aside_other;
SELECT steep_repl.note_foreign_key(:other_job, :key) IS NULL AS written;
SELECT steep_repl.note_trigger(:other_job, :trigger) IS NULL AS written;

-- What is there cannot be made to say anything else.
SET ROLE regress_aside_owner;
SELECT steep_repl.set_foreign_keys_aside(:job, ARRAY['public.child'::regclass::oid]);
SELECT steep_repl.set_triggers_aside(:job, ARRAY['public.child'::regclass::oid]);
UPDATE steep_repl.dropped_constraints SET definition = 'CHECK (true); SELECT 1';
UPDATE steep_repl.dropped_constraints SET relation = 0;
UPDATE steep_repl.disabled_triggers SET name = 'x';
SELECT relation::regclass, name, referenced::regclass, definition, description, is_unvalidated
  FROM steep_repl.dropped_constraints;
SELECT relation::regclass, name, enabled FROM steep_repl.disabled_triggers;
SELECT count(*) FROM pg_constraint WHERE conname = 'child_fk';
SELECT steep_repl.restore_constraints(:job);
SELECT pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
  FROM pg_constraint WHERE conname = 'child_fk';
SELECT tgenabled FROM pg_trigger WHERE tgname = 'child_trigger';
SELECT count(*) FROM steep_repl.dropped_constraints;
RESET ROLE;

DROP TABLE public.child, public.parent;
DROP FUNCTION public.nothing();
SELECT steep_repl.unregister_db(current_database()::text) <> '' AS unregistered;
DROP EXTENSION steep_repl;
DROP ROLE regress_aside_owner, regress_aside_other;
