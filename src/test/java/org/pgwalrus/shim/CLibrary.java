package org.pgwalrus.shim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.backend.Call;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.cluster.Programs;

/**
 * A server in C as small as can be, around the table, the structs and the frame that the generator
 * writes: every variable has a value that no other has, and the checkpointer's statistics have a
 * shape that no PostgreSQL ever gave them.
 */
final class CLibrary {

  private CLibrary() {}

  /** Compiles the library into a directory. */
  static Path build(Path directory, String... options) throws IOException {
    Path source = directory.resolve("server.c");
    Path library = directory.resolve("server.so");
    Files.writeString(source, text());
    List<String> command = new ArrayList<>(List.of("cc", "-std=gnu11", "-Wall", "-Wextra"));
    command.addAll(List.of("-Werror", "-shared", "-fPIC", "-o", library.toString()));
    command.addAll(List.of(options));
    command.add(source.toString());
    Programs.run(command);
    return library;
  }

  /** The types that macros give can be changed by {@code -D}, to see what comes of it. */
  private static String text() {
    SettingsWriter settings = new SettingsWriter(Settings.ALL);
    return """
    #include <stdbool.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <string.h>

    typedef int32_t int32;
    typedef int64_t int64;
    typedef int64_t TimestampTz;
    #define lengthof(array) (sizeof(array) / sizeof((array)[0]))
    #define PG_VERSION_NUM 150099

    #ifndef TIMEOUT_TYPE
    #define TIMEOUT_TYPE int32
    #endif
    #ifndef COUNTER_TYPE
    #define COUNTER_TYPE int64
    #endif

    TIMEOUT_TYPE CheckPointTimeout = 77;
    double CheckPointCompletionTarget = 0.25;
    int max_wal_size_mb = 4321;
    int wal_segment_size = 64 * 1024 * 1024;
    volatile int InterruptPending = 0;
    #ifdef WALRUS_HAVE_AllowAlterSystem
    bool AllowAlterSystem = false;
    #endif

    typedef struct PgStat_CheckpointerStats
    {
      char before[3];
      COUNTER_TYPE by_the_clock;
      double between[5];
      COUNTER_TYPE asked_for;
      char after[9];
    } PgStat_CheckpointerStats;
    #define WALRUS_CHECKPOINTER_REQUESTED asked_for
    #define WALRUS_CHECKPOINTER_TIMED by_the_clock

    static PgStat_CheckpointerStats stats = {.by_the_clock = 1111, .asked_for = 2222};

    #define WALRUS_TEXT_SIZE %1$d
    typedef struct WalrusFrame
    {
      int64 arguments[%2$d];
      int64 results[%2$d];
      char texts[%3$d][WALRUS_TEXT_SIZE];
    } WalrusFrame;
    typedef struct WalrusRow
    {
      const volatile void *address;
      int32 offset;
      int32 size;
    } WalrusRow;
    %4$s
    %5$s
    WalrusState walrus_state;
    WalrusFrame walrus_frame;

    /* Where a state field lies, as C sees it. */
    const void *field_address(const char *name);

    const void *field_address(const char *name)
    {
    %6$s
      return NULL;
    }

    int32 walrus_guarded_call(int32 number);

    int32 walrus_guarded_call(int32 number)
    {
      if (number == %7$d)
      {
        walrus_frame.results[0] = (int64) (intptr_t) &stats;
        walrus_frame.results[1] = 3333;
        return 0;
      }
      if (number == %8$d)
      {
        walrus_frame.results[0] = walrus_frame.arguments[0];
        strcpy(walrus_frame.texts[1], walrus_frame.texts[0]);
        strcpy(walrus_frame.texts[0], "no such setting");
        strcpy(walrus_frame.texts[2], "");
        walrus_frame.results[0] = 67137668;
        return -1;
      }
      return 0;
    }

    %9$s
    """
        .formatted(
            Frame.TEXT_SIZE,
            Frame.SLOTS,
            Frame.TEXTS,
            settingVariables(settings),
            StateWriter.struct(),
            stateFields(),
            Call.CHECKPOINTER_STATS.ordinal(),
            Call.ALTER_SYSTEM_SET.ordinal(),
            new TableWriter(Settings.ALL).table());
  }

  private static String stateFields() {
    StringBuilder out = new StringBuilder();
    for (StateField field : StateField.values()) {
      String name = field.cName();
      out.append("  if (strcmp(name, \"").append(name).append("\") == 0)\n");
      out.append("    return &walrus_state.").append(name).append(";\n");
    }
    return out.toString();
  }

  /** Each integer is its position and 1000, each switch is on. */
  private static String settingVariables(SettingsWriter settings) {
    StringBuilder out = new StringBuilder();
    int position = 0;
    for (String line : settings.declarations().lines().toList()) {
      String definition = line.substring("extern ".length(), line.length() - 1);
      String value = "NULL";
      if (definition.startsWith("bool")) {
        value = "true";
      } else if (definition.equals("int walrus_count_mode")) {
        value = "1";
      } else if (definition.startsWith("int")) {
        value = String.valueOf(1000 + position);
      }
      out.append(definition).append(" = ").append(value).append(";\n");
      position++;
    }
    return out.toString();
  }
}
