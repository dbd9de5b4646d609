package org.pgwalrus.cli.progress;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** For other programs: a JSON object a line, every half second at most, when something changed. */
public final class JsonView implements ProgressView {

  private static final JsonFactory JSON = new JsonFactory();
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(500);

  private final PrintWriter out;
  private @Nullable Progress shown;
  private long shownAt;

  public JsonView(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void show(Progress progress, long now) {
    if (progress.equals(shown) || (shown != null && now - shownAt < PAUSE)) {
      return;
    }
    out.println(json(progress));
    shown = progress;
    shownAt = now;
  }

  @Override
  public void close() {}

  private static String json(Progress progress) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("phase", progress.phase());
      json.writeNumberField("percent", progress.percent());
      json.writeNumberField("bytes_complete", progress.bytes());
      json.writeNumberField("bytes_total", progress.bytesTotal());
      json.writeNumberField("throughput", progress.bytesPerSecond());
      json.writeFieldName("eta_seconds");
      if (progress.etaSeconds() == null) {
        json.writeNull();
      } else {
        json.writeNumber(progress.etaSeconds());
      }
      json.writeStringField("current_table", progress.table());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
