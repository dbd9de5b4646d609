-- Roles belong to the whole cluster: another database may have made them, at this very moment,
-- and DROP EXTENSION leaves them. One that was there before may have been made for other ends.

DO $$
DECLARE
  wanted text;
  existing record;
  members text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['steep_repl_reader', 'steep_repl_operator', 'steep_repl_admin']
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      CONTINUE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
    SELECT r.oid, r.rolcanlogin, r.rolsuper OR r.rolcreaterole OR r.rolbypassrls AS mighty
      INTO STRICT existing
      FROM pg_roles AS r WHERE r.rolname = wanted;
    IF existing.rolcanlogin THEN
      EXECUTE format('ALTER ROLE %I NOLOGIN', wanted);
      RAISE WARNING 'role "%" existed already and could log in; now it cannot', wanted;
    END IF;
    IF existing.mighty THEN
      RAISE WARNING 'role "%" existed already and is more than an ordinary role', wanted
        USING HINT = 'ALTER ROLE ... NOSUPERUSER NOCREATEROLE NOBYPASSRLS makes it one.';
    END IF;
    SELECT string_agg(DISTINCT quote_ident(r.rolname), ', ')
      INTO members
      FROM pg_auth_members AS m
      JOIN pg_roles AS r ON r.oid = m.member
     WHERE m.roleid = existing.oid
       AND r.rolname NOT IN ('steep_repl_operator', 'steep_repl_admin');
    IF members IS NOT NULL THEN
      RAISE WARNING 'role "%" existed already and has members: %', wanted, members
        USING HINT = 'They can use this extension as members of the role.';
    END IF;
  END LOOP;

  -- Two databases at once may grant the same.
  BEGIN
    GRANT steep_repl_reader TO steep_repl_operator;
    GRANT steep_repl_operator TO steep_repl_admin;
  EXCEPTION WHEN unique_violation THEN
    NULL;
  END;
END
$$;

