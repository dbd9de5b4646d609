package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  private final Schedule schedule = new Schedule();

  @Test
  void theFirstTimeIsAlwaysDue() {
    assertThat(schedule.isDue(Long.MIN_VALUE, 1000)).isTrue();
  }

  @Test
  void theNextIsDueWhenTheIntervalIsOver() {
    schedule.isDue(5000, 1000);

    assertThat(schedule.isDue(5999, 1000)).isFalse();
    assertThat(schedule.isDue(6000, 1000)).isTrue();
    assertThat(schedule.isDue(6999, 1000)).isFalse();
  }

  @Test
  void anIntervalOfNothingIsAlwaysOver() {
    schedule.isDue(5000, 0);

    assertThat(schedule.isDue(5000, 0)).isTrue();
  }

  @Test
  void aRestartCountsAsATime() {
    schedule.restart(5000);

    assertThat(schedule.isDue(5999, 1000)).isFalse();
    assertThat(schedule.isDue(6000, 1000)).isTrue();
  }

  /** The clock of a process may begin anywhere, and pass the largest number. */
  @Test
  void theClockMayPassTheLargestNumber() {
    schedule.isDue(Long.MAX_VALUE - 10, 1000);

    assertThat(schedule.isDue(Long.MIN_VALUE + 10, 1000)).isFalse();
    assertThat(schedule.isDue(Long.MIN_VALUE + 989, 1000)).isTrue();
  }
}
