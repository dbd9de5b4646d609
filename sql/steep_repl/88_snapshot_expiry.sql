-- Snapshots and kept slots that nobody wants any more after a time. The sweeper sees to them, as the
-- owner of the extension; the launcher sends it when the time has come.

CREATE FUNCTION steep_repl.wake_at(p_time timestamptz) RETURNS void
  LANGUAGE c STRICT
  SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'steep_wake_at';
COMMENT ON FUNCTION steep_repl.wake_at(timestamptz) IS
  'has a sweeper look at this database then, once the transaction has committed; internal';

-- One that could not be applied, or not to its end, has its files as before.
CREATE FUNCTION steep_repl.is_made(p_snapshot steep_repl.snapshots) RETURNS boolean
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT (p_snapshot).status IN ('complete', 'applied')
       OR (p_snapshot).status IN ('failed', 'cancelled') AND (p_snapshot).checksum IS NOT NULL
$$;
COMMENT ON FUNCTION steep_repl.is_made(steep_repl.snapshots) IS
  'whether a snapshot has been made, and no job is at work on it; internal';

CREATE FUNCTION steep_repl.note_expiry() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.wake_at(NEW.expires_at);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION steep_repl.note_expiry() IS 'tells the launcher when something expires';
CREATE TRIGGER snapshots_expiry AFTER INSERT OR UPDATE OF expires_at, status
  ON steep_repl.snapshots
  FOR EACH ROW
  WHEN (NEW.expires_at IS NOT NULL
        AND NEW.status IN ('complete', 'applied', 'failed', 'cancelled'))
  EXECUTE FUNCTION steep_repl.note_expiry();
CREATE TRIGGER init_slots_expiry AFTER INSERT OR UPDATE OF expires_at ON steep_repl.init_slots
  FOR EACH ROW WHEN (NEW.expires_at IS NOT NULL)
  EXECUTE FUNCTION steep_repl.note_expiry();

-- Slots that go at their time, those of snapshots alone: operators write to init_slots, and must
-- not have others' slots dropped by that.
CREATE FUNCTION steep_repl.expiring_slots()
  RETURNS TABLE (slot_name name, expires_at timestamptz, active boolean)
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT r.slot_name, i.expires_at, r.active
  FROM steep_repl.init_slots AS i
  JOIN pg_catalog.pg_replication_slots AS r ON r.slot_name = i.slot_name
 WHERE EXISTS (SELECT FROM steep_repl.snapshots AS s
                WHERE s.manifest ->> 'slot_name' = i.slot_name
                  AND steep_repl.kept_slot(s.snapshot_id) = i.slot_name)
$$;
COMMENT ON FUNCTION steep_repl.expiring_slots() IS
  'kept slots that nobody has used, and when they expire; internal';

CREATE FUNCTION steep_repl.expire_slots() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  expired name;
BEGIN
  FOR expired IN
    SELECT e.slot_name FROM steep_repl.expiring_slots() AS e
     WHERE e.expires_at <= clock_timestamp() AND NOT e.active
  LOOP
    BEGIN
      DELETE FROM steep_repl.init_slots WHERE slot_name = expired;
      PERFORM pg_drop_replication_slot(expired);
      PERFORM steep_repl.write_audit('slot.expired', session_user || '@sweeper', 'slot', expired);
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING 'replication slot "%" has expired, and could not be dropped: %', expired, SQLERRM
        USING HINT = 'It keeps WAL: drop it with pg_drop_replication_slot().';
    END;
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.expire_slots() IS 'drops kept slots that have expired; internal';

-- A job of the role that has made the snapshot, as it alone may have its files removed.
CREATE FUNCTION steep_repl.queue_removal(p_snapshot_id text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  work steep_repl.work_queue;
BEGIN
  SELECT * INTO work FROM steep_repl.work_queue AS w
   WHERE w.snapshot_id = p_snapshot_id AND w.operation = 'snapshot_generate'
     AND steep_repl.is_from_here(w)
   ORDER BY w.id DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no job of this server has made it' USING ERRCODE = 'undefined_object';
  END IF;
  PERFORM steep_repl.require_idle_snapshot('snapshot_delete', p_snapshot_id);
  work.operation := 'snapshot_delete';
  work.params := '{}';
  work.retry_of := NULL;
  PERFORM steep_repl.insert_work(work);
END
$$;
COMMENT ON FUNCTION steep_repl.queue_removal(text) IS
  'queues the deletion of a snapshot that has expired; internal';

CREATE FUNCTION steep_repl.expire_snapshots() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  expired text;
BEGIN
  -- A row that somebody holds is for the next time.
  FOR expired IN
    SELECT s.snapshot_id FROM steep_repl.snapshots AS s
     WHERE steep_repl.is_made(s) AND s.expires_at <= clock_timestamp()
     ORDER BY s.expires_at FOR UPDATE SKIP LOCKED
  LOOP
    UPDATE steep_repl.snapshots SET status = 'expired' WHERE snapshot_id = expired;
    PERFORM steep_repl.write_audit('snapshot.expired', session_user || '@sweeper', 'snapshot',
                                   expired);
    IF current_setting('steep_repl.expired_snapshots', true) = 'remove' THEN
      BEGIN
        PERFORM steep_repl.queue_removal(expired);
      EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'snapshot "%" has expired, and its files are left: %', expired, SQLERRM
          USING HINT = 'Delete it with steep_repl.delete_snapshot().';
      END;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION steep_repl.expire_snapshots() IS
  'marks snapshots that have expired, and has them removed if that is set; internal';

-- What is wrong here must not keep the queue from being mended.
CREATE FUNCTION steep_repl.expire() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM steep_repl.expire_snapshots();
  PERFORM steep_repl.expire_slots();
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING 'steep_repl: what has expired was not seen to: %', SQLERRM;
END
$$;
COMMENT ON FUNCTION steep_repl.expire() IS 'sees to what has expired; internal';

-- Microseconds since 2000, as the server counts; what could not be seen to is tried every minute.
CREATE FUNCTION steep_repl.next_expiry() RETURNS bigint
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(min((extract(epoch FROM e.next - timestamptz '2000-01-01 00:00:00+00') * 1000000)
                    ::bigint), 0)
  FROM (SELECT CASE WHEN a.expires_at > clock_timestamp() THEN a.expires_at
                    ELSE clock_timestamp() + interval '1 minute' END
          FROM (SELECT s.expires_at FROM steep_repl.snapshots AS s
                 WHERE steep_repl.is_made(s)
                 UNION ALL
                SELECT s.expires_at FROM steep_repl.expiring_slots() AS s) AS a
         WHERE a.expires_at < 'infinity') AS e(next)
$$;
COMMENT ON FUNCTION steep_repl.next_expiry() IS
  'when something expires next, as the server counts; 0 for never; internal';

REVOKE ALL ON FUNCTION
  steep_repl.wake_at(timestamptz), steep_repl.is_made(steep_repl.snapshots),
  steep_repl.note_expiry(), steep_repl.expiring_slots(),
  steep_repl.expire_slots(), steep_repl.queue_removal(text), steep_repl.expire_snapshots(),
  steep_repl.expire(), steep_repl.next_expiry()
  FROM PUBLIC;
