package org.pgwalrus.snapshot;

/** A schema of many kinds of things, with names that are hard to write. */
final class RichSchema {

  private RichSchema() {}

  static final String[] STATEMENTS = {
    "CREATE SCHEMA \"Süd.West\"; COMMENT ON SCHEMA \"Süd.West\" IS E'with ''quotes'' and\nlines'",
    "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy')",
    "CREATE TYPE pair AS (a integer, \"B b\" text)",
    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    "CREATE TABLE \"Süd.West\".\"Ta.ble / \"\"1\"\"\" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY"
        + " KEY, \"Co,l\"\"umn\" text DEFAULT E'a\\\\b''c', m mood, p positive, q pair)",
    "CREATE TABLE child (id integer PRIMARY KEY, parent bigint REFERENCES"
        + " \"Süd.West\".\"Ta.ble / \"\"1\"\"\" ON DELETE CASCADE, CHECK (id <> 5), note text)",
    "CREATE INDEX \"in dex\" ON child (lower(note)) WHERE id > 3; CREATE UNIQUE INDEX ON child (note)",
    "CREATE TABLE parted (k integer NOT NULL, v text) PARTITION BY RANGE (k)",
    "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);"
        + "CREATE TABLE parted_2 PARTITION OF parted DEFAULT; ALTER TABLE parted ADD PRIMARY KEY (k)",
    "CREATE FUNCTION twice(i integer) RETURNS integer LANGUAGE plpgsql AS $outer$ BEGIN"
        + " EXECUTE $in$ SELECT 1; -- ü $in$; RETURN i * 2; END $outer$",
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE PROCEDURE nothing() LANGUAGE sql BEGIN ATOMIC SELECT 1; END",
    "CREATE TRIGGER stamped BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION stamp()",
    "CREATE VIEW seen AS SELECT id, note FROM child WHERE note LIKE 'a%';"
        + "CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS c FROM seen;"
        + "CREATE UNIQUE INDEX ON kept (c)",
    "CREATE RULE no_delete AS ON DELETE TO seen DO INSTEAD NOTHING",
    "CREATE SEQUENCE numbers START 7 INCREMENT 3 OWNED BY child.note",
    "ALTER TABLE child ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON child USING (note = 'x')",
    "CREATE UNLOGGED TABLE fleeting (f integer); CREATE STATISTICS st ON id, note FROM child",
    "CREATE COLLATION german FROM \"C\"; CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE ="
        + " integer)",
    "COMMENT ON COLUMN child.note IS 'Ünïcode 日本 comment'; COMMENT ON FUNCTION twice(integer) IS"
        + " '\\restrict'",
    "GRANT SELECT ON child TO PUBLIC; GRANT EXECUTE ON FUNCTION twice(integer) TO plain;"
        + "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO plain; ALTER TABLE fleeting OWNER TO"
        + " plain",
    "CREATE FUNCTION dropping() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE PUBLICATION pub FOR TABLE child; CREATE EVENT TRIGGER ev ON sql_drop EXECUTE FUNCTION"
        + " dropping()"
  };
}
