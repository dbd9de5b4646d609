package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.OperationSettings;

/** Who is told what by NOTIFY. */
class EventsTest {

  private final FakeServer server = new FakeServer();
  private final Events events = new Events(server);

  @Test
  void anEventIsSentWithItsName() {
    events.send("profile_changed", new Json().put("from", "a").put("to", "b"));

    assertThat(server.database.events())
        .containsExactly(
            "{\"from\": \"a\", \"to\": \"b\", \"event\": \"profile_changed\", \"id\": null}");
    assertThat(server.database.sent(FakeDatabase.NOTIFY).getFirst().sql())
        .contains("'cluster_name'", "'timestamp'", "current_setting('walrus.notify_channel')");
  }

  @Test
  void withoutAChannelNothingIsSent() {
    server.set(OperationSettings.NOTIFY_CHANNEL, "");
    events.send("profile_changed", new Json());

    assertThat(server.database.events()).isEmpty();
    assertThat(events.wanted("increase")).isFalse();
  }

  @Test
  void anEventThatCannotBeSentIsAWarning() {
    server.database.fail(FakeDatabase.NOTIFY, "54000", "too many notifications");
    events.send("ceiling_reached", new Json());

    assertThat(server.warnings())
        .containsExactly("pg_walrus: failed to announce ceiling_reached: too many notifications");
  }

  @Test
  void whatWasOnlyTriedIsWantedIfSomebodySaysSo() {
    assertThat(events.wanted("increase")).isTrue();
    assertThat(events.wanted("dry_run")).isFalse();

    server.set(OperationSettings.NOTIFY_DRY_RUN, true);
    assertThat(events.wanted("dry_run")).isTrue();
  }
}
