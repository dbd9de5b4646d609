package org.pgwalrus.jobs;

import java.util.ServiceLoader;
import org.pgwalrus.backend.BuildInfo;

/** The kinds of jobs that the class path holds. */
public final class JobKinds {

  private final Iterable<JobKind> all;

  JobKinds(Iterable<JobKind> all) {
    this.all = all;
  }

  /** Those that are listed for the service loader. */
  public static JobKinds onClassPath() {
    return new JobKinds(ServiceLoader.load(JobKind.class, JobKinds.class.getClassLoader()));
  }

  /**
   * The kind of an operation.
   *
   * @throws JobException when there is none
   */
  JobKind find(String operation) {
    for (JobKind kind : all) {
      if (kind.operation().equals(operation)) {
        return kind;
      }
    }
    throw new JobException(
        "operation \"" + operation + "\" is not available in version " + BuildInfo.VERSION);
  }
}
