package org.pgwalrus.trials;

import java.util.List;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;

/** One step for each line. */
final class Script implements Job {

  /** What begins the lines about further sessions. */
  private static final String COPIER = "copier ";

  private final Session session;
  private final Sessions sessions;
  private List<String> lines = List.of();
  private int done;

  Script(Session session) {
    this.session = session;
    sessions = new Sessions(session);
  }

  @Override
  public Plan plan() {
    lines = lines("do");
    return new Plan(0, 0, 0, List.of(new Stage(Phase.DATA, 1, lines.size(), this::step)));
  }

  private boolean step(Progress progress) {
    if (done == lines.size()) {
      return false;
    }
    perform(lines.get(done));
    done++;
    progress.advance(1);
    return true;
  }

  private void perform(String line) {
    if (line.startsWith(COPIER)) {
      sessions.perform(line.substring(COPIER.length()));
    } else {
      Act.perform(session, line);
    }
  }

  @Override
  public void undo() {
    lines("undo").forEach(this::perform);
  }

  private List<String> lines(String parameter) {
    String script = session.parameter(parameter);
    return script == null ? List.of() : script.lines().toList();
  }
}
