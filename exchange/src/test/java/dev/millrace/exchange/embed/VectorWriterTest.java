package dev.millrace.exchange.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorWriterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Object> ABOUT =
      new LinkedHashMap<>(Map.of("encoder_sha256", "0123abc", "dim", 3));

  @TempDir Path folder;

  /**
   * Rows whose every value tells which it is; each third has no label, after each seventh an id is
   * missing.
   */
  private static final class Made implements Rows {
    private final int number;
    private final int dim;
    private int next;

    Made(int number, int dim) {
      this.number = number;
      this.dim = dim;
    }

    static Row row(int i, int dim) {
      float[] vector = new float[dim];
      for (int d = 0; d < dim; d++) {
        vector[d] = (float) Math.sin(i * 31L + d) * (d == 1 ? 1e-30f : 1);
      }
      return new Row(
          i + i / 7,
          "a \"folder\"/bild-ä-\n\u001b]]><img src=x>'=cmd()\u202e" + i + ".jpg",
          i < 5 ? "train" : "test",
          i % 3 == 0 ? null : "class\n" + i % 5,
          vector);
    }

    @Override
    public long count() {
      return number;
    }

    @Override
    public int dim() {
      return dim;
    }

    @Override
    public Row next() {
      return next == number ? null : row(next++, dim);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 3", "1, 1", "20, 3", "70000, 5", "40, 2048"})
  void anotherReaderFindsTheRowsOfAParquetFile(int n, int dim) throws Exception {
    Path file = folder.resolve("x.parquet");
    VectorWriter.of(file).write(file, ABOUT, new Made(n, dim));
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement ask = duck.createStatement()) {
      try (ResultSet found = ask.executeQuery("SELECT * FROM '" + file + "'")) {
        for (int i = 0; i < n; i++) {
          assertThat(found.next()).isTrue();
          if (i > 100 && i % 97 != 0) {
            continue;
          }
          Row row = Made.row(i, dim);
          assertThat(found.getLong("id")).isEqualTo(row.id());
          assertThat(found.getString("path")).isEqualTo(row.path());
          assertThat(found.getString("part")).isEqualTo(row.part());
          assertThat(found.getString("label")).isEqualTo(row.label());
          assertThat((Object[]) found.getArray("vector").getArray()).isEqualTo(boxed(row.vector()));
        }
        assertThat(found.next()).isFalse();
      }
      try (ResultSet type = ask.executeQuery("DESCRIBE SELECT vector FROM '" + file + "'")) {
        type.next();
        assertThat(type.getString("column_type")).isEqualTo("FLOAT[]");
      }
      try (ResultSet about =
          ask.executeQuery(
              "SELECT decode(value) FROM parquet_kv_metadata('"
                  + file
                  + "') WHERE decode(key) = 'encoder_sha256'")) {
        about.next();
        assertThat(about.getString(1)).isEqualTo("0123abc");
      }
    }
  }

  private static Object[] boxed(float[] vector) {
    Object[] boxed = new Object[vector.length];
    for (int i = 0; i < boxed.length; i++) {
      boxed[i] = vector[i];
    }
    return boxed;
  }

  @ParameterizedTest
  @CsvSource({"0, 3", "1, 1", "20, 3", "3000, 128"})
  void aNumpyFileIsItsHeaderAndTheNumbers(int n, int dim) throws Exception {
    Path file = folder.resolve("x.npy");
    VectorWriter.of(file).write(file, ABOUT, new Made(n, dim));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new String(bytes.array(), 1, 5, StandardCharsets.US_ASCII)).isEqualTo("NUMPY");
    assertThat(bytes.getShort(6)).isEqualTo((short) 1);
    int start = 10 + bytes.getShort(8);
    assertThat(start % 64).isZero();
    assertThat(new String(bytes.array(), 10, start - 10, StandardCharsets.US_ASCII))
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (" + n + ", " + dim + "), }")
        .endsWith("\n");
    assertThat(bytes.capacity()).isEqualTo(start + 4 * n * dim);
    List<String> ids = Files.readAllLines(folder.resolve("x.npy.ids.jsonl"));
    assertThat(ids).hasSize(n);
    for (int i = 0; i < n; i++) {
      Row row = Made.row(i, dim);
      for (int d = 0; d < dim; d++) {
        assertThat(bytes.getFloat(start + 4 * (i * dim + d))).isEqualTo(row.vector()[d]);
      }
      requireRow(JSON.readTree(ids.get(i)), row);
    }
    assertThat(JSON.readTree(folder.resolve("x.npy.json").toFile()).path("encoder_sha256").asText())
        .isEqualTo("0123abc");
  }

  @Test
  void aNumpyFilesHeaderHasTheSameDigitsInEveryLocale() throws Exception {
    Path file = folder.resolve("x.npy");
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      VectorWriter.of(file).write(file, ABOUT, new Made(3, 4));
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).contains("'shape': (3, 4), }");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20})
  void aLineOfJsonIsARow(int n) throws Exception {
    Path file = folder.resolve("x.jsonl");
    VectorWriter.of(file).write(file, ABOUT, new Made(n, 3));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(n);
    for (int i = 0; i < n; i++) {
      Row row = Made.row(i, 3);
      JsonNode line = JSON.readTree(lines.get(i));
      requireRow(line, row);
      for (int d = 0; d < 3; d++) {
        assertThat(Float.parseFloat(line.path("vector").get(d).asText()))
            .isEqualTo(row.vector()[d]);
      }
    }
    assertThat(JSON.readTree(folder.resolve("x.jsonl.json").toFile()).path("dim").asInt())
        .isEqualTo(3);
  }

  private static void requireRow(JsonNode found, Row row) {
    assertThat(found.path("id").asLong()).isEqualTo(row.id());
    assertThat(found.path("path").asText()).isEqualTo(row.path());
    assertThat(found.path("part").asText()).isEqualTo(row.part());
    assertThat(found.path("label").isNull() ? null : found.path("label").asText())
        .isEqualTo(row.label());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.parquet", "x.npy", "x.jsonl"})
  void aWriterThatFailsLeavesNoFile(String name) {
    Path file = folder.resolve(name);
    Rows broken =
        new Rows() {
          private int given;

          @Override
          public long count() {
            return 9;
          }

          @Override
          public int dim() {
            return 2;
          }

          @Override
          public Row next() throws IOException {
            if (given++ == 3) {
              throw new IOException("broken off");
            }
            return Made.row(given, 2);
          }
        };
    assertThatThrownBy(() -> VectorWriter.of(file).write(file, ABOUT, broken))
        .hasMessageEndingWith("broken off");
    assertThat(file).doesNotExist();
  }

  @Test
  void theEndingNamesTheFormatInAnyCase() {
    assertThat(VectorWriter.of(Path.of("a/B.PARQUET"))).isInstanceOf(ParquetWriter.class);
    assertThatThrownBy(() -> VectorWriter.of(Path.of("x.csv")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--out x.csv")
        .hasMessageContaining(".jsonl, .npy, .parquet");
  }
}
