package org.pgwalrus.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.CliException;

/** Following, on a clock that only waiting moves. */
class FollowerTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final List<String> told = new ArrayList<>();
  private final List<Progress> shown = new ArrayList<>();
  private final List<List<String>> announced = new ArrayList<>();
  private final Server server = new Server();
  private long now;
  private int interrupts;

  /** An operation that ends when it was looked at so often, or when it is cancelled. */
  private static final class Server implements Operation {
    private int looks;
    private int cancels;
    private int reconnects;
    private int endsAfter = Integer.MAX_VALUE;
    private boolean refuses;
    private boolean isDeaf;
    private SQLException failure = new SQLException("none", "00000");
    private int failures;

    @Override
    public String id() {
      return "snap";
    }

    @Override
    public State look() throws SQLException {
      if (failures > 0) {
        failures--;
        throw failure;
      }
      looks++;
      boolean isCancelled = cancels > 0 && !isDeaf && !refuses;
      boolean hasEnded = isCancelled || looks > endsAfter;
      return new State(
          isCancelled ? "cancelled" : hasEnded ? "complete" : "generating",
          hasEnded,
          null,
          new Progress("data", looks, null, 0, 0, 0, 0, 0, null));
    }

    @Override
    public void cancel() throws SQLException {
      cancels++;
      if (refuses) {
        throw new SQLException("permission denied", "42501");
      }
    }

    @Override
    public void reconnect() {
      reconnects++;
    }
  }

  private List<Announcement> await(Duration limit) {
    now += limit.toNanos();
    return announced.isEmpty()
        ? List.of()
        : announced.removeFirst().stream()
            .map(payload -> Announcement.parse(payload).orElseThrow())
            .toList();
  }

  private End follow(Duration limit) {
    ProgressView view =
        new ProgressView() {
          @Override
          public void show(Progress progress, long at) {
            shown.add(progress);
          }

          @Override
          public void close() {}
        };
    return new Follower(this::await, view, () -> interrupts, () -> now, told::add, Runnable::run)
        .follow(server, limit);
  }

  private static String payload(String id, int sequence, String status, double percent) {
    return "{\"id\":\"%s\",\"seq\":%d,\"status\":\"%s\",\"phase\":\"data\",\"percent\":%s}"
        .formatted(id, sequence, status, percent);
  }

  @Test
  void looksOnceASecondWhenNothingIsHeard() {
    server.endsAfter = 5;
    assertThat(follow(LONG)).isInstanceOf(End.Ended.class);
    assertThat(Duration.ofNanos(now)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void anEndThatIsHeardIsLookedUpAtOnce() {
    server.endsAfter = 1;
    announced.add(List.of(payload("snap", 1, "failed", 0)));
    assertThat(follow(LONG))
        .isEqualTo(new End.Ended(new State("complete", true, null, shown.getLast())));
    assertThat(Duration.ofNanos(now)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void othersAndLateMessagesDoNotMoveTheBar() {
    server.endsAfter = 1;
    announced.add(
        List.of(
            payload("snap", 5, "running", 40),
            payload("snap", 4, "running", 90),
            payload("other", 9, "complete", 100)));
    follow(LONG);
    assertThat(shown.stream().mapToDouble(Progress::percent)).containsOnly(1.0, 40.0);
  }

  @Test
  void thePercentageNeverFalls() {
    server.endsAfter = 3;
    announced.add(List.of(payload("snap", 1, "running", 60)));
    follow(LONG);
    assertThat(shown.stream().map(Progress::percent).toList()).isSorted();
  }

  @Test
  void theTimeLimitLeavesItRunning() {
    assertThat(follow(Duration.ofSeconds(3))).isInstanceOf(End.TimedOut.class);
    assertThat(server.cancels).isZero();
  }

  @Test
  void theTimeLimitTellsWhatWasAskedFor() {
    server.isDeaf = true;
    interrupts = 1;
    assertThat(follow(Duration.ofSeconds(3)))
        .isInstanceOfSatisfying(
            End.TimedOut.class, out -> assertThat(out.request()).isEqualTo(End.Request.MADE));
  }

  @Test
  void anInterruptCancelsOnceAndWaitsForTheEnd() {
    interrupts = 1;
    End end = follow(LONG);
    assertThat(end)
        .isInstanceOfSatisfying(
            End.Ended.class, ended -> assertThat(ended.state().status()).isEqualTo("cancelled"));
    assertThat(server.cancels).isEqualTo(1);
    assertThat(told).containsExactly("cancelling; press Ctrl-C again to wait for that no longer");
  }

  @Test
  void aRefusedCancelIsToldAndFollowingGoesOn() {
    interrupts = 1;
    server.refuses = true;
    server.endsAfter = 2;
    assertThat(follow(LONG)).isInstanceOf(End.Ended.class);
    assertThat(told.getLast()).isEqualTo("it is not cancelled: permission denied");
  }

  @Test
  void twoInterruptsLeaveItRunning() {
    interrupts = 2;
    assertThat(follow(LONG)).isEqualTo(new End.Detached(End.Request.NOT_MADE));
    assertThat(server.cancels).isZero();
  }

  @Test
  void theSecondInterruptLeavesWhatTheServerWasAskedToCancel() {
    server.isDeaf = true;
    assertThat(followInterruptedTwice(Runnable::run)).isEqualTo(new End.Detached(End.Request.MADE));
    assertThat(server.cancels).isEqualTo(1);
  }

  @Test
  void aRequestOnItsWayIsNotToldToHaveArrived() {
    assertThat(followInterruptedTwice(_ -> {})).isEqualTo(new End.Detached(End.Request.UNANSWERED));
  }

  @Test
  void aRefusedRequestIsNotToldToHaveBeenMade() {
    server.refuses = true;
    assertThat(followInterruptedTwice(Runnable::run))
        .isEqualTo(new End.Detached(End.Request.NOT_MADE));
    assertThat(told.getLast()).isEqualTo("it is not cancelled: permission denied");
  }

  private End followInterruptedTwice(Executor cancellers) {
    interrupts = 1;
    Consumer<String> messages =
        message -> {
          told.add(message);
          interrupts = 2;
        };
    return new Follower(
            this::await, ProgressView.SILENT, () -> interrupts, () -> now, messages, cancellers)
        .follow(server, LONG);
  }

  @Test
  void aLostSessionIsReplaced() {
    server.endsAfter = 1;
    server.failures = 2;
    server.failure = new SQLException("gone", "08006");
    assertThat(follow(LONG)).isInstanceOf(End.Ended.class);
    assertThat(server.reconnects).isEqualTo(2);
  }

  @Test
  void whatTheServerRefusesEndsIt() {
    server.failures = 1;
    server.failure = new SQLException("permission denied", "42501");
    assertThatThrownBy(() -> follow(LONG))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("permission denied");
  }

  @Test
  void foreignPayloadsAreNotOurs() {
    for (String payload : List.of("", "no JSON", "[]", "{", "{}", "{\"id\":1,\"percent\":\"x\"}")) {
      assertThat(Announcement.parse(payload)).as(payload).isEmpty();
    }
    assertThat(Announcement.parse("{\"more\":{\"id\":\"x\"},\"id\":\"s\",\"status\":\"complete\"}"))
        .hasValueSatisfying(one -> assertThat(one.isLast()).isTrue());
  }
}
