package org.pgwalrus.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.CType;
import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.ForeignServer;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;

/** Java reads in the memory of compiled C what C means to show it, wherever the compiler put it. */
class ContractTest {

  @TempDir private Path directory;

  private SymbolLookup load(String... options) throws IOException {
    return SymbolLookup.libraryLookup(CLibrary.build(directory, options), Arena.ofAuto());
  }

  private static Server open(SymbolLookup library) {
    int rows =
        library.find("walrus_table_rows").orElseThrow().reinterpret(4).get(ValueLayout.JAVA_INT, 0);
    return ForeignServer.open(
        library.find("walrus_table").orElseThrow().address(), rows, BuildInfo.BUILD_ID);
  }

  @Test
  void everySettingIsReadFromItsOwnVariable() throws IOException {
    Server server = open(load());
    for (int i = 0; i < Settings.ALL.size(); i++) {
      if (Settings.ALL.get(i) instanceof Setting.Int number) {
        assertThat(server.get(number)).as(number.name()).isEqualTo(1000 + i);
      } else if (Settings.ALL.get(i) instanceof Setting.Bool bool) {
        assertThat(server.get(bool)).as(bool.name()).isTrue();
      }
    }
    assertThat(server.get(Settings.COUNT_MODE)).isEqualTo("requested");
  }

  @Test
  void theServersOwnVariablesAreReadInPlace() throws IOException {
    SymbolLookup library = load();
    Server server = open(library);
    assertThat(server.checkpointTimeoutSeconds()).isEqualTo(77);
    assertThat(server.checkpointCompletionTarget()).isEqualTo(0.25);
    assertThat(server.maxWalSizeMb()).isEqualTo(4321);
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

  @Test
  void everyStateFieldIsWrittenWhereCReadsIt() throws Throwable {
    SymbolLookup library = load();
    Server server = open(library);
    MethodHandle address =
        Linker.nativeLinker()
            .downcallHandle(
                library.find("field_address").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    for (StateField field : StateField.values()) {
      String called = field.cName();
      MemorySegment name = Arena.ofAuto().allocateFrom(called);
      MemorySegment memory = ((MemorySegment) address.invokeExact(name)).reinterpret(256);
      if (field.type() == CType.TEXT) {
        server.state().set(field, "text of " + called);
        assertThat(memory.getString(0)).isEqualTo("text of " + called);
      } else {
        server.state().set(field, field.type() == CType.BOOL ? 1 : 100 + field.ordinal());
        assertThat(number(memory, field.type())).as(called).isEqualTo(server.state().get(field));
      }
    }
  }

  private static long number(MemorySegment memory, CType type) {
    return switch (type) {
      case BOOL -> memory.get(ValueLayout.JAVA_BYTE, 0);
      case INT -> memory.get(ValueLayout.JAVA_INT, 0);
      default -> memory.get(ValueLayout.JAVA_LONG, 0);
    };
  }

  @Test
  void anErrorOfTheServerBecomesAnException() throws IOException {
    Server server = open(load());
    assertThatThrownBy(() -> server.alterSystemSet("no_such", 1))
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
