package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FrontendTest {

  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final DataOutputStream to = new DataOutputStream(sent);
  private final ByteArrayOutputStream answered = new ByteArrayOutputStream();

  private Frontend frontend() {
    return new Frontend(new ByteArrayInputStream(sent.toByteArray()), answered);
  }

  private String answer() {
    return answered.toString(UTF_8);
  }

  private void startup(int code, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    to.writeInt(8 + bytes.length);
    to.writeInt(code);
    to.write(bytes);
  }

  private void message(char type, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    to.write(type);
    to.writeInt(4 + bytes.length);
    to.write(bytes);
  }

  @Test
  void encryptionIsRefusedAndTheSessionBegins() throws IOException {
    startup(80877104, "");
    startup(80877103, "");
    startup(3 << 16, "user\0me\0\0");
    message('Q', "SELECT 'ü'\0");
    message('X', "");

    Frontend frontend = frontend();
    assertThat(frontend.start()).isTrue();
    assertThat(answer()).isEqualTo("NN");
    assertThat(frontend.query()).isEqualTo("SELECT 'ü'".getBytes(UTF_8));
    assertThat(frontend.query()).isNull();
  }

  @Test
  void newerMinorVersionsAreTalkedDown() throws IOException {
    startup((3 << 16) + 2, "user\0me\0_pq_.wish\0yes\0\0");

    assertThat(frontend().start()).isTrue();
    assertThat(answer()).isEqualTo("v\0\0\0\u0016\0\3\0\0\0\0\0\1_pq_.wish\0");
  }

  @Test
  void otherMajorVersionsAreRefused() throws IOException {
    startup(2 << 16, "");
    assertThat(frontend().start()).isFalse();
    assertThat(answer()).startsWith("E").contains("C0A000\0Munsupported frontend protocol 2\0");
  }

  @Test
  void aCancelIsNoSession() throws IOException {
    startup(80877102, "12345678");
    assertThat(frontend().start()).isFalse();
    assertThat(answer()).isEmpty();
  }

  @Test
  void theExtendedProtocolIsRefused() throws IOException {
    message('P', "\0SELECT 1\0\0\0");
    assertThat(frontend().query()).isNull();
    assertThat(answer()).contains("C0A000\0").contains("simple queries only, not message \"P\"");
  }

  @Test
  void lengthsAreLookedAt() throws IOException {
    to.writeInt(100_000);
    assertThatThrownBy(() -> frontend().start()).isInstanceOf(EOFException.class);
    assertThat(answer()).contains("C08P01\0");
  }
}
