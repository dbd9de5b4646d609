package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.Placement;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.StoredFile;

class FilePipeTest {

  private static final int BUFFERS = 2;
  private static final int SIZE = 16;

  private final BlockingQueue<ByteBuffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private final FileThreads threads =
      new FileThreads("reader", (name, work) -> Thread.ofPlatform().start(work), () -> {});
  private SnapshotDirectory directory;

  @BeforeEach
  void open(@TempDir Path temporary) throws IOException {
    Path place = temporary.toRealPath();
    Path data = place.resolve("pgdata");
    Files.createDirectories(data.resolve("pg_tblspc"));
    directory = SnapshotDirectory.create(place.resolve("s").toString(), new Placement(data, null));
    for (int i = 0; i < BUFFERS; i++) {
      buffers.add(ByteBuffer.allocateDirect(SIZE));
    }
  }

  @AfterEach
  void close() {
    threads.end();
    directory.close();
  }

  private FilePipe pipe(StoredFile file) {
    FilePipe pipe =
        new FilePipe(DataFileReader.open(directory, file, Compression.NONE), buffers, bytes -> {});
    pipe.start(threads);
    return pipe;
  }

  private StoredFile file(String contents) {
    try (DataFileWriter writer = DataFileWriter.create(directory, "f", Compression.NONE, 0)) {
      writer.write(ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8)));
      return writer.finish();
    }
  }

  /** The end may come at any time between two looks. */
  @RepeatedTest(3)
  void allBytesComeInOrderAndTheEndIsNoBuffer() {
    String contents = "as many bytes as fill a buffer or two, and some more";
    StoredFile file = file(contents);
    for (int i = 0; i < 2000; i++) {
      FilePipe pipe = pipe(file);
      StringBuilder read = new StringBuilder();
      while (!pipe.isAtEnd()) {
        ByteBuffer next = pipe.next();
        if (next != null) {
          assertThat(next.limit()).as("with the first byte, which is free").isGreaterThan(1);
          read.append(StandardCharsets.UTF_8.decode(next.duplicate().position(1)));
        }
      }
      pipe.close();
      assertThat(read).hasToString(contents);
      assertThat(buffers).hasSize(BUFFERS);
    }
  }

  @Test
  void oneThatIsGivenUpEndsAtAnyPlace() {
    StoredFile file = file("x".repeat(10 * SIZE));
    for (int i = 0; i < 50; i++) {
      FilePipe pipe = pipe(file);
      for (int taken = 0; taken < i % 5; ) {
        taken += pipe.next() == null ? 0 : 1;
      }
      pipe.close();
    }
    assertThat(buffers).isNotEmpty();
  }
}
