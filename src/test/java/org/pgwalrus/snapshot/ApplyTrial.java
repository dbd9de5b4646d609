package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;

/**
 * A snapshot of one database on its way into another, which has its tables already or not.
 *
 * @param image the source when the snapshot was taken: a crash lets its sequences skip values
 */
record ApplyTrial(
    TestCluster cluster,
    String source,
    DatabaseImage image,
    String path,
    String database,
    boolean createsSchema)
    implements KillTrial {

  private static final String SET_ASIDE =
      "SELECT (SELECT count(*) FROM steep_repl.dropped_constraints)"
          + " + (SELECT count(*) FROM steep_repl.disabled_triggers)";

  private static final String TRIGGERS =
      "SELECT string_agg(concat_ws(' ', tgrelid::regclass, tgname, tgenabled), ', '"
          + " ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE NOT tgisinternal"
          + " AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)";

  /** There, whether valid or not, or written down. */
  private static final String FOREIGN_KEYS =
      "SELECT string_agg(k, ', ' ORDER BY k) FROM (SELECT concat_ws(' ', conrelid::regclass,"
          + " conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '')) AS k"
          + " FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
          + " AND connamespace = 'public'::regnamespace UNION"
          + " SELECT concat_ws(' ', relation::regclass, name, replace(definition, 'public.', ''))"
          + " FROM steep_repl.dropped_constraints) AS f";

  /** Before PostgreSQL 18 a partitioned table has none that are not valid. */
  private static final String MISSING =
      "SELECT count(*) FROM steep_repl.dropped_constraints AS d"
          + " JOIN pg_class AS c ON c.oid = d.relation"
          + " WHERE NOT d.is_unvalidated AND c.relkind <> 'p'";

  @Override
  public String start() {
    return "SELECT steep_repl.start_apply('"
        + path
        + "', 2, "
        + (createsSchema ? "p_create_schema" : "p_truncate")
        + " => true)";
  }

  @Override
  public void assertComplete(String job) {
    assertThat(DatabaseImage.of(cluster, database)).isEqualTo(image);
    assertThat(value(database, SET_ASIDE)).isEqualTo("0");
  }

  @Override
  public void assertUndone(String job) {
    if (createsSchema) {
      assertThat(value(database, SET_ASIDE)).isEqualTo("0");
    } else {
      assertThat(value(database, TRIGGERS)).isEqualTo(value(source, TRIGGERS));
      assertThat(value(database, FOREIGN_KEYS)).isEqualTo(value(source, FOREIGN_KEYS));
      assertThat(value(database, MISSING)).isEqualTo("0");
      assertThat(value(database, "SELECT count(*) FROM steep_repl.disabled_triggers"))
          .isEqualTo("0");
    }
  }

  private String value(String of, String sql) {
    return String.valueOf(Databases.value(cluster, of, sql));
  }
}
