package org.pgwalrus.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.ForeignJobServer;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.JobSettings;
import org.pgwalrus.backend.ProgressField;
import org.pgwalrus.backend.Settings;

/** A job worker's Java and compiled C mean the same by each call and each field. */
class JobContractTest {

  private SymbolLookup library;
  private JobServer server;

  @BeforeEach
  void open(@TempDir Path directory) throws IOException {
    library = SymbolLookup.libraryLookup(CLibrary.build(directory), Arena.ofAuto());
    int rows = memory("walrus_table_rows", 4).get(ValueLayout.JAVA_INT, 0);
    server =
        ForeignJobServer.open(
            library.find("walrus_table").orElseThrow().address(), rows, BuildInfo.BUILD_ID);
  }

  private MemorySegment memory(String name, long size) {
    return library.find(name).orElseThrow().reinterpret(size);
  }

  private String calledWith() {
    return memory("called_with", (long) Frame.TEXTS * Frame.TEXT_SIZE + 64).getString(0);
  }

  @Test
  void aLibraryOfAnotherBuildIsRefused() {
    assertThatThrownBy(() -> ForeignJobServer.open(0, 1, "another"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("different builds");
  }

  @Test
  void aSettingIsReadFromItsOwnVariable() {
    int position = Settings.ALL.indexOf(JobSettings.NAPTIME);
    assertThat(server.get(JobSettings.NAPTIME)).isEqualTo(1000 + position);
  }

  @Test
  void jobsAreClaimedUntilThereIsNone() {
    assertThat(server.claim()).isEqualTo(new ClaimedJob(41, "schema_capture", "an id", false));
    assertThat(server.claim()).isEqualTo(new ClaimedJob(42, "schema_capture", "an id", true));
    assertThat(server.claim()).isNull();
  }

  /** Not through the guard, which is for the main thread alone, and however it ends. */
  @Test
  void anyThreadWakesTheMainThread() throws InterruptedException {
    Thread other = Thread.ofPlatform().start(() -> server.copiers().wake());
    other.join();
    assertThat(calledWith()).isEqualTo("woken with 0");
  }

  @Test
  void aStatementArrivesWithItsParametersAndItsRole() {
    assertThat(server.execute("SELECT 1", "a", "b")).isEqualTo("a value");
    assertThat(calledWith()).isEqualTo("SELECT 1|a|b||0");
    assertThat(server.executeAsOwner("nothing", "a", "b", "c")).isNull();
    assertThat(calledWith()).isEqualTo("nothing|a|b|c|1");
  }

  @Test
  void fourParametersAreTooMany() {
    assertThatThrownBy(() -> server.execute("SELECT 1", "a", "b", "c", "d"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyInterruptionIsKnownByItsNumber() {
    for (Interruption interruption : Interruption.values()) {
      assertThat(server.interruption()).isEqualTo(interruption);
    }
  }

  @Test
  void aCheckPointGoesToTheServerWhenASignalWaits() {
    server.publishProgress();
    server.checkPoint();
    assertThat(calledWith()).isEqualTo("progress published");

    memory("InterruptPending", 4).set(ValueLayout.JAVA_INT, 0, 1);
    server.checkPoint();
    assertThat(calledWith()).isEqualTo("checked");
  }

  @Test
  void theEndOfAJobIsTold() {
    server.endJob();
    assertThat(calledWith()).isEqualTo("job ended");
  }

  @Test
  void theProgressLiesWhereTheStructHasIt() {
    server.progress().set(ProgressField.WORK_QUEUE_ID, 42);
    server.progress().set(ProgressField.OPERATION_TYPE, "schema_capture");
    MemorySegment struct = memory("steep_progress", 8 + 32);
    assertThat(struct.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
    assertThat(struct.getString(8)).isEqualTo("schema_capture");
  }
}
