package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.Asked;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Request;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Conditions;
import org.pgwalrus.sizing.Disk;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Recommendation;
import org.pgwalrus.sizing.State;

/** Answers what SQL functions ask of the worker, from the server as it is at that moment. */
final class RequestDesk {

  /** How long an answer waits for the verdict on the size that was written. */
  private static final long VERDICT_NANOS = 2_000_000_000L;

  /** An answer that waits to hear whether its size is in force. */
  private record Deferred(Json answer, int sizeMb, long untilNanos) {}

  private final Server server;
  private final PolicyReader policies;
  private final SizeWriter writer;
  private final Executor executor;
  private final History history;
  private @Nullable Deferred deferred;

  /** The row of a release that had no effect when its size was looked for. */
  private @Nullable HistoryRow ineffectiveRelease;

  RequestDesk(
      Server server, PolicyReader policies, SizeWriter writer, Executor executor, History history) {
    this.server = server;
    this.policies = policies;
    this.writer = writer;
    this.executor = executor;
    this.history = history;
  }

  /** Whether an answer is still owed. */
  boolean isWaiting() {
    return deferred != null;
  }

  /**
   * Gives the answer that has waited, once there is a verdict or the time is up. Where a new
   * request has come, whoever asked before has left: the answer would go to somebody else.
   */
  void settle(Asked asked, long nowNanos) {
    if (asked.request() != null) {
      deferred = null;
    }
    Deferred owed = deferred;
    if (owed != null && (!writer.isPending() || nowNanos - owed.untilNanos() >= 0)) {
      deferred = null;
      if (writer.isPending()) {
        owed.answer().raw("effective", "null");
      } else {
        owed.answer().put("effective", server.maxWalSizeMb() == owed.sizeMb());
      }
      server.answer(owed.answer().toString());
    }
  }

  /** Refuses whatever is asked. */
  void refuse(String reason) {
    server.answer(new Json().put("error", reason).toString());
  }

  /**
   * Serves a request.
   *
   * @return the state after it
   */
  State serve(
      Request request,
      Asked asked,
      Look look,
      State state,
      Surroundings around,
      Circumstances now) {
    switch (request) {
      case RECOMMENDATION -> {
        Recommendation advice = advice(look, state, now.conditions(around.disk()));
        server.answer(full(advice, state, now).toString());
      }
      case APPLY -> {
        return apply(asked.role(), look, state, around.disk(), now);
      }
      case SIMULATE -> simulate(asked.argument(), look);
      case RELEASE -> release(asked, look, now);
    }
    return state;
  }

  /** Anybody may send anything: what is no simulation must not end the cycle. */
  private void simulate(String argument, Look look) {
    String answer;
    try {
      answer = SimulationRequest.answer(argument, look.sample(), look.policy());
    } catch (IllegalArgumentException e) {
      refuse(String.valueOf(e.getMessage()));
      return;
    }
    if (Frame.fits(answer)) {
      server.answer(answer);
    } else {
      refuse("the answer is too long, give fewer rates");
    }
  }

  private static Recommendation advice(Look look, State state, Conditions conditions) {
    return Recommendation.of(look.sample(), look.policy(), conditions, state);
  }

  private Json full(Recommendation advice, State state, Circumstances now) {
    return brief(advice)
        .put("evidence", evidence(advice, state, now))
        .put("limited_by", advice.limitedBy().text())
        .put("dry_run", now.policy().trial() || policies.advises());
  }

  private static Json brief(Recommendation advice) {
    return new Json()
        .put("current_size_mb", advice.currentMb())
        .put("recommended_size_mb", advice.recommendedMb())
        .put("action", PolicyReader.value(advice.action()))
        .put("reason", advice.reason())
        .put("confidence", advice.confidence());
  }

  private static @Nullable Json evidence(Recommendation advice, State state, Circumstances now) {
    if (advice.evidence() == null) {
      return null;
    }
    return new Json()
        .put("samples", state.rates().count())
        .put("interval_sec", advice.evidence().elapsedSeconds())
        .put("raw_delta", advice.evidence().rawDelta())
        .put("effective_delta", advice.evidence().delta())
        .put("wal_mb", advice.evidence().walMb())
        .put("trigger_distance_mb", advice.evidence().triggerDistanceMb())
        .put("rate_p95_mb_sec", state.rates().percentile(now.policy().rates().targetPercentile()))
        .put("fpi_share", now.fpiShare());
  }

  private State apply(String role, Look look, State state, @Nullable Disk disk, Circumstances now) {
    Recommendation advice = advice(look, state, now.conditions(disk));
    Json answer = new Json().put("analyzed", true).put("recommendation", brief(advice));
    Change change = advice.change();
    if (change == null || advice.evidence() == null) {
      server.answer(refused(answer, null));
      return state;
    }
    Json who =
        new Json()
            .put("source", "walrus.analyze")
            .put("confidence", advice.confidence())
            .put("user", role);
    String obstacle = obstacle(now);
    boolean made = obstacle.isEmpty();
    HistoryRow row = HistoryRows.manual(change, advice.evidence(), now, advice.reason(), who, made);
    if (!made) {
      server.state().increment(StateField.TOTAL_DRY_RUN);
      history.add(row, look.nanos());
      server.answer(refused(answer, obstacle));
      return state;
    }
    if (!executor.write(change, row, now, look.nanos())) {
      server.answer(refused(answer, "ALTER SYSTEM failed, see the server log"));
      return state;
    }
    answer.put("applied", true).put("blocked_by", (String) null);
    deferred = new Deferred(answer, change.toMb(), look.nanos() + VERDICT_NANOS);
    return state.appliedManually(change, look.sample());
  }

  private static String refused(Json answer, @Nullable String obstacle) {
    return answer
        .put("applied", false)
        .put("blocked_by", obstacle)
        .raw("effective", "null")
        .toString();
  }

  private String obstacle(Circumstances now) {
    if (now.policy().trial()) {
      return "dry_run";
    }
    return policies.advises() ? "apply_mode" : writer.obstacle();
  }

  private void release(Asked asked, Look look, Circumstances now) {
    int sizeMb;
    try {
      sizeMb = asked.argument().isEmpty() ? 0 : Integer.parseInt(asked.argument());
    } catch (NumberFormatException e) {
      refuse("not a size in MB: " + asked.argument());
      return;
    }
    if (!asked.argument().isEmpty() && sizeMb < Policy.ceilingMb(0, server.walSegmentMb())) {
      refuse(sizeMb + " MB is less than two WAL segments");
      return;
    }
    ineffectiveRelease = null;
    SizeWriter.Verdict verdict =
        (writtenMb, effectiveMb, effective) ->
            recordRelease(
                asked.role(), writtenMb == 0 ? effectiveMb : writtenMb, effective, look, now);
    boolean done =
        asked.argument().isEmpty()
            ? writer.remove(look.nanos(), verdict)
            : writer.write(sizeMb, "ALTER SYSTEM", look.nanos(), verdict);
    if (!done) {
      refuse("ALTER SYSTEM failed, see the server log");
      return;
    }
    server.state().set(StateField.RELEASED, 1);
    server.publishState();
    server.answer(new Json().put("released", true).toString());
  }

  private void recordRelease(
      String role, int toMb, boolean effective, Look look, Circumstances now) {
    HistoryRow earlier = ineffectiveRelease;
    if (earlier != null) {
      ineffectiveRelease = null;
      history.amend(earlier, new Json().put("effective", effective));
      return;
    }
    HistoryRow row =
        HistoryRows.without(
            look.sample().maxWalSizeMb(),
            toMb,
            "Released by walrus.release()",
            "walrus.release",
            new Json().put("user", role).put("effective", effective),
            now);
    ineffectiveRelease = effective ? null : row;
    history.add(row, look.nanos());
  }

  /** Whether a request can be served while sizing is disabled. */
  static boolean needsNoSizing(Request request) {
    return request == Request.RELEASE || request == Request.SIMULATE;
  }
}
