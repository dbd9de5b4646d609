package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.sizing.Disk;

/** What the disk and what keeps WAL there allow; what is not known allows nothing. */
class SurroundingsReaderTest {

  private static final Disk NO_ROOM = new Disk(0, 0, 0);
  private static final long GB = 1024 * FakeServer.MB;

  private final FakeServer server = new FakeServer();
  private final SurroundingsReader reader = new SurroundingsReader(server);

  private void found(long wal, long slots, long segments, long keep, long fpi, long written) {
    server.database.answer(
        FakeDatabase.SURROUNDINGS,
        wal + " " + slots + " " + segments + " " + keep + " " + fpi + " " + written);
  }

  @Test
  void everyNumberHasItsPlace() {
    server.diskFreeBytes = 7 * GB;
    found(2 * GB, 3 * GB, 0, 0, 555, 7777);

    assertThat(reader.read()).isEqualTo(new Surroundings(new Disk(7148, 2048, 3072), 555, 7777));
  }

  @ParameterizedTest
  @CsvSource({"3, 2, 1", "1, 3, 2", "2, 1, 3"})
  void whateverKeepsMostIsWhatIsKept(long slots, long archiving, long keep) {
    found(0, slots * GB, archiving * 64, keep * GB, 0, 0);

    assertThat(reader.read().disk()).isEqualTo(new Disk((1 << 20) - 20, 0, 3072));
  }

  /** The one to be written next: 16 MB are left of 20 when a fifth is taken off. */
  @ParameterizedTest
  @CsvSource({"20, 20, 0", "21, 20, 1", "19, 20, 0", "100, 50, 68", "16, 0.1, 0"})
  void theNextSegmentHasItsRoom(long freeMb, double reserve, long leftMb) {
    server.set(LimitSettings.DISK_RESERVE, reserve);
    server.diskFreeBytes = freeMb * FakeServer.MB;

    assertThat(reader.read().disk()).isEqualTo(new Disk(leftMb, 0, 0));
  }

  @Test
  void withoutAReserveNobodyLooksAtTheDisk() {
    server.set(LimitSettings.DISK_RESERVE, 0);
    server.diskFailure = new PgException("58030", "no such directory", "", "");
    found(2 * GB, 3 * GB, 0, 0, 555, 7777);

    assertThat(reader.read()).isEqualTo(new Surroundings(null, 555, 7777));
    assertThat(server.log).isEmpty();
  }

  @Test
  void aDiskThatCannotBeLookedAtHasNoRoomAndThatIsToldOncePerFailure() {
    server.diskFailure = new PgException("58030", "no such directory", "", "");

    assertThat(reader.read()).isEqualTo(new Surroundings(NO_ROOM, 0, 0));
    assertThat(reader.read()).isEqualTo(new Surroundings(NO_ROOM, 0, 0));
    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: could not look at the disk of pg_wal, not growing: no such directory");

    server.diskFailure = null;
    assertThat(reader.read().disk()).isNotEqualTo(NO_ROOM);
    server.diskFailure = new PgException("58030", "no such directory", "", "");
    reader.read();
    assertThat(server.warnings()).hasSize(2);
  }

  @Test
  void aFailureThatDidNotMatterIsToldOnceItDoes() {
    server.set(LimitSettings.DISK_RESERVE, 0);
    server.database.fail(FakeDatabase.SURROUNDINGS, "57014", "canceling statement");
    assertThat(reader.read()).isEqualTo(new Surroundings(null, 0, 0));
    assertThat(server.log).isEmpty();

    server.set(LimitSettings.DISK_RESERVE, 20);
    assertThat(reader.read().disk()).isEqualTo(NO_ROOM);
    assertThat(server.warnings()).hasSize(1);
  }

  @Test
  void noAnswerMeansNoRoom() {
    server.database.answer(FakeDatabase.SURROUNDINGS, (String) null);

    assertThat(reader.read().disk()).isEqualTo(NO_ROOM);
  }
}
