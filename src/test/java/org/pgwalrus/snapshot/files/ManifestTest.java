package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.cluster.Programs;

class ManifestTest {

  private static final String SUM = "sha256:" + "0123456789abcdef".repeat(4);
  private static final long SEED = 3;

  @TempDir private Path temporary = Path.of("");
  private Workplace place;

  @BeforeEach
  void makePlace() throws IOException {
    place = new Workplace(temporary);
  }

  static Manifest manifest() {
    return new Manifest(
        2,
        "snap_20261121_120000_0123abcd",
        "node \"a\"",
        "0/16B3748",
        true,
        "steep_snap_1",
        "steep_pub_a",
        Instant.parse("2026-11-21T12:00:00.123456Z"),
        "shop",
        180001,
        "UTF8",
        "0.2.0",
        Compression.GZIP,
        4,
        new StoredFile("schema.sql", StoredFile.UNKNOWN, SUM, StoredFile.UNKNOWN),
        new StoredFile("schema.dump", StoredFile.UNKNOWN, SUM, StoredFile.UNKNOWN),
        List.of(
            new Manifest.Table(
                "public",
                "größe",
                List.of("id", "a b"),
                List.of("integer", "x.\"y z\"(3)"),
                "fp",
                List.of(part("data/1.csv", 7))),
            new Manifest.Table(
                "public",
                "big",
                List.of(),
                List.of(),
                null,
                List.of(part("data/2.csv", 10), part("data/3.csv", 20)))),
        List.of(
            new Manifest.Sequence("public", "s", Long.MIN_VALUE, false),
            new Manifest.Sequence("public", "t", 41, true)),
        new Manifest.LargeObjects(3, part("data/4.csv", 5)),
        List.of(new Manifest.Excluded("public", "v", "is a foreign table")));
  }

  private static Manifest.Part part(String file, long size) {
    return new Manifest.Part(new StoredFile(file, size, SUM, 2 * size), 1);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      ManifestFile written = ManifestFile.write(snapshot, manifest());
      assertThat(ManifestFile.read(snapshot)).isEqualTo(written);
      assertThat(written.manifest()).isEqualTo(manifest());
      assertThat(Programs.run(List.of("sh", "-c", "cd " + snapshot.path() + "; sha256sum -c *256")))
          .contains("manifest.json: OK");
      assertThat(Programs.run(List.of("sha256sum", path("manifest.json").toString())))
          .startsWith(written.checksum().substring("sha256:".length()));
      assertThat(path("manifest.json.partial")).doesNotExist();
    }
  }

  @Test
  void theTextIsForPeopleToRead() throws IOException {
    assertThat(json().lines().limit(6))
        .containsExactly(
            "{",
            "  \"format_version\": 2,",
            "  \"snapshot_id\": \"snap_20261121_120000_0123abcd\",",
            "  \"source_node\": \"node \\\"a\\\"\",",
            "  \"lsn\": \"0/16B3748\",",
            "  \"lsn_exact\": true,");
    assertThat(json())
        .contains("  \"created_at\": \"2026-11-21T12:00:00.123456Z\",\n")
        .contains("  \"total_size_bytes\": 42,\n")
        .contains("      \"columns\": [],\n")
        .contains("        {\n          \"file\": \"data/2.csv\",\n")
        .contains("      \"name\": \"größe\",\n")
        .endsWith("}\n");
  }

  @Test
  void whatIsMissingIsLeftOut() throws IOException {
    Manifest all = manifest();
    Manifest few =
        new Manifest(
            2,
            all.snapshotId(),
            "a",
            all.lsn(),
            false,
            null,
            null,
            all.createdAt(),
            "d",
            150000,
            "UTF8",
            "1",
            Compression.NONE,
            1,
            null,
            null,
            List.of(),
            List.of(),
            null,
            List.of());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ManifestWriter.write(few, out);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .doesNotContain("slot_name", "schema_file", "large_objects", "null");
    try (SnapshotDirectory snapshot = place.create("s")) {
      ManifestFile.write(snapshot, few);
      assertThat(ManifestFile.read(snapshot).manifest()).isEqualTo(few);
    }
  }

  @Test
  void theFirstFormatIsRead() throws IOException {
    Manifest read =
        read(
            """
            {"snapshot_id": "snap_1", "source_node": "n", "lsn": "0/1",
             "created_at": "2025-06-01T10:00:00.5+02:00",
             "tables": [{"schema": "public", "name": "t", "row_count": 2, "size_bytes": 9,
               "checksum": "%s", "file": "data/public.t.csv"}],
             "sequences": [{"schema": "public", "name": "s", "value": 0},
               {"schema": "public", "name": "u", "value": 5}],
             "total_size_bytes": 9, "compression": "none", "parallel_workers": 4}
            """
                .formatted(SUM));
    assertThat(read.formatVersion()).isEqualTo(1);
    assertThat(read.createdAt()).isEqualTo(Instant.parse("2025-06-01T08:00:00.500Z"));
    assertThat(read.tables().getFirst().uncompressedBytes()).isEqualTo(StoredFile.UNKNOWN);
    assertThat(read.sequences())
        .extracting(Manifest.Sequence::isCalled)
        .containsExactly(false, true);
    assertThat(read.lsnExact()).isFalse();
  }

  @Test
  void unknownKeysMeanNothing() throws IOException {
    String more = json().replaceFirst("\\{", "{ \"x\": [{\"tables\": 1}], \"y\": {\"lsn\": 1.5},");
    assertThat(read(more)).isEqualTo(manifest());
  }

  @Test
  void allProblemsAreToldWithTheirPlaces() throws IOException {
    String wrong =
        json()
            .replace("\"lsn\": \"0/16B3748\"", "\"lsn\": 7")
            .replace("  \"database\": \"shop\",\n", "")
            .replace("\"lsn_exact\": true", "\"lsn_exact\": \"yes\"")
            .replace("\"parallel_workers\": 4", "\"parallel_workers\": 4, \"parallel_workers\": 5")
            .replace("\"file\": \"data/1.csv\"", "\"file\": \"../1.csv\"")
            .replace("\"file\": \"data/3.csv\"", "\"file\": \"data/2.csv\"")
            .replace("\"value\": 41", "\"value\": 1e400")
            .replace("\"server_version_num\": 180001", "\"server_version_num\": -1");
    refused(
        wrong,
        "$.lsn is not a text",
        "$.database is missing",
        "$.lsn_exact is not true or false",
        "$.parallel_workers is there twice",
        "$.tables[0].file has the component \"..\"",
        "$.tables[1].parts[1].file is a file that is there twice",
        "$.sequences[1].value is not a whole number",
        "$.server_version_num is not between 100000 and 9999999");
  }

  @Test
  void otherTypesAreTold() throws IOException {
    refused("[]", "$ is not an object");
    refused("", "$ is not an object");
    refused(
        "{\"tables\": {}, \"sequences\": [1], \"large_objects\": []}",
        "$.tables is not a list",
        "$.sequences[0] is not an object",
        "$.large_objects is not an object",
        "$.snapshot_id is missing");
    refused(json().replace("\"id\",", "null,"), "$.tables[0].columns[0] is not a text");
    refused(json().replace("\"row_count\": 2", "\"row_count\": 3"), "is not the sum of its parts");
    refused(json().replace("bytes\": 42", "bytes\": 43"), "$.total_size_bytes is not the sum");
    refused(json().replace("\"big\"", "\"größe\""), "$.tables[1] is a table that is there twice");
    refused(json().replace("snap_2", "../snap_2"), "$.snapshot_id is not of the form");
    refused(json().replace("\"gzip\"", "\"bzip2\""), "$.compression is none of");
    refused(json().replace("data/4.csv", "manifest.json"), "is a file that is there twice");
    refused(json().replace("sha256:", "md5:"), "is not \"sha256:\" and 64 hexadecimal digits");
    refused(json() + "{}", "$ is not the end of the file");
    refused(json().replace("2,\n", "99999999999999999999999999,\n"), "is not a whole number");
  }

  @Test
  void aNewerFormatIsRefused() throws IOException {
    refused(
        json().replace("\"format_version\": 2", "\"format_version\": 3"),
        "$.format_version is 3, and this version reads up to 2");
  }

  @Test
  void hostileTextsAreRefused() throws IOException {
    refused("{\"x\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}", "is not legal");
    refused("{\"x\": \"" + "a".repeat(1 << 20) + "\"}", "is not legal");
    refused("{\"x\": 1" + "0".repeat(1 << 20) + "}", "is not legal");
    refused(json().substring(0, 300), "is not legal");
    refused(json().replace("shop", "sh\u0000op"), "is not legal");
    StringBuilder many = new StringBuilder("{\"sequences\": [0");
    many.repeat(",0", 999);
    refused(many + "]}", "$.sequences[19] is not an object; and ");
  }

  @Test
  void onlyUtf8IsRead() throws IOException {
    SnapshotFileException refused = refusal(json().getBytes(StandardCharsets.UTF_16BE));
    assertThat(refused).hasMessageContaining("is not legal");
    byte[] latin = json().getBytes(StandardCharsets.ISO_8859_1);
    assertThat(refusal(latin)).hasMessageContaining("is not legal");
  }

  /** Whatever is done to a manifest, it is read or refused, and nothing else happens. */
  @Test
  void randomChangesAreReadOrRefused() throws IOException {
    byte[] right = json().getBytes(StandardCharsets.UTF_8);
    Random random = new Random(SEED);
    try (SnapshotDirectory snapshot = place.create("s")) {
      for (int i = 0; i < 2000; i++) {
        byte[] wrong = right.clone();
        for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
          wrong[random.nextInt(wrong.length)] = right[random.nextInt(right.length)];
        }
        Files.write(path("manifest.json"), wrong);
        try {
          Manifest read = ManifestFile.read(snapshot).manifest();
          read.files().forEach(file -> RelativePath.split(file.file()));
        } catch (SnapshotFileException e) {
          assertThat(e.sqlState()).as("seed %s, round %s", SEED, i).isEqualTo("SR003");
        }
      }
    }
  }

  @Test
  void aHugeManifestIsNotRead() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      Programs.run(List.of("truncate", "-s", "65M", path("manifest.json").toString()));
      assertThatExceptionOfType(SnapshotFileException.class)
          .isThrownBy(() -> ManifestFile.read(snapshot))
          .withMessageContaining("more than 67108864");
    }
  }

  @Test
  void aManifestThatWasChangedIsTold() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      ManifestFile.write(snapshot, manifest());
      Files.writeString(path("manifest.json"), json().replace("shop", "chop"));
      assertThatExceptionOfType(SnapshotFileException.class)
          .isThrownBy(() -> ManifestFile.read(snapshot))
          .withMessageContaining("manifest.json\" has checksum")
          .satisfies(e -> assertThat(e.sqlState()).isEqualTo("SR003"));
    }
  }

  @Test
  void aDirectoryWithoutManifestIsNoSnapshot() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      assertThatExceptionOfType(SnapshotFileException.class)
          .isThrownBy(() -> ManifestFile.read(snapshot))
          .withMessageContaining("holds no complete snapshot")
          .satisfies(e -> assertThat(e.sqlState()).isEqualTo("58P01"));
    }
  }

  private Path path(String name) {
    return place.directory.resolve("s").resolve(name);
  }

  private static String json() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ManifestWriter.write(manifest(), out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private Manifest read(String json) throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      Files.writeString(path("manifest.json"), json);
      return ManifestFile.read(snapshot).manifest();
    }
  }

  private void refused(String json, String... messages) throws IOException {
    assertThat(refusal(json.getBytes(StandardCharsets.UTF_8)).message()).contains(messages);
  }

  private SnapshotFileException refusal(byte[] json) throws IOException {
    Files.createDirectories(place.directory.resolve("s"));
    Files.write(path("manifest.json"), json);
    try (SnapshotDirectory snapshot = place.open("s")) {
      ManifestFile.read(snapshot);
      throw new AssertionError("it was read");
    } catch (SnapshotFileException e) {
      assertThat(e.sqlState()).isEqualTo("SR003");
      return e;
    }
  }
}
