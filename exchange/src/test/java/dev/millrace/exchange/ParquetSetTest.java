package dev.millrace.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets of pictures in Parquet files that another program wrote. */
class ParquetSetTest {
  private static final String IMAGE = "{'bytes': content, 'path': path} AS image";

  @TempDir Path folder;
  @TempDir Path cache;

  /** Writes rows of numbers i from 0 as the columns say. */
  private Path written(String name, int rows, String columns, String options) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement ask = duck.createStatement()) {
      ask.execute(
          """
          COPY (SELECT %s FROM (
            SELECT i, CASE WHEN i %% 10 = 9 THEN NULL
                ELSE encode('picture ' || i || repeat('.', (i * 37 %% 400)::INT)) END AS content,
              'dir/' || i || '.jpg' AS path
            FROM range(%d) t(i))) TO '%s' (FORMAT parquet, %s)
          """
              .formatted(columns, rows, file, options));
    }
    return file;
  }

  private static String picture(int i) {
    return i % 10 == 9 ? "" : "picture " + i + ".".repeat(i * 37 % 400);
  }

  private DataSet open(Path file) throws IOException {
    return new Catalogue(null, cache).open(file.toString());
  }

  private static String read(Image image) throws IOException {
    byte[] bytes = image.bytes();
    assertThat(image.content().size()).isEqualTo(bytes.length);
    assertThat(image.content().head(5)).isEqualTo(Arrays.copyOf(bytes, Math.min(5, bytes.length)));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private boolean unpacked() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.anyMatch(file -> file.getFileName().toString().endsWith(".tar"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "uncompressed, V1, 3000",
    "uncompressed, V1, 50000",
    "snappy, V1, 3000",
    "gzip, V1, 3000",
    "lz4_raw, V1, 3000",
    "uncompressed, V2, 3000"
  })
  void picturesClassesAndDomainsAreThoseThatWereWritten(String codec, String version, int rows)
      throws Exception {
    Path file =
        written(
            "x.parquet",
            rows,
            IMAGE
                + ", ['cat', 'dog', 'owl'][1 + i % 3] AS label,"
                + " CASE WHEN i % 5 = 0 THEN NULL ELSE 'sketch' END AS domain",
            "COMPRESSION %s, PARQUET_VERSION %s, ROW_GROUP_SIZE 2048".formatted(codec, version));
    ImageSet set = open(file).train();
    assertThat(set.size()).isEqualTo(rows);
    assertThat(set.classes()).containsExactly("cat", "dog", "owl");
    assertThat(set.domains()).containsExactly("sketch");
    for (int i = 0; i < rows; i++) {
      Image image = set.image(i);
      assertThat(image.id()).isEqualTo(i + "-" + i + ".jpg");
      assertThat(image.label()).isEqualTo(i % 3);
      assertThat(image.domain()).isEqualTo(i % 5 == 0 ? Image.NONE : 0);
      assertThat(read(image)).isEqualTo(picture(i));
    }
    assertThat(unpacked()).isEqualTo(!codec.equals("uncompressed"));
    assertThat(open(file).fingerprint()).isEqualTo(open(file).fingerprint());
  }

  @ParameterizedTest
  @ValueSource(strings = {"V1", "V2"})
  void numbersAreNamedAsTheHubSays(String version) throws Exception {
    Path file =
        written(
            "x.parquet",
            20,
            IMAGE + ", (i % 3 - 1)::BIGINT AS label",
            "COMPRESSION uncompressed, PARQUET_VERSION "
                + version
                + ", KV_METADATA {huggingface: '{\"info\": {\"features\":"
                + " {\"label\": {\"names\": [\"zebra\", \"ant\"], \"_type\": \"ClassLabel\"}}}}'}");
    DataSet set = open(file);
    assertThat(set.train().classes()).containsExactly("ant", "zebra");
    assertThat(set.train().image(0).label()).isEqualTo(Image.NONE);
    assertThat(set.train().image(1).label()).isEqualTo(1);
    assertThat(set.train().image(2).label()).isZero();
    assertThat(set.about().notes().get(0)).startsWith("7 of 20 pictures have no class");
  }

  @Test
  void filesOfAFolderAreOneSetWithTheirParts() throws Exception {
    String columns = IMAGE + ", i % 2 AS label";
    written("data/train-00000-of-00002.parquet", 10, columns, "COMPRESSION uncompressed");
    written("data/train-00001-of-00002.parquet", 5, columns, "COMPRESSION snappy");
    written("data/test-00000-of-00001.parquet", 4, columns, "COMPRESSION uncompressed");
    DataSet set = open(folder);
    assertThat(set.train().size()).isEqualTo(15);
    assertThat(set.test().size()).isEqualTo(4);
    assertThat(set.train().image(12).id()).isEqualTo("data/train-00001-of-00002/2-2.jpg");
    assertThat(read(set.train().image(12))).isEqualTo(picture(2));
    assertThat(read(set.test().image(3))).isEqualTo(picture(3));
  }

  @Test
  void aColumnOfBytesIsOneOfPicturesByItsName() throws Exception {
    Path file =
        written("x.parquet", 8, "content AS jpg, 'val' AS split", "COMPRESSION uncompressed");
    DataSet set = open(file);
    assertThat(set.train().size()).isZero();
    assertThat(read(set.test().image(7))).isEqualTo(picture(7));
  }

  @Test
  void whatHoldsNoPicturesOrIsCutOffIsRefusedByName() throws Exception {
    Path numbers = written("n.parquet", 3, "i AS label, path", "COMPRESSION uncompressed");
    assertThatThrownBy(() -> open(numbers))
        .hasMessageContaining("n.parquet has no column of pictures")
        .hasMessageContaining("label INT64, path BYTE_ARRAY");
    Path whole = written("x.parquet", 30, IMAGE, "COMPRESSION uncompressed");
    byte[] bytes = Files.readAllBytes(whole);
    for (int length : List.of(0, 3, 11, bytes.length / 2, bytes.length - 1)) {
      Files.write(whole, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> open(whole)).hasMessageContaining("x.parquet cannot be read");
    }
    bytes[bytes.length - 5] = 0x7f;
    Files.write(whole, bytes);
    assertThatThrownBy(() -> open(whole)).hasMessageContaining("x.parquet cannot be read");
  }

  @Test
  void besideArchivesTheTableIsReadIfItHoldsPicturesAndTheLayoutDoesNotSayFolders()
      throws Exception {
    try (var zip =
        new java.util.zip.ZipOutputStream(Files.newOutputStream(folder.resolve("images.zip")))) {
      zip.putNextEntry(new java.util.zip.ZipEntry("cat/1.jpg"));
      zip.write("a picture".getBytes(StandardCharsets.UTF_8));
    }
    Path table = written("labels.parquet", 3, "i AS label, path", "COMPRESSION uncompressed");
    assertThat(open(folder).train().image(0).id()).isEqualTo("cat/1.jpg");
    assertThat(Catalogue.isShards(folder)).isFalse();
    Files.delete(table);
    written("labels.parquet", 3, IMAGE, "COMPRESSION uncompressed");
    assertThat(open(folder).train().size()).isEqualTo(3);
    assertThat(Catalogue.isShards(folder)).isTrue();
    DataSet folders =
        new Catalogue(null, cache).open(folder.toString(), Folders.FOLDERS, Need.LABELS);
    assertThat(folders.train().image(0).id()).isEqualTo("cat/1.jpg");
    Files.delete(folder.resolve("images.zip"));
    assertThat(
            new Catalogue(null, cache)
                .open(folder.toString(), Folders.FOLDERS, Need.LABELS)
                .train()
                .size())
        .isEqualTo(3);
  }
}
