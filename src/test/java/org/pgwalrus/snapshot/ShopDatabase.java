package org.pgwalrus.snapshot;

import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;

/**
 * An order book: foreign keys in a circle, to the table itself and of a partitioned table, and
 * triggers that forbid rows. Large enough for its copy to be interrupted.
 */
final class ShopDatabase {

  private static final String TABLES =
      """
      CREATE TABLE customer (id integer PRIMARY KEY, favourite integer,
        friend integer REFERENCES customer, name text);
      CREATE TABLE item (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text,
        owner integer NOT NULL REFERENCES customer);
      CREATE TABLE sale (id integer, item integer REFERENCES item, PRIMARY KEY (id))
        PARTITION BY RANGE (id);
      CREATE TABLE sale_1 PARTITION OF sale FOR VALUES FROM (0) TO (10000);
      CREATE TABLE sale_2 PARTITION OF sale DEFAULT;
      INSERT INTO customer SELECT i, NULL, i % 500 + 1, repeat('customer ' || i, 9)
        FROM generate_series(1, 60000) AS i;
      INSERT INTO item (name, owner) SELECT repeat('item ' || i, 9), i
        FROM generate_series(1, 60000) AS i;
      INSERT INTO sale SELECT i, i FROM generate_series(1, 60000) AS i;
      UPDATE customer SET favourite = id;
      ALTER TABLE customer ADD CONSTRAINT "Best item" FOREIGN KEY (favourite) REFERENCES item
        DEFERRABLE INITIALLY DEFERRED;
      COMMENT ON CONSTRAINT "Best item" ON customer IS 'o''k';
      CREATE INDEX ON customer (name);
      """;

  private static final String TRIGGERS =
      """
      CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''fired''; END';
      CREATE TRIGGER before BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION forbid();
      CREATE TRIGGER always AFTER INSERT ON customer EXECUTE FUNCTION forbid();
      ALTER TABLE customer ENABLE ALWAYS TRIGGER always;
      CREATE TRIGGER off AFTER INSERT ON customer EXECUTE FUNCTION forbid();
      ALTER TABLE customer DISABLE TRIGGER off;
      CREATE TRIGGER parted BEFORE INSERT ON sale FOR EACH ROW EXECUTE FUNCTION forbid();
      """;

  private ShopDatabase() {}

  static void create(TestCluster cluster, String name) {
    cluster.execute("CREATE DATABASE " + name);
    Databases.execute(cluster, name, "CREATE EXTENSION steep_repl");
    Databases.execute(cluster, name, TABLES);
    Databases.execute(cluster, name, TRIGGERS);
  }
}
