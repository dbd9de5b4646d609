package org.pgwalrus.backend;

import java.util.ArrayList;
import java.util.List;

/**
 * The options of the JVMs that are known at build time; C adds the stack size, the class path, the
 * cache and the error file. The training of each cache uses the same list, because a cache made
 * under other options is refused.
 */
public final class JvmOptions {

  private static final List<String> COMMON =
      List.of(
          // SIGHUP, SIGINT, SIGTERM and SIGQUIT stay the server's.
          "-Xrs",
          "-XX:+UseSerialGC",
          // No files in the temporary directory, no attach listener thread.
          "-XX:-UsePerfData",
          "-XX:+DisableAttachMechanism",
          "--enable-native-access=ALL-UNNAMED");

  /** The fixed options of the sizing worker, in order. */
  public static final List<String> FIXED =
      with(
          // No compiler: it would cost more at start than it gives back in a few cycles a minute.
          "-Xint",
          "-Xmx16m",
          // The heap grows into its young generation within days; this bounds it.
          "-Xmn1m");

  /** The fixed options of a job worker. */
  public static final List<String> FOR_JOBS =
      with(
          // The better compiler only for what a long job does all the time, hashing above all: ten
          // times the usual thresholds. It would cost a short job more than it gives back.
          "-XX:Tier4InvocationThreshold=50000",
          "-XX:Tier4MinInvocationThreshold=6000",
          "-XX:Tier4CompileThreshold=150000",
          "-XX:Tier4BackEdgeThreshold=400000",
          // The classes that zstd-jni has for newer JDKs take ten times as long to load.
          "-Djdk.util.jar.enableMultiRelease=false");

  /** The JDK that knows the options of {@link #TUNED}: diagnostic ones come and go. */
  public static final int TUNED_VERSION = 25;

  /** What saves memory and threads on that JDK, and is left out on others. */
  public static final List<String> TUNED =
      List.of(
          "-XX:+UnlockDiagnosticVMOptions",
          // Maps the cache where it was dumped: 4.4 MB less private memory.
          "-XX:ArchiveRelocationMode=0",
          // Two threads less to wake up: for compilers that are off, and for idle monitors.
          "-XX:-AOTReplayTraining",
          "-XX:AsyncDeflationInterval=60000");

  /** What {@code walrus.jvm_options} cannot change, because the whole cluster would pay for it. */
  public static final List<String> LAST =
      List.of(
          // The process would vanish with exit code 3, and the postmaster restarts all others.
          "-XX:-ExitOnOutOfMemoryError",
          "-XX:-CrashOnOutOfMemoryError",
          // Core and dump would lie in the data directory.
          "-XX:-CreateCoredumpOnCrash",
          "-XX:-HeapDumpOnOutOfMemoryError");

  private static List<String> with(String... more) {
    List<String> all = new ArrayList<>(COMMON);
    all.addAll(List.of(more));
    return List.copyOf(all);
  }

  private JvmOptions() {}
}
