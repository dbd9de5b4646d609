package org.pgwalrus.shim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.cluster.Programs;

/**
 * A server in C as small as can be, around the table, the structs, the thunks and the frame that
 * the generator writes: every variable has a value that no other has, the checkpointer's statistics
 * have a shape that no PostgreSQL ever gave them, and each call tells what has reached it.
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
    return """
    #include <stdarg.h>
    #include <stdbool.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <string.h>

    typedef int32_t int32;
    typedef int64_t int64;
    typedef int64_t TimestampTz;
    #define INT64_FORMAT "%%ld"
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
    int min_wal_size_mb = 1234;
    int wal_segment_size = 64 * 1024 * 1024;
    volatile int InterruptPending = 0;
    bool walrus_asked = true;
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
    typedef void (*WalrusThunk) (WalrusFrame *frame);
    typedef struct WalrusRequestKind
    {
      const char *name;
      const char *privileged;
    } WalrusRequestKind;
    typedef struct WalrusRow
    {
      const volatile void *address;
      int32 offset;
      int32 size;
    } WalrusRow;
    %4$s
    %5$s
    WalrusState walrus_state;
    SteepProgress steep_progress;
    WalrusFrame walrus_frame;

    /* As much of a StringInfo as the generated code needs. */
    typedef struct StringInfoData
    {
      char data[65536];
      int len;
    } StringInfoData;
    typedef StringInfoData *StringInfo;

    static void appendStringInfo(StringInfo out, const char *format, ...)
    {
      va_list values;

      va_start(values, format);
      out->len += vsnprintf(out->data + out->len, sizeof(out->data) - out->len, format, values);
      va_end(values);
    }

    static void appendStringInfoString(StringInfo out, const char *text)
    {
      appendStringInfo(out, "%%s", text);
    }

    static void appendStringInfoChar(StringInfo out, char c)
    {
      appendStringInfo(out, "%%c", c);
    }

    static void escape_json(StringInfo out, const char *text)
    {
      appendStringInfo(out, "\\"%%s\\"", text);
    }

    static void walrus_append_timestamp(StringInfo out, TimestampTz time)
    {
      appendStringInfo(out, "\\"at " INT64_FORMAT "\\"", time);
    }

    void walrus_state_to_json(StringInfo out, const WalrusState *state);
    void walrus_state_reset(WalrusState *state);
    %6$s
    %7$s
    const char *state_json(void);
    void state_reset(void);
    void state_fill(void);

    const char *state_json(void)
    {
      static StringInfoData out;

      out.len = 0;
      walrus_state_to_json(&out, &walrus_state);
      return out.data;
    }

    void state_reset(void)
    {
      walrus_state_reset(&walrus_state);
    }

    void state_fill(void)
    {
      memset(&walrus_state, 1, sizeof(walrus_state));
    }

    /* Where a state field lies, as C sees it. */
    const void *field_address(const char *name);

    const void *field_address(const char *name)
    {
    %8$s
      return NULL;
    }

    /* What has reached the functions that Java calls. */
    char called_with[4 * WALRUS_TEXT_SIZE];

    #define CALLED(...) snprintf(called_with, sizeof(called_with), __VA_ARGS__)

    static bool failed;

    %9$s
    bool stats_missing = false;

    void walrus_checkpointer_stats(int64 *results)
    {
      results[0] = stats_missing ? 0 : (int64) (intptr_t) &stats;
      results[1] = 3333;
    }

    void walrus_wal_position(int64 *results)
    {
      results[0] = 11;
      results[1] = 22;
      results[2] = 33;
    }

    void walrus_alter_system_set(const char *name, int64 value)
    {
      if (value != 0)
      {
        CALLED("set %%s to %%ld", name, value);
        return;
      }
      strcpy(walrus_frame.texts[1], name);
      strcpy(walrus_frame.texts[0], "no such setting");
      strcpy(walrus_frame.texts[2], "");
      walrus_frame.results[0] = 67137668;
      failed = true;
    }

    void walrus_alter_system_reset(const char *name)
    {
      CALLED("reset %%s", name);
    }

    void walrus_reload(char *text_result)
    {
      strcpy(text_result, "no postmaster");
    }

    void walrus_report(int64 level, const char *message, const char *detail, const char *hint)
    {
      CALLED("%%ld|%%s|%%s|%%s", level, message, detail, hint);
    }

    void walrus_execute(const char *sql, const char *first, const char *second,
                        int64 read_only, char *text_result, int64 *results)
    {
      CALLED("%%s|%%s|%%s|%%ld", sql, first, second, read_only);
      results[1] = strcmp(sql, "nothing") != 0;
      strcpy(text_result, "a value");
    }

    void walrus_wal_disk_free(int64 *results)
    {
      results[1] = INT64_C(123456789012);
    }

    void walrus_local_time(const char *zone, int64 *results)
    {
      CALLED("%%s", zone);
      results[1] = 6;
      results[2] = 23;
    }

    /* One of each kind in turn, and then nothing but a reset. */
    void walrus_take_request(char *argument, char *role, int64 *results)
    {
      static int next = 0;

      next++;
      results[1] = next <= walrus_request_count ? next : 0;
      results[2] = next > walrus_request_count;
      strcpy(argument, next <= walrus_request_count ? walrus_requests[next - 1].name : "");
      strcpy(role, "alice");
    }

    void walrus_answer(const char *text)
    {
      CALLED("%%s", text);
    }

    void walrus_publish_state(void)
    {
      CALLED("published");
    }

    /* Two jobs, the second to be undone, and then none. */
    void steep_claim_job(char *operation, char *operation_id, int64 *results)
    {
      static int next = 0;

      next++;
      results[1] = next <= 2 ? 40 + next : 0;
      results[2] = next == 2;
      strcpy(operation, "schema_capture");
      strcpy(operation_id, "an id");
    }

    void steep_execute(const char *sql, const char *first, const char *second, const char *third,
                       int64 as_owner, char *text_result, int64 *results)
    {
      CALLED("%%s|%%s|%%s|%%s|%%ld", sql, first, second, third, as_owner);
      results[1] = strcmp(sql, "nothing") != 0;
      strcpy(text_result, "a value");
    }

    void steep_check_point(void)
    {
      CALLED("checked");
    }

    /* Each reason in turn. */
    void steep_interruption(int64 *results)
    {
      static int next = 0;

      results[1] = next++;
    }

    void steep_publish_progress(void)
    {
      CALLED("progress published");
    }

    void steep_end_job(void)
    {
      CALLED("job ended");
    }

    int32 steep_wake(int32 unused);

    int32 steep_wake(int32 unused)
    {
      CALLED("woken with %%d", unused);
      return -1;
    }

    int32 walrus_guarded_call(int32 number);

    int32 walrus_guarded_call(int32 number)
    {
      failed = false;
      walrus_calls[number] (&walrus_frame);
      return failed ? -1 : 0;
    }

    %10$s
    """
        .formatted(
            Frame.TEXT_SIZE,
            Frame.SLOTS,
            Frame.TEXTS,
            settingVariables(),
            StateWriter.struct(),
            StateWriter.json(),
            StateWriter.reset(),
            stateFields(),
            calls(),
            new TableWriter(Settings.ALL).table());
  }

  private static String calls() {
    return "extern const WalrusThunk walrus_calls[];\nextern const int walrus_call_count;\n"
        + "extern const WalrusRequestKind walrus_requests[];\nextern const int"
        + " walrus_request_count;\n"
        + CallsWriter.prototypes()
        + CallsWriter.thunks()
        + CallsWriter.requests();
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

  /** What a setting has here: a number by its position, its own name, the last of its choices. */
  static Object value(Setting setting) {
    int position = Settings.ALL.indexOf(setting);
    return switch (setting) {
      case Setting.Bool _ -> true;
      case Setting.Int _ -> 1000 + position;
      case Setting.Real _ -> position + 0.25;
      case Setting.Text text -> "value of " + text.name();
      case Setting.Choice choice -> choice.values().getLast();
    };
  }

  private static String settingVariables() {
    StringBuilder out = new StringBuilder();
    List<String> lines = new SettingsWriter(Settings.ALL).declarations().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Setting setting = Settings.ALL.get(i);
      String line = lines.get(i);
      String literal =
          switch (setting) {
            case Setting.Text _ -> CText.literal((String) value(setting));
            case Setting.Choice choice -> String.valueOf(choice.values().size() - 1);
            default -> String.valueOf(value(setting)).toLowerCase(Locale.ROOT);
          };
      out.append(line, "extern ".length(), line.length() - 1);
      out.append(" = ").append(literal).append(";\n");
    }
    return out.toString();
  }
}
