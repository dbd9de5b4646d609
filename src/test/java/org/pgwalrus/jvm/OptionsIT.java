package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users may tell the JVM, and what others may not. */
@Tag("long")
class OptionsIT {

  @Test
  void anUnknownOptionIsFatalAndNamed() {
    try (FaultCluster faults = with("-XX:+NoSuchOption")) {
      faults.assertOnlyFatal(
          "pg_walrus: could not start JVM: ",
          "answered with error -6",
          "pg_walrus: JVM: Unrecognized VM option 'NoSuchOption'",
          "-XX:+NoSuchOption",
          "walrus.jvm_options");
    }
  }

  /** The JVM would leave the process without a word to the server. */
  @ParameterizedTest
  @ValueSource(
      strings = {"-Xms1m -Xmx1m", "-XX:+UseG1GC", "-Xmx100000g", "-XX:AOTMode=on -Xshare:off"})
  void aStartThatTheJvmAbortsIsFatal(String options) {
    try (FaultCluster faults = with(options)) {
      faults.assertOnlyFatal("FATAL:  pg_walrus: ", "pg_walrus: JVM: ", "walrus.jvm_options");
    }
  }

  @Test
  void optionsOfTheUserAndMessagesOfTheJvmAreInTheLog() {
    try (FaultCluster faults = with("-Xlog:gc  -Dsome.property=1")) {
      faults.cluster().awaitBaseline();

      assertThat(faults.cluster().log())
          .containsPattern("LOG:  pg_walrus: starting JVM \".*\" with options: .* -Xlog:gc -Dsome")
          .containsPattern("pg_walrus: JVM: \\[.*\\]\\[info *\\]\\[gc *\\] Using Serial");
      faults.assertUntouched();
    }
  }

  @Test
  void runningOutOfMemoryStaysAnException() {
    try (FaultCluster faults =
        FaultCluster.faulty()
            .set("walrus.jvm_options", "-XX:+ExitOnOutOfMemoryError -XX:+CrashOnOutOfMemoryError")
            .startReady()) {
      faults.commit("heap").awaitLog("decision engine failed: java.lang.OutOfMemoryError");

      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  @Test
  void aHeapOfTwoMegabytesIsEnough() {
    try (FaultCluster faults = with("-Xmx2m")) {
      faults.cluster().awaitBaseline();
      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  @Test
  void optionsMeantForOtherProgramsAreIgnored() {
    try (FaultCluster faults =
        FaultCluster.installed()
            .environment("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC -XX:+ExitOnOutOfMemoryError")
            .environment("_JAVA_OPTIONS", "-Xmx2m -agentlib:nothing")
            .environment("JDK_JAVA_OPTIONS", "--no-such-option")
            .startReady()) {
      assertThat(faults.cluster().log()).doesNotContain("pg_walrus: JVM: ");
      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  private static FaultCluster with(String options) {
    return FaultCluster.installed().set("walrus.jvm_options", options).start();
  }
}
