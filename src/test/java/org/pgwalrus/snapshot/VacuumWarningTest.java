package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class VacuumWarningTest {

  private static final long BEGUN = Long.MAX_VALUE - 5;
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private final List<String> log = new ArrayList<>();
  private final VacuumWarning warning = new VacuumWarning(BEGUN, log::add);

  @Test
  void saysNothingWithinAnHour() {
    warning.check(BEGUN);
    warning.check(BEGUN + HOUR - 1);

    assertThat(log).isEmpty();
  }

  @Test
  void warnsOnceAfterAnHour() {
    warning.check(BEGUN + HOUR);
    warning.check(BEGUN + 2 * HOUR);

    assertThat(log).hasSize(1);
    assertThat(log.getFirst()).contains("vacuum").contains("an hour");
  }
}
