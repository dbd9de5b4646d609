package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.snapshot.FileThreads;
import org.pgwalrus.snapshot.files.Compression;
import org.pgwalrus.snapshot.files.DataFileReader;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.SnapshotFileException;
import org.pgwalrus.snapshot.files.StoredFile;
import org.pgwalrus.snapshot.files.Workplace;

class FilePipeTest {

  private static final String TEXT = "as many bytes as fill a buffer or two, and some more";
  private static final int BUFFERS = 2;
  private static final int SIZE = 16;

  private final BlockingQueue<ByteBuffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private final FileThreads threads =
      new FileThreads("reader", (name, work) -> Thread.ofPlatform().start(work), () -> {});
  private final Heard heard = new Heard();
  private SnapshotDirectory directory;
  private int count;

  @BeforeEach
  void open(@TempDir Path temporary) throws IOException {
    directory = new Workplace(temporary).create("s");
    for (int i = 0; i < BUFFERS; i++) {
      buffers.add(ByteBuffer.allocateDirect(SIZE));
    }
  }

  @AfterEach
  void close() {
    threads.end();
    directory.close();
  }

  private FilePipe pipe(FileLoad... files) {
    FilePipe pipe =
        new FilePipe(
            List.of(files),
            file -> DataFileReader.open(directory, file.part().stored(), Compression.NONE),
            buffers,
            heard);
    pipe.start(threads);
    return pipe;
  }

  private FileLoad file(String contents) {
    StoredFile stored =
        Workplace.write(
            directory, "f" + count++, Compression.NONE, contents.getBytes(StandardCharsets.UTF_8));
    Manifest.Part part = new Manifest.Part(stored, 1);
    return new FileLoad(
        new Manifest.Table("s", "t", List.of(), List.of(), null, List.of(part)), part);
  }

  private static String read(FilePipe pipe) {
    StringBuilder read = new StringBuilder();
    while (!pipe.isAtEnd()) {
      ByteBuffer next = pipe.next();
      if (next != null) {
        assertThat(next.limit()).as("with the first byte, which is free").isGreaterThan(1);
        read.append(StandardCharsets.UTF_8.decode(next.duplicate().position(1)));
      }
    }
    return read.toString();
  }

  /** The end of a file may come at any time between two looks. */
  @RepeatedTest(3)
  void allBytesComeInOrderAndTheEndIsNoBuffer() {
    FileLoad one = file(TEXT);
    FileLoad empty = file("");
    FileLoad other = file("short");
    for (int i = 0; i < 1000; i++) {
      FilePipe pipe = pipe(one, empty, other);
      assertThat(read(pipe)).isEqualTo(TEXT);
      assertThat(pipe.hasMore()).isTrue();
      assertThat(read(pipe)).isEmpty();
      assertThat(pipe.hasMore()).isTrue();
      assertThat(read(pipe)).isEqualTo("short");
      assertThat(pipe.hasMore()).isFalse();
      pipe.close();
      assertThat(buffers).hasSize(BUFFERS);
    }
    assertThat(heard.bytes).isEqualTo(1000L * (TEXT.length() + "short".length()));
    assertThat(heard.files).isEqualTo(3000);
  }

  @Test
  void whatCannotBeReadIsToldWhereItsBytesWouldBe() throws IOException {
    FileLoad good = file(TEXT);
    FileLoad bad = file("damaged soon");
    Files.writeString(directory.path().resolve(bad.file()), "damaged then");
    FilePipe pipe = pipe(good, bad);
    assertThatThrownBy(
            () -> {
              read(pipe);
              pipe.hasMore();
              read(pipe);
            })
        .isInstanceOf(SnapshotFileException.class)
        .hasMessageContaining(bad.file());
    pipe.close();
  }

  @Test
  void oneThatIsGivenUpEndsAtAnyPlace() {
    FileLoad file = file("x".repeat(10 * SIZE));
    for (int i = 0; i < 50; i++) {
      FilePipe pipe = pipe(file, file);
      for (int taken = 0; taken < i % 5; ) {
        taken += pipe.next() == null ? 0 : 1;
      }
      pipe.close();
    }
    assertThat(buffers).isNotEmpty();
  }

  private static final class Heard implements FilePipe.Listener {

    private long bytes;
    private int files;

    @Override
    public void sent(long more) {
      bytes += more;
    }

    @Override
    public void ended() {
      files++;
    }
  }
}
