package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a program says to its server, of protocol 3 ("Message Flow" in PostgreSQL's
 * documentation), as far as it runs statements with simple queries.
 */
final class Frontend {

  private static final int PROTOCOL_3 = 3;
  private static final int CANCEL = 80877102;
  private static final int SSL = 80877103;
  private static final int GSS_ENCRYPTION = 80877104;
  private static final byte REFUSED = 'N';

  /** As the server has it. */
  private static final int LONGEST_STARTUP = 10_000;

  private static final int LONGEST_QUERY = 0x3fffffff;

  private final DataInputStream in;
  private final OutputStream out;

  Frontend(InputStream in, OutputStream out) {
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /**
   * Reads all up to the startup packet, and answers offers to encrypt and versions that are newer.
   *
   * @return false when the other wanted something else, or has got an error
   */
  boolean start() throws IOException {
    while (true) {
      byte[] packet = body(LONGEST_STARTUP);
      DataInputStream fields = new DataInputStream(new ByteArrayInputStream(packet));
      int code = fields.readInt();
      switch (code) {
        case SSL, GSS_ENCRYPTION -> out.write(REFUSED);
        case CANCEL -> {
          return false;
        }
        default -> {
          return accept(code, fields);
        }
      }
    }
  }

  private boolean accept(int version, DataInputStream fields) throws IOException {
    if (version >>> 16 != PROTOCOL_3) {
      out.write(Messages.error("0A000", "unsupported frontend protocol " + (version >>> 16)));
      return false;
    }
    List<String> unknown = extensions(fields);
    if ((version & 0xffff) != 0 || !unknown.isEmpty()) {
      out.write(Messages.negotiate(PROTOCOL_3 << 16, unknown));
    }
    return true;
  }

  /** What the other would like beyond the protocol. */
  private static List<String> extensions(DataInputStream fields) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name = text(fields); !name.isEmpty(); name = text(fields)) {
      if (name.startsWith("_pq_.")) {
        names.add(name);
      }
      text(fields);
    }
    return names;
  }

  private static String text(DataInputStream fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte next = fields.readByte(); next != 0; next = fields.readByte()) {
      bytes.write(next);
    }
    return bytes.toString(UTF_8);
  }

  /** The next statement, in UTF-8; null when the other is done, or has got an error. */
  byte @Nullable [] query() throws IOException {
    int type = in.read();
    if (type < 0) {
      return null;
    }
    byte[] body = body(LONGEST_QUERY);
    return switch (type) {
      case 'Q' -> Arrays.copyOf(body, Math.max(body.length - 1, 0));
      case 'X' -> null;
      default -> {
        out.write(
            Messages.error(
                "0A000",
                "a copy worker takes simple queries only, not message \"" + (char) type + "\""));
        yield null;
      }
    };
  }

  private byte[] body(int longest) throws IOException {
    int length = in.readInt() - Integer.BYTES;
    if (length < 0 || length > longest) {
      out.write(Messages.error("08P01", "invalid message length"));
      throw new EOFException("invalid message length " + length);
    }
    byte[] body = new byte[length];
    in.readFully(body);
    return body;
  }
}
