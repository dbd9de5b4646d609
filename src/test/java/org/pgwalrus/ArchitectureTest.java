package org.pgwalrus;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which package may know which, and what nothing in the server's process may do. */
class ArchitectureTest {

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.pgwalrus");

  /** What the server's jar holds: all but the generator and the command line. */
  private static final JavaClasses IN_THE_SERVER =
      ALL.that(DescribedPredicate.not(resideInAnyPackage("..shim..", "..cli..")));

  /** What the server's jar and the generator are made of. */
  private static final JavaClasses NOT_CLI =
      ALL.that(DescribedPredicate.not(resideInAPackage("..cli..")));

  @Test
  void theClassesAreThere() {
    assertThat(ALL.contain("org.pgwalrus.worker.Main")).isTrue();
    assertThat(ALL.contain("org.pgwalrus.sizing.SizingEngine")).isTrue();
    assertThat(ALL.contain("org.pgwalrus.jobs.Main")).isTrue();
    assertThat(ALL.contain("org.pgwalrus.shim.ShimGenerator")).isTrue();
    assertThat(ALL.contain("org.pgwalrus.cli.Main")).isTrue();
  }

  @Test
  void onlyTheBackendKnowsForeignMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..backend..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(ALL);
  }

  @Test
  void sizingKnowsNothingButValues() {
    classes()
        .that()
        .resideInAPackage("..sizing..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.sizing..",
                "java.lang",
                "java.lang.annotation",
                "java.lang.invoke",
                "java.lang.runtime",
                "java.math",
                "java.util",
                "org.jspecify.."))
        .check(ALL);
    noClasses()
        .that()
        .resideInAPackage("..sizing..")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(ALL);
  }

  @Test
  void theWorkerKnowsBackendAndSizing() {
    classes()
        .that()
        .resideInAPackage("..worker..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.worker..",
                "org.pgwalrus.backend..",
                "org.pgwalrus.sizing..",
                "java.lang..",
                "java.util..",
                "org.jspecify.."))
        .check(ALL);
  }

  @Test
  void jobsKnowTheBackend() {
    classes()
        .that()
        .resideInAPackage("..jobs..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.jobs..",
                "org.pgwalrus.backend..",
                "java.lang..",
                "java.nio",
                "java.nio.charset",
                "java.util..",
                "org.jspecify.."))
        .check(ALL);
  }

  /** A kind of jobs reaches the server through its session alone. */
  @Test
  void aKindOfJobsKnowsJobs() {
    classes()
        .that()
        .resideInAPackage("..schema..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.schema..",
                "org.pgwalrus.jobs..",
                "java.lang..",
                "java.util..",
                "org.jspecify.."))
        .check(ALL);
  }

  /** But for the rehearsal, which the installation runs. */
  @Test
  void snapshotsKnowJobsAndTheirFiles() {
    classes()
        .that()
        .resideInAPackage("org.pgwalrus.snapshot")
        .and()
        .doNotHaveSimpleName("Rehearsal")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.snapshot",
                "org.pgwalrus.snapshot.dump",
                "org.pgwalrus.snapshot.files",
                "org.pgwalrus.jobs..",
                "java.lang..",
                "java.nio..",
                "java.time..",
                "java.util..",
                "org.jspecify.."))
        .check(ALL);
  }

  /** Whose schema is written, and which snapshot shows it, is for others to know. */
  @Test
  void dumpsKnowJobsAndFiles() {
    classes()
        .that()
        .resideInAPackage("..snapshot.dump..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.snapshot.dump..",
                "org.pgwalrus.snapshot.files",
                "org.pgwalrus.jobs..",
                "java.io..",
                "java.lang..",
                "java.net..",
                "java.nio..",
                "java.util..",
                "org.jspecify.."))
        .check(ALL);
  }

  @Test
  void applyingKnowsSnapshotsAndJobs() {
    classes()
        .that()
        .resideInAPackage("..snapshot.apply..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.snapshot..",
                "org.pgwalrus.jobs..",
                "java.lang..",
                "java.nio..",
                "java.util..",
                "org.jspecify.."))
        .check(ALL);
  }

  @Test
  void theBackendKnowsNoneOfTheOthers() {
    noClasses()
        .that()
        .resideInAPackage("..backend..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..sizing..", "..worker..", "..jobs..", "..schema..", "..shim..")
        .check(ALL);
  }

  @Test
  void nobodyKnowsTheGenerator() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..shim..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..shim..")
        .check(ALL);
  }

  /** Files need neither the server nor a job, so that all can be tested without them. */
  @Test
  void theFilesOfSnapshotsKnowLibrariesOnly() {
    classes()
        .that()
        .resideInAPackage("..snapshot.files..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.snapshot.files..",
                "java..",
                "com.fasterxml.jackson.core..",
                "com.github.luben.zstd..",
                "net.jpountz..",
                "org.jspecify.."))
        .check(ALL);
  }

  /** Only the JVM of a job worker has libraries; the jar by itself stands alone. */
  @Test
  void onlyTheFilesOfSnapshotsNeedLibraries() {
    classes()
        .that()
        .resideOutsideOfPackage("..snapshot.files..")
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage("org.pgwalrus..", "java..", "org.jspecify.."))
        .check(NOT_CLI);
  }

  /** All that it knows of a server is what a connection tells. */
  @Test
  void theCommandLineStandsApart() {
    classes()
        .that()
        .resideInAPackage("..cli..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "org.pgwalrus.cli..",
                "java..",
                "javax.net..",
                "org.jspecify..",
                "picocli..",
                "org.postgresql..",
                "org.snakeyaml.engine..",
                "com.fasterxml.jackson.core.."))
        .check(ALL);
    noClasses()
        .that()
        .resideOutsideOfPackage("..cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..cli..")
        .check(ALL);
  }

  /** Where and as whom to connect is found out without knowing for what. */
  @Test
  void connectingKnowsNoCommands() {
    noClasses()
        .that()
        .resideInAPackage("..cli.connection..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..cli.progress..", "..cli.snapshot..", "..cli.ops..", "picocli..")
        .check(ALL);
  }

  @Test
  void nothingInTheServerPrints() {
    noClasses().should(ACCESS_STANDARD_STREAMS).check(IN_THE_SERVER);
  }

  /** Any exit code but 0 and 1 restarts the cluster, and 0 unregisters the worker. */
  @Test
  void nothingEndsTheProcess() {
    noClasses()
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(NOT_CLI);
  }

  /** The server's functions may be called on the main thread alone. */
  @Test
  void onlyTheBackendStartsThreads() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("org.pgwalrus.backend.ForeignCopierServer")
        .should()
        .callConstructorWhere(
            JavaConstructorCall.Predicates.target(
                com.tngtech.archunit.core.domain.AccessTarget.Predicates.declaredIn(Thread.class)))
        .orShould()
        .callMethod(Thread.class, "ofPlatform")
        .orShould()
        .callMethod(Thread.class, "ofVirtual")
        .orShould()
        .callMethod(Thread.class, "startVirtualThread", Runnable.class)
        .orShould()
        .callMethod(Runtime.class, "addShutdownHook", Thread.class)
        .check(IN_THE_SERVER);
  }

  /** Rows go to threads, and files are checked by threads, that somebody else starts. */
  @Test
  void onlySnapshotsKnowOfThreads() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..snapshot..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.concurrent..")
        .check(IN_THE_SERVER);
    noClasses()
        .that()
        .resideInAPackage("..snapshot..")
        .should()
        .dependOnClassesThat()
        .haveSimpleNameEndingWith("Executors")
        .orShould()
        .dependOnClassesThat()
        .haveSimpleNameEndingWith("Pool")
        .check(IN_THE_SERVER);
  }
}
