package org.pgwalrus.jobs;

import org.pgwalrus.cluster.TestCluster;

/** The kinds of jobs in src/test/progress. */
public final class ProgressKinds {

  private ProgressKinds() {}

  /** A cluster that has them behind the kinds of the installed jar, not started. */
  public static TestCluster cluster() {
    return TestCluster.create()
        .set("walrus.classpath", KindFiles.classPath("progress"))
        .set("walrus.enable", "off");
  }
}
