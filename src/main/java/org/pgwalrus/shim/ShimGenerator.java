package org.pgwalrus.shim;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.JvmOptions;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;

/**
 * Writes {@code walrus_shim.h}, {@code walrus_shim.c} and the JVM's options into the directory that
 * is its only argument. Files whose text has not changed are left alone, so that nothing is
 * compiled again for no reason.
 */
public final class ShimGenerator {

  static final Charset CHARSET = StandardCharsets.US_ASCII;

  private static final String NOTICE =
      "/* Generated from the declarations in org.pgwalrus.backend. Do not edit. */\n";

  private final SettingsWriter settings;
  private final TableWriter table;

  ShimGenerator(List<Setting> settings) {
    this.settings = new SettingsWriter(settings);
    this.table = new TableWriter(settings);
  }

  /** Runs the generator. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("usage: ShimGenerator DIRECTORY");
    }
    Path directory = Files.createDirectories(Path.of(arguments[0]));
    ShimGenerator generator = new ShimGenerator(Settings.ALL);
    write(directory.resolve("walrus_shim.h"), generator.header());
    write(directory.resolve("walrus_shim.c"), generator.source());
    write(directory.resolve("jvm.options"), lines(JvmOptions.FIXED) + lines(JvmOptions.LAST));
    write(directory.resolve("jobs.options"), lines(JvmOptions.FOR_JOBS) + lines(JvmOptions.LAST));
    write(
        directory.resolve("jvm-" + JvmOptions.TUNED_VERSION + ".options"), lines(JvmOptions.TUNED));
  }

  String header() {
    return """
    %1$s#ifndef WALRUS_SHIM_H
    #define WALRUS_SHIM_H

    #include "datatype/timestamp.h"
    #include "lib/stringinfo.h"
    #include "utils/guc.h"

    #define WALRUS_BUILD_ID "%2$s"
    #define WALRUS_VERSION "%3$s"

    /* Settings. */
    %4$s
    extern void walrus_define_settings(void);

    %11$s
    %5$s
    extern WalrusState walrus_state;
    extern SteepProgress steep_progress;

    /* Appends the members of a JSON object, without its braces. */
    extern void walrus_state_to_json(StringInfo out, const WalrusState *state);
    extern void steep_progress_to_json(StringInfo out, const SteepProgress *state);
    extern void walrus_state_reset(WalrusState *state);
    extern void walrus_append_timestamp(StringInfo out, TimestampTz time);

    /* Calls from Java: arguments and results, or an error, travel in one frame. */
    #define WALRUS_TEXT_SIZE %6$d

    typedef struct WalrusFrame
    {
    	int64		arguments[%7$d];
    	int64		results[%7$d];
    	char		texts[%8$d][WALRUS_TEXT_SIZE];
    } WalrusFrame;

    extern WalrusFrame walrus_frame;

    typedef void (*WalrusThunk) (WalrusFrame *frame);

    extern const WalrusThunk walrus_calls[];
    extern const int walrus_call_count;

    extern int32 walrus_guarded_call(int32 number);
    extern int32 steep_wake(int32 unused);

    %9$s
    /* What SQL functions may ask of the worker. */
    typedef struct WalrusRequestKind
    {
    	const char *name;
    	const char *privileged;		/* the SQL function that not everybody may call, or NULL */
    } WalrusRequestKind;

    extern const WalrusRequestKind walrus_requests[];
    extern const int walrus_request_count;

    /* Where everything lies that Java reads in place. */
    typedef struct WalrusRow
    {
    	const volatile void *address;
    	int32		offset;
    	int32		size;
    } WalrusRow;

    extern const WalrusRow walrus_table[];
    extern const int walrus_table_rows;

    /* The options of the JVM before and after walrus.jvm_options, each list with a NULL at its end. */
    extern const char *const walrus_jvm_fixed_options[];
    extern const char *const walrus_jvm_last_options[];

    /* Fixed options that one version of Java knows. */
    #define WALRUS_TUNED_JAVA_VERSION %10$d

    extern const char *const walrus_jvm_tuned_options[];

    /* The fixed options of the JVM of jobs. */
    extern const char *const steep_jvm_options[];

    #endif							/* WALRUS_SHIM_H */
    """
        .formatted(
            NOTICE,
            BuildInfo.BUILD_ID,
            BuildInfo.VERSION,
            settings.declarations(),
            StateWriter.struct(),
            Frame.TEXT_SIZE,
            Frame.SLOTS,
            Frame.TEXTS,
            CallsWriter.prototypes(),
            JvmOptions.TUNED_VERSION,
            SettingsWriter.checks());
  }

  String source() {
    return """
    %s#include "postgres.h"

    #include "access/xlog.h"
    #include "miscadmin.h"
    #include "pgstat.h"
    #include "postmaster/bgwriter.h"
    #include "utils/guc.h"
    #include "utils/json.h"

    #include "walrus.h"

    %s
    %s
    WalrusState walrus_state;
    SteepProgress steep_progress;

    %s
    %s
    WalrusFrame walrus_frame;

    %s
    %s
    %s
    const char *const walrus_jvm_fixed_options[] = {
    %s};

    const char *const steep_jvm_options[] = {
    %s};

    const char *const walrus_jvm_tuned_options[] = {
    %s};

    const char *const walrus_jvm_last_options[] = {
    %s};
    """
        .formatted(
            NOTICE,
            settings.definitions(),
            settings.registration(),
            StateWriter.json(),
            StateWriter.reset(),
            CallsWriter.thunks(),
            CallsWriter.requests(),
            table.table(),
            strings(JvmOptions.FIXED),
            strings(JvmOptions.FOR_JOBS),
            strings(JvmOptions.TUNED),
            strings(JvmOptions.LAST));
  }

  private static String strings(List<String> values) {
    StringBuilder out = new StringBuilder();
    for (String value : values) {
      out.append('\t').append(CText.literal(value)).append(",\n");
    }
    return out.append("\tNULL\n").toString();
  }

  private static String lines(List<String> values) {
    return String.join("\n", values) + "\n";
  }

  private static void write(Path file, String text) throws IOException {
    if (!Files.exists(file) || !Files.readString(file, CHARSET).equals(text)) {
      Files.writeString(file, text, CHARSET);
    }
  }
}
