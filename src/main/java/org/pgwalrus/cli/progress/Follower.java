package org.pgwalrus.cli.progress;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.connection.ConnectionFailure;

/**
 * Follows an operation to its end. What is heard moves the bar at once; the tables are looked at
 * every second, and when an end was announced, and they alone say how it ended.
 */
public final class Follower {

  private static final Duration TICK = Duration.ofMillis(100);
  private static final long LOOK_EVERY = TimeUnit.SECONDS.toNanos(1);

  private final Announcements announcements;
  private final ProgressView view;
  private final IntSupplier interrupts;
  private final LongSupplier clock;
  private final Consumer<String> messages;
  private final Executor cancellers;

  private Progress progress = Progress.NONE;
  private long sequence = Long.MIN_VALUE;
  private @Nullable CompletableFuture<Optional<String>> cancelling;
  private boolean isRefusalTold;

  Follower(
      Announcements announcements,
      ProgressView view,
      IntSupplier interrupts,
      LongSupplier clock,
      Consumer<String> messages,
      Executor cancellers) {
    this.cancellers = cancellers;
    this.announcements = announcements;
    this.view = view;
    this.interrupts = interrupts;
    this.clock = clock;
    this.messages = messages;
  }

  /**
   * A follower of one operation.
   *
   * @param messages told what the user should know meanwhile
   */
  public static Follower create(
      Listener listener, ProgressView view, Interrupts interrupts, Consumer<String> messages) {
    return new Follower(
        listener, view, interrupts::count, System::nanoTime, messages, Thread::startVirtualThread);
  }

  /** Returns when the operation has ended, the user has had enough, or the time is over. */
  public End follow(Operation operation, Duration limit) {
    long begin = clock.getAsLong();
    long looked = begin;
    State state = look(operation);
    while (!state.hasEnded()) {
      long now = clock.getAsLong();
      tellRefusal();
      if (interrupts.getAsInt() > 1) {
        view.close();
        return new End.Detached(request());
      } else if (now - begin >= limit.toNanos()) {
        view.close();
        return new End.TimedOut(state, request());
      }
      cancelIfAsked(operation);
      boolean endAnnounced = hear(operation.id());
      view.show(progress, clock.getAsLong());
      if (endAnnounced || clock.getAsLong() - looked >= LOOK_EVERY) {
        state = look(operation);
        looked = clock.getAsLong();
      }
    }
    view.show(progress, clock.getAsLong() + LOOK_EVERY);
    view.close();
    return new End.Ended(state);
  }

  private boolean hear(String id) {
    boolean ended = false;
    for (Announcement one : announcements.await(TICK)) {
      if (one.id().equals(id) && one.sequence() >= sequence) {
        sequence = one.sequence();
        ended |= one.isLast();
        if (!one.isLast()) {
          progress = one.progress().after(progress);
        }
      }
    }
    return ended;
  }

  private State look(Operation operation) {
    State state = lookPatiently(operation);
    progress = state.progress().after(progress);
    view.show(progress, clock.getAsLong());
    return state;
  }

  private void cancelIfAsked(Operation operation) {
    if (interrupts.getAsInt() == 0 || cancelling != null) {
      return;
    }
    say(Interrupts.FIRST);
    cancelling = CompletableFuture.supplyAsync(() -> cancel(operation), cancellers);
  }

  /** Why it could not be asked for, or was refused. */
  private static Optional<String> cancel(Operation operation) {
    try {
      operation.cancel();
      return Optional.empty();
    } catch (SQLException | RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void tellRefusal() {
    if (cancelling != null && !isRefusalTold) {
      Optional<String> refusal = cancelling.getNow(Optional.empty());
      isRefusalTold = refusal.isPresent();
      refusal.ifPresent(reason -> say("it is not cancelled: " + reason));
    }
  }

  private End.Request request() {
    if (cancelling == null) {
      return End.Request.NOT_MADE;
    } else if (!cancelling.isDone()) {
      return End.Request.UNANSWERED;
    }
    tellRefusal();
    return isRefusalTold ? End.Request.NOT_MADE : End.Request.MADE;
  }

  private void say(String message) {
    view.close();
    messages.accept(message);
  }

  private State lookPatiently(Operation operation) {
    for (; ; ) {
      try {
        return operation.look();
      } catch (SQLException e) {
        if (!ConnectionFailure.isOne(e)) {
          throw new FollowingFailed(operation.id(), e);
        }
        view.close();
        operation.reconnect();
      }
    }
  }
}
