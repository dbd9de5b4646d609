package org.pgwalrus.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Answers every statement with the same row, as a server would: at installation there is none, and
 * the driver has to go its usual way to be known to the AOT cache.
 */
final class RehearsalServer implements AutoCloseable {

  private static final int SSL_REQUEST = 80_877_103;
  private static final int TEXT = 25;
  private static final int TEXT_ARRAY = 1009;

  private final ServerSocket socket;

  RehearsalServer() throws IOException {
    socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        converse(
            new DataInputStream(client.getInputStream()),
            new DataOutputStream(client.getOutputStream()));
      } catch (IOException e) {
        // The client has gone: wait for the next one.
      }
    }
  }

  private static void converse(DataInputStream in, DataOutputStream out) throws IOException {
    int code = startup(in);
    while (code == SSL_REQUEST) {
      out.writeByte('N');
      code = startup(in);
    }
    message(out, 'R', body -> body.writeInt(0));
    for (String parameter :
        new String[] {
          "server_version\0" + "15.0\0",
          "server_encoding\0UTF8\0",
          "client_encoding\0UTF8\0",
          "DateStyle\0ISO, MDY\0",
          "TimeZone\0UTC\0",
          "integer_datetimes\0on\0",
          "standard_conforming_strings\0on\0"
        }) {
      message(out, 'S', body -> body.write(parameter.getBytes(StandardCharsets.US_ASCII)));
    }
    ready(out);
    for (char type = (char) in.readUnsignedByte(); type != 'X'; ) {
      in.skipNBytes(in.readInt() - 4);
      if (type == 'S') {
        answer(out);
      }
      type = (char) in.readUnsignedByte();
    }
  }

  private static int startup(DataInputStream in) throws IOException {
    int length = in.readInt();
    int code = in.readInt();
    in.skipNBytes(length - 8);
    return code;
  }

  private static void answer(DataOutputStream out) throws IOException {
    message(out, '1', body -> {});
    message(out, '2', body -> {});
    message(
        out,
        'T',
        body -> {
          body.writeShort(3);
          column(body, "json", TEXT);
          column(body, "snapshot_id", TEXT);
          column(body, "functions", TEXT_ARRAY);
        });
    message(
        out,
        'D',
        body -> {
          body.writeShort(3);
          value(body, "150000");
          value(body, "0.2.0");
          value(body, "{list_snapshots}");
        });
    message(out, 'C', body -> body.write("SELECT 1\0".getBytes(StandardCharsets.US_ASCII)));
    ready(out);
  }

  private static void column(DataOutputStream body, String name, int type) throws IOException {
    body.write((name + "\0").getBytes(StandardCharsets.US_ASCII));
    body.writeInt(0);
    body.writeShort(0);
    body.writeInt(type);
    body.writeShort(-1);
    body.writeInt(-1);
    body.writeShort(0);
  }

  private static void value(DataOutputStream body, String text) throws IOException {
    body.writeInt(text.length());
    body.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void ready(DataOutputStream out) throws IOException {
    message(out, 'Z', body -> body.writeByte('I'));
    out.flush();
  }

  @FunctionalInterface
  private interface Body {
    void write(DataOutputStream body) throws IOException;
  }

  private static void message(OutputStream out, char type, Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    body.write(new DataOutputStream(bytes));
    DataOutputStream whole = new DataOutputStream(out);
    whole.writeByte(type);
    whole.writeInt(bytes.size() + 4);
    bytes.writeTo(whole);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
