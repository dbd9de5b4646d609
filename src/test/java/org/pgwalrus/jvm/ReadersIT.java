package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;

/** jextract's bindings and the layout table see the same server. */
class ReadersIT {

  private static final Pattern REPORT =
      Pattern.compile("readers: LayoutTableReader (\\[.*]) and BindingsReader (\\[.*])");

  @Test
  void bothReadersReadTheSame() {
    if (!BuildInfo.READER.equals("jextract")) {
      String reason = "the build has no jextract bindings (no jextract when it was made)";
      System.out.println("skipped " + ReadersIT.class.getSimpleName() + ": " + reason);
      abort(reason);
    }
    Path classes = FaultFiles.compileClasses("readers", Path.of("src/test/readers"));
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.classpath", classes + ":" + Installation.get().jar())
            .set("checkpoint_timeout", "77s")
            .set("max_wal_size", "333MB")
            .start()) {
      cluster.awaitWorker(0, TestCluster.SOON);
      for (int i = 0; i < 3; i++) {
        cluster.execute("CHECKPOINT");
      }
      cluster.reload();
      cluster.awaitLog("readers: ", TestCluster.SOON);

      Matcher report = REPORT.matcher(cluster.log());
      assertThat(report.find()).as(cluster.log()).isTrue();
      assertThat(report.group(2)).isEqualTo(report.group(1));
      assertThat(report.group(1)).startsWith("[77, 333, ").doesNotContain(", 0, 0]");
    }
  }
}
