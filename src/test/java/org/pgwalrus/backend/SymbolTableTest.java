package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What keeps a mistake in the table from becoming a read of memory that is not meant. */
class SymbolTableTest {

  private final MemorySegment rows =
      Arena.ofAuto().allocate((long) Row.count() * SymbolTable.ROW_SIZE, 8);
  private final MemorySegment value = Arena.ofAuto().allocate(16, 8);
  private final SymbolTable table = new SymbolTable(rows.address(), Row.count());

  private void row(int row, long address, int offset, int size) {
    rows.set(ValueLayout.JAVA_LONG, row * 16L, address);
    rows.set(ValueLayout.JAVA_INT, row * 16L + 8, offset);
    rows.set(ValueLayout.JAVA_INT, row * 16L + 12, size);
  }

  @Test
  void aTableOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> new SymbolTable(rows.address(), Row.count() + 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "symbol table has " + (Row.count() + 1) + " rows, " + Row.count() + " expected");
  }

  @Test
  void aVariableOfAnotherSizeIsRefusedByItsName() {
    row(3, value.address(), 0, 8);
    assertThatThrownBy(() -> table.variable(3, CType.INT, "CheckPointTimeout"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("CheckPointTimeout has 8 bytes in this server, 4 expected");
    assertThatThrownBy(() -> table.offset(3, CType.INT, "some.field"))
        .hasMessageStartingWith("some.field has 8 bytes");
  }

  @Test
  void nothingBeyondAVariableCanBeTouched() {
    row(0, value.address(), 0, 4);
    value.set(ValueLayout.JAVA_INT, 0, 77);

    MemorySegment variable = table.variable(0, CType.INT, "it");
    assertThat(variable.get(ValueLayout.JAVA_INT, 0)).isEqualTo(77);
    assertThatThrownBy(() -> variable.get(ValueLayout.JAVA_INT, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> variable.get(ValueLayout.JAVA_LONG, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void whatTheServerDoesNotHaveIsKnownByItsSize() {
    assertThat(table.has(5)).isFalse();
    row(5, value.address(), 0, 1);
    assertThat(table.has(5)).isTrue();
  }

  @Test
  void anOffsetIsTheOneOfItsRow() {
    row(9, 0, 24, 8);
    assertThat(table.offset(9, CType.LONG, "it")).isEqualTo(24);
    assertThat(table.constant(9)).isEqualTo(24);
  }

  @Test
  void everyRowHasANumberOfItsOwn() {
    Set<Integer> numbers = new HashSet<>();
    Settings.ALL.forEach(setting -> numbers.add(Row.of(setting)));
    for (Global global : Global.values()) {
      numbers.add(Row.of(global));
    }
    for (StructField field : StructField.values()) {
      numbers.add(Row.of(field));
    }
    for (StateField field : StateField.values()) {
      numbers.add(Row.of(field));
    }
    for (ProgressField field : ProgressField.values()) {
      numbers.add(Row.of(field));
    }
    numbers.add(Row.frame());
    numbers.add(Row.call());
    numbers.add(Row.wake());
    numbers.add(Row.checkpointerStats());
    numbers.add(Row.serverVersion());

    assertThat(numbers).hasSize(Row.count()).allMatch(row -> row >= 0 && row < Row.count());
  }
}
