package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Messages of a server to its client that do not come from a copier. */
final class Messages {

  private Messages() {}

  /** That the session has begun: nobody has to prove who he is, as only we can come here. */
  static byte[] begun(Map<String, String> settings) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(message('R', number(0)));
    settings.forEach((name, value) -> all.writeBytes(message('S', text(name), text(value))));
    all.writeBytes(message('Z', new byte[] {'I'}));
    return all.toByteArray();
  }

  /** That only an older version of the protocol is spoken here, without extensions. */
  static byte[] negotiate(int version, List<String> unknown) {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    unknown.forEach(name -> names.writeBytes(text(name)));
    return message('v', number(version), number(unknown.size()), names.toByteArray());
  }

  /** An error that ends the session. */
  static byte[] error(String sqlState, String text) {
    return message(
        'E',
        text("SFATAL"),
        text("VFATAL"),
        text("C" + sqlState),
        text("M" + text),
        new byte[] {0});
  }

  private static byte[] message(char type, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    return ByteBuffer.allocate(1 + Integer.BYTES + body.size())
        .put((byte) type)
        .putInt(Integer.BYTES + body.size())
        .put(body.toByteArray())
        .array();
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  private static byte[] text(String value) {
    return (value + "\0").getBytes(UTF_8);
  }
}
