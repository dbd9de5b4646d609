package org.pgwalrus.snapshot.apply;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;

/** The database that a snapshot is loaded into, as a session of the job's role sees it. */
final class Target {

  /** In one statement: a statement has its limits too. */
  private static final int AT_ONCE = 200;

  private final Copiers copiers;
  private final Copier session;

  Target(Copiers copiers, Copier session) {
    this.copiers = copiers;
    this.session = session;
  }

  /** Runs a statement, or several in one transaction, and returns all rows. */
  List<List<@Nullable String>> rows(String sql) {
    session.run(sql);
    copiers.await(session);
    return session.rows();
  }

  /** The first column of all rows. */
  List<String> texts(String sql) {
    return rows(sql).stream().map(row -> String.valueOf(row.getFirst())).toList();
  }

  /** Deals with a long list some at a time. */
  static <T> void inBatches(List<T> all, Consumer<List<T>> work) {
    for (int i = 0; i < all.size(); i += AT_ONCE) {
      work.accept(all.subList(i, Math.min(all.size(), i + AT_ONCE)));
    }
  }
}
