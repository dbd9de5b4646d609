package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.ForeignServer;
import org.pgwalrus.backend.RehearsalTable;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.StateField;

/** The cache of classes is worth what the rehearsal goes through. */
class RehearsalTest {

  @Test
  void aRehearsedWorkerTakesABaselineAndAppliesAGrowth() throws InterruptedException {
    RehearsalTable table = new RehearsalTable();
    Server server = ForeignServer.open(table.address(), table.rows(), BuildInfo.BUILD_ID);
    SizingWorker worker = new SizingWorker(server);
    worker.cycle(false);
    assertThat(server.state().get(StateField.BASELINE_VALID)).isEqualTo(1);

    table.requestedCheckpoints(100);
    Thread.sleep(1_100);
    worker.cycle(true);

    assertThat(server.state().get(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
    assertThat(server.state().get(StateField.TOTAL_INCREASES)).isEqualTo(1);

    table.enable(false);
    assertThat(worker.cycle(true)).isEqualTo(SizingWorker.IDLE_MILLIS);
  }
}
