package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.apply.Applications;
import org.pgwalrus.snapshot.files.Manifest;

/** Databases whose columns, indexes and defaults are of extensions that come with the server. */
class ContribExtensionsIT {

  private static final String EXTENSIONS =
      "hstore, citext, ltree, pgcrypto, pg_trgm, btree_gist, uuid-ossp, cube, postgres_fdw";

  private static final String SCHEMA =
      """
      CREATE SCHEMA "Ex ts";
      CREATE EXTENSION hstore SCHEMA "Ex ts";
      CREATE EXTENSION citext;
      CREATE EXTENSION ltree SCHEMA "Ex ts";
      CREATE EXTENSION pgcrypto;
      CREATE EXTENSION pg_trgm;
      CREATE EXTENSION btree_gist;
      CREATE EXTENSION "uuid-ossp" SCHEMA "Ex ts";
      CREATE EXTENSION cube;
      CREATE EXTENSION postgres_fdw;
      CREATE DOMAIN email AS citext CHECK (VALUE ~ '@');
      CREATE TABLE account (id uuid PRIMARY KEY DEFAULT "Ex ts".uuid_generate_v4(),
        mail email UNIQUE, settings "Ex ts".hstore NOT NULL DEFAULT ''::"Ex ts".hstore,
        secret bytea, place cube, tags citext[],
        upper text GENERATED ALWAYS AS (upper(mail::text)) STORED);
      CREATE INDEX ON account USING gin (settings);
      CREATE INDEX ON account USING gin ((mail::text) gin_trgm_ops);
      CREATE INDEX ON account USING gist (place);
      CREATE TABLE tree (path "Ex ts".ltree PRIMARY KEY, owner citext REFERENCES account (mail),
        during int4range, EXCLUDE USING gist ((owner::text) WITH =, during WITH &&));
      CREATE INDEX ON tree USING gist (path);
      CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid');
      CREATE FOREIGN TABLE far (i integer) SERVER elsewhere;
      CREATE VIEW grown AS SELECT path, "Ex ts".nlevel(path) AS level FROM tree;
      CREATE MATERIALIZED VIEW counted AS SELECT lower(mail) AS mail, count(*) FROM account GROUP BY 1;
      """;

  private static final String ROWS =
      """
      INSERT INTO account (mail, settings, secret, place, tags)
        SELECT 'User' || i || '@Example.org',
               "Ex ts".hstore(ARRAY['a', i::text, E'q"\\\\,\\n', NULL, 'ü', '=>']),
               digest(i::text, 'sha256'), cube(ARRAY[i, -i]), ARRAY['X' || i, NULL, 'a,"b']
          FROM generate_series(1, 300) AS i;
      INSERT INTO account (mail) VALUES (NULL);
      INSERT INTO tree SELECT ('top.n' || i % 10 || '.leaf_' || i)::"Ex ts".ltree,
        'USER' || i || '@example.ORG', int4range(i, i + 5) FROM generate_series(1, 300) AS i;
      REFRESH MATERIALIZED VIEW counted;
      """;

  private static TestCluster cluster;
  private static TestCluster other;
  private static Snapshots snapshots;
  private static Applications applications;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    Skip.unless(
        "0"
            .equals(
                cluster.value(
                    "SELECT count(*) FROM regexp_split_to_table('"
                        + EXTENSIONS
                        + "', ', ') AS name WHERE name NOT IN (SELECT a.name FROM"
                        + " pg_available_extensions AS a)")),
        "the server lacks some of " + EXTENSIONS);
    other = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(other);
    Databases.create(cluster, "source", SCHEMA, ROWS);
  }

  @AfterAll
  static void stop() {
    if (other != null) {
      other.close();
    }
    cluster.close();
  }

  @Test
  void theyAreTheSameElsewhere() {
    Manifest manifest = snapshots.generate("source", "source", ", 'zstd', 2");
    assertThat(manifest.excluded()).extracting(Manifest.Excluded::name).containsExactly("far");
    Databases.create(other, "target");

    applications.apply("target", snapshots.path("source"), ", 2, p_create_schema => true");
    assertEqual();
    assertThat(Databases.value(other, "target", "SELECT count(*) FROM counted")).isEqualTo("301");

    Databases.execute(other, "target", "DELETE FROM tree WHERE path::text LIKE 'top.n3%'");
    applications.apply("target", snapshots.path("source"), ", 2, p_truncate => true");
    assertEqual();
  }

  private static void assertEqual() {
    DatabaseImage expected = DatabaseImage.of(cluster, "source");
    DatabaseImage actual = DatabaseImage.of(other, "target");
    assertThat(actual.tables()).hasSize(2).isEqualTo(expected.tables());
    assertThat(actual.schema()).isEqualTo(expected.schema());
  }
}
