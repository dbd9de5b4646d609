package org.pgwalrus.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgwalrus.backend.Asked;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.CType;
import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.ForeignServer;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.LocalTime;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Request;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.backend.WalPosition;

/** Java reads in the memory of compiled C what C means to show it, wherever the compiler put it. */
class ContractTest {

  /** The library as it is, compiled once; a test that wants it otherwise compiles its own. */
  @TempDir private static Path shared;

  private static Path library;

  @TempDir private Path directory;

  @BeforeAll
  static void compile() throws IOException {
    library = CLibrary.build(shared);
  }

  /** Each test loads a copy, with variables of its own. */
  private SymbolLookup load() throws IOException {
    Path copy = Files.copy(library, directory.resolve("server.so"));
    return SymbolLookup.libraryLookup(copy, Arena.ofAuto());
  }

  private SymbolLookup load(String option) throws IOException {
    return SymbolLookup.libraryLookup(CLibrary.build(directory, option), Arena.ofAuto());
  }

  private static Server open(SymbolLookup library) {
    int rows =
        library.find("walrus_table_rows").orElseThrow().reinterpret(4).get(ValueLayout.JAVA_INT, 0);
    return ForeignServer.open(
        library.find("walrus_table").orElseThrow().address(), rows, BuildInfo.BUILD_ID);
  }

  static Stream<Setting> settings() {
    return Settings.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everySettingIsReadFromItsOwnVariable(Setting setting) throws IOException {
    Server server = open(load());
    Object value =
        switch (setting) {
          case Setting.Bool bool -> server.get(bool);
          case Setting.Int number -> server.get(number);
          case Setting.Real number -> server.get(number);
          case Setting.Text text -> server.get(text);
          case Setting.Choice choice -> server.get(choice);
        };

    assertThat(value).isEqualTo(CLibrary.value(setting));
  }

  @Test
  void aTextThatWasNeverSetIsEmpty() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    library.find("walrus_profiles").orElseThrow().reinterpret(8).set(ValueLayout.JAVA_LONG, 0, 0);

    assertThat(server.get(OperationSettings.PROFILES)).isEmpty();
  }

  @Test
  void theServersOwnVariablesAreReadInPlace() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    assertThat(server.checkpointTimeoutSeconds()).isEqualTo(77);
    assertThat(server.checkpointCompletionTarget()).isEqualTo(0.25);
    assertThat(server.maxWalSizeMb()).isEqualTo(4321);
    assertThat(server.minWalSizeMb()).isEqualTo(1234);
    assertThat(server.walSegmentMb()).isEqualTo(64);
    assertThat(server.interruptPending()).isFalse();

    library.find("InterruptPending").orElseThrow().reinterpret(4).set(ValueLayout.JAVA_INT, 0, 1);
    library.find("max_wal_size_mb").orElseThrow().reinterpret(4).set(ValueLayout.JAVA_INT, 0, 5);
    assertThat(server.interruptPending()).isTrue();
    assertThat(server.maxWalSizeMb()).isEqualTo(5);
  }

  @Test
  void aStructOfAnotherShapeIsReadByItsNames() throws IOException {
    assertThat(open(load()).checkpointerStats()).isEqualTo(new CheckpointerStats(2222, 1111, 3333));
  }

  @Test
  void aServerWithoutStatisticsSaysSoAndHasThemAgain() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    MemorySegment missing = library.find("stats_missing").orElseThrow().reinterpret(1);
    missing.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    assertThat(server.checkpointerStats())
        .isEqualTo(new CheckpointerStats(CheckpointerStats.UNAVAILABLE, 0, 3333));

    missing.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    assertThat(server.checkpointerStats()).isEqualTo(new CheckpointerStats(2222, 1111, 3333));
  }

  @Test
  void whatAServerLacksIsNotRead() throws IOException {
    assertThat(open(load()).alterSystemAllowed()).isTrue();
  }

  @Test
  void whatANewerServerHasIsRead() throws IOException {
    SymbolLookup library = load("-DWALRUS_HAVE_AllowAlterSystem");
    Server server = open(library);
    assertThat(server.alterSystemAllowed()).isFalse();
    library
        .find("AllowAlterSystem")
        .orElseThrow()
        .reinterpret(1)
        .set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    assertThat(server.alterSystemAllowed()).isTrue();
  }

  @Test
  void aVariableOfAnotherWidthStopsTheStartByItsName() throws IOException {
    SymbolLookup library = load("-DTIMEOUT_TYPE=int64");
    assertThatThrownBy(() -> open(library))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("CheckPointTimeout has 8 bytes in this server, 4 expected");
  }

  @Test
  void aFieldOfAnotherWidthStopsTheStartByItsName() throws IOException {
    SymbolLookup library = load("-DCOUNTER_TYPE=int32");
    assertThatThrownBy(() -> open(library))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("PgStat_CheckpointerStats.")
        .hasMessageEndingWith("has 4 bytes in this server, 8 expected");
  }

  @Test
  void aLibraryOfAnotherBuildIsRefused() throws IOException {
    SymbolLookup library = load();
    long table = library.find("walrus_table").orElseThrow().address();
    assertThatThrownBy(() -> ForeignServer.open(table, 1, "another"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("library and jar are of different builds (another and ");
    assertThatThrownBy(() -> ForeignServer.open(table, 1, BuildInfo.BUILD_ID))
        .hasMessageStartingWith("symbol table has 1 rows");
  }

  @ParameterizedTest
  @EnumSource
  void everyStateFieldIsWrittenWhereCReadsIt(StateField field) throws Throwable {
    SymbolLookup library = load();
    SharedState state = open(library).state();
    MethodHandle address =
        function(library, "field_address", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    MemorySegment name = Arena.ofAuto().allocateFrom(field.cName());
    MemorySegment memory = ((MemorySegment) address.invokeExact(name)).reinterpret(field.size());
    if (field.type() == CType.TEXT) {
      state.set(field, "text of " + field.cName());
      assertThat(memory.getString(0)).isEqualTo("text of " + field.cName());
    } else if (field.type() == CType.DOUBLE) {
      setReal(state, field);
      assertThat(memory.get(ValueLayout.JAVA_DOUBLE, field.size() - 8L)).isEqualTo(0.25);
    } else if (field.count() != null) {
      int[] values = new int[field.length()];
      values[values.length - 1] = 77;
      state.setNumbers(field, values);
      assertThat(memory.get(ValueLayout.JAVA_INT, field.size() - 4L)).isEqualTo(77);
    } else {
      state.set(field, field.type() == CType.BOOL ? 1 : 100 + field.ordinal());
      assertThat(number(memory, field.type())).isEqualTo(state.get(field)).isNotZero();
    }
  }

  /** The last element where there are several. */
  private static void setReal(SharedState state, StateField field) {
    if (field.count() == null) {
      state.setReal(field, 0.25);
    } else {
      double[] values = new double[field.length()];
      values[values.length - 1] = 0.25;
      state.setReals(field, values);
    }
  }

  private static long number(MemorySegment memory, CType type) {
    return switch (type) {
      case BOOL -> memory.get(ValueLayout.JAVA_BYTE, 0);
      case INT -> memory.get(ValueLayout.JAVA_INT, 0);
      default -> memory.get(ValueLayout.JAVA_LONG, 0);
    };
  }

  private static MethodHandle function(
      SymbolLookup library, String name, MemoryLayout result, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(library.find(name).orElseThrow(), FunctionDescriptor.of(result, arguments));
  }

  private static void run(SymbolLookup library, String name) throws Throwable {
    Linker.nativeLinker()
        .downcallHandle(library.find(name).orElseThrow(), FunctionDescriptor.ofVoid())
        .invokeExact();
  }

  @Test
  void theStateIsShownAsMembersOfAJsonObjectWithTheElementsInUse() throws Throwable {
    SymbolLookup library = load();
    SharedState state = open(library).state();
    state.set(StateField.WORKER_PID, 42);
    state.set(StateField.LAST_CHECK_TIME, 7);
    state.set(StateField.BASELINE_VALID, 1);
    state.set(StateField.ENGINE, "ready");
    state.setReal(StateField.FPI_SHARE, 0.25);
    state.setReals(StateField.RATE_SAMPLES, new double[] {1.5, 2});
    state.setNumbers(StateField.APPLIED_SEC, new int[] {100, 200});

    MethodHandle json = function(library, "state_json", ValueLayout.ADDRESS);
    String members = ((MemorySegment) json.invokeExact()).reinterpret(65_536).getString(0);

    assertThat(members)
        .startsWith("\"worker_pid\": 42, \"worker_start\": \"at 0\", ")
        .contains(
            "\"engine\": \"ready\"",
            "\"baseline_valid\": true",
            "\"last_check_time\": \"at 7\"",
            "\"fpi_share\": 0.25",
            "\"rate_sample_count\": 2, \"rate_samples\": [1.5, 2]",
            "\"applied_sec\": [100, 200]",
            "\"trial_sec\": []")
        .doesNotEndWith("}");
    for (StateField field : StateField.values()) {
      assertThat(members).containsOnlyOnce("\"" + field.cName() + "\": ");
    }
  }

  @Test
  void aResetClearsTheFieldsThatItEndsAndNoOthers() throws Throwable {
    SymbolLookup library = load();
    Server server = open(library);
    MethodHandle address =
        function(library, "field_address", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    run(library, "state_fill");
    run(library, "state_reset");

    for (StateField field : StateField.values()) {
      MemorySegment name = Arena.ofAuto().allocateFrom(field.cName());
      MemorySegment memory = ((MemorySegment) address.invokeExact(name)).reinterpret(field.size());
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE))
          .as(field.cName())
          .containsOnly(field.life() == StateField.Life.RESET ? 0 : 1);
    }
    assertThat(server.state().get(StateField.SAMPLES)).isZero();
  }

  private static String calledWith(SymbolLookup library) {
    return library.find("called_with").orElseThrow().reinterpret(4L * Frame.TEXT_SIZE).getString(0);
  }

  @Test
  void theArgumentsOfACallArriveInTheirOrder() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    server.report(Level.WARNING, "message", "detail", "hint");
    assertThat(calledWith(library)).isEqualTo("2|message|detail|hint");
    server.alterSystemSet("max_wal_size", 4096);
    assertThat(calledWith(library)).isEqualTo("set max_wal_size to 4096");
    server.alterSystemReset("max_wal_size");
    assertThat(calledWith(library)).isEqualTo("reset max_wal_size");
    server.answer("{\"é\": 1}");
    assertThat(calledWith(library)).isEqualTo("{\"é\": 1}");
    server.publishState();
    assertThat(calledWith(library)).isEqualTo("published");
  }

  @Test
  void aStatementTellsWhetherItMayWriteAndWhetherItHadAValue() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    assertThat(server.query("SELECT", "one", "two")).isEqualTo("a value");
    assertThat(calledWith(library)).isEqualTo("SELECT|one|two|1");
    assertThat(server.execute("INSERT", "one", "two")).isEqualTo("a value");
    assertThat(calledWith(library)).isEqualTo("INSERT|one|two|0");
    assertThat(server.query("nothing")).isNull();
    assertThat(calledWith(library)).isEqualTo("nothing|||1");
  }

  @Test
  void theResultsOfACallComeBack() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    assertThat(server.walPosition()).isEqualTo(new WalPosition(11, 22, 33));
    assertThat(server.reload()).isEqualTo("no postmaster");
    assertThat(server.walDiskFreeBytes()).isEqualTo(123_456_789_012L);
    assertThat(server.localTime("Europe/Paris")).isEqualTo(new LocalTime(6, 23));
    assertThat(calledWith(library)).isEqualTo("Europe/Paris");
  }

  @Test
  void everyRequestIsKnownByItsNumberOnBothSides() throws IOException {
    Server server = open(load());
    for (Request request : Request.values()) {
      assertThat(server.takeRequest())
          .isEqualTo(new Asked(request, request.sqlName(), "alice", false));
    }
    assertThat(server.takeRequest()).isEqualTo(new Asked(null, "", "", true));
  }

  @Test
  void nothingIsTakenWhereNobodyAsks() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    library
        .find("walrus_asked")
        .orElseThrow()
        .reinterpret(1)
        .set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    assertThat(server.takeRequest()).isEqualTo(Asked.NOTHING);
  }

  @Test
  void anErrorOfTheServerBecomesAnException() throws IOException {
    Server server = open(load());
    assertThatThrownBy(() -> server.alterSystemSet("no_such", 0))
        .isInstanceOfSatisfying(
            PgException.class,
            error -> {
              assertThat(error.sqlState()).isEqualTo("42704");
              assertThat(error.message()).isEqualTo("no such setting");
              assertThat(error.detail()).isEqualTo("no_such");
              assertThat(error.hint()).isEmpty();
            });
  }
}
