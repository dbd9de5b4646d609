package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/**
 * What stands in for pg_dump and pg_restore in a rehearsal: scripts that write nothing. The first
 * has a thread here speak to the session that it was given.
 */
public final class RehearsalPrograms {

  private static final String DUMP =
      """
      #!/bin/sh
      cd "${0%/*}"
      echo "$PGHOST" > asked.new && mv asked.new asked
      while [ ! -e answered ]; do sleep 0.01; done
      """;
  private static final String RESTORE = "#!/bin/sh\n";
  private static final int PAUSE_MILLIS = 5;

  private RehearsalPrograms() {}

  /** Makes them in a directory below this one; the thread is to be started. */
  public static Path make(Path directory, Consumer<Runnable> starter) throws IOException {
    Path programs = Files.createDirectory(directory.resolve("programs"));
    write(programs.resolve("pg_dump"), DUMP);
    write(programs.resolve("pg_restore"), RESTORE);
    starter.accept(() -> speak(programs));
    return programs;
  }

  private static void write(Path program, String script) throws IOException {
    Files.writeString(program, script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void speak(Path programs) {
    try {
      Path asked = programs.resolve("asked");
      while (Files.notExists(asked)) {
        Thread.sleep(PAUSE_MILLIS);
      }
      Path socket = Path.of(Files.readString(asked).strip()).resolve(".s.PGSQL.5432");
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        channel.write(ByteBuffer.allocate(9).putInt(9).putInt(3 << 16).put((byte) 0).flip());
        awaitReady(in);
        channel.write(query("SELECT"));
        awaitReady(in);
        channel.write(ByteBuffer.allocate(5).put((byte) 'X').putInt(4).flip());
      }
      Files.createFile(programs.resolve("answered"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteBuffer query(String sql) {
    byte[] text = (sql + '\0').getBytes(UTF_8);
    return ByteBuffer.allocate(5 + text.length)
        .put((byte) 'Q')
        .putInt(4 + text.length)
        .put(text)
        .flip();
  }

  private static void awaitReady(DataInputStream in) throws IOException {
    byte type;
    do {
      type = in.readByte();
      in.skipNBytes(in.readInt() - Integer.BYTES);
    } while (type != 'Z');
  }
}
