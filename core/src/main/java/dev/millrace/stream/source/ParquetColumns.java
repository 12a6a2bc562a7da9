package dev.millrace.stream.source;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;

/**
 * Which columns of a Parquet file are pictures, classes, domains and parts, by their names:
 * pictures as data hubs publish them, a group with {@code bytes} and {@code path}, or a column of
 * bytes.
 *
 * @param footer what the file says of itself
 * @param image the column of encoded pictures
 * @param path of names of pictures, or null
 * @param label or null
 * @param domain or null
 * @param split or null
 * @param classes names that labels number, where the hub's words are in the file; else empty
 */
record ParquetColumns(
    FileMetaData footer,
    Leaf image,
    Leaf path,
    Leaf label,
    Leaf domain,
    Leaf split,
    List<String> classes) {
  private static final List<String> IMAGES =
      List.of("image", "img", "jpg", "jpeg", "png", "webp", "picture", "photo", "image_bytes");
  private static final List<String> LABELS =
      List.of("label", "cls", "class", "class_name", "category", "fine_label", "labels");
  private static final int TAIL = 8;

  /** Of a group, which are looked at together: 1.5 GB of places at most. */
  private static final int MOST_ROWS = 1 << 26;

  private static final int DEEPEST = 100;
  private static final int LONGEST_FOOTER = 1 << 30;

  /**
   * A column.
   *
   * @param index among the columns of a row group
   * @param definition level of a value that is there
   */
  record Leaf(int index, String name, Type type, int definition, boolean repeated) {}

  /** Reads the end of a file. */
  static ParquetColumns of(OpenShard shard) throws IOException {
    long size = shard.size();
    String file = shard.name();
    byte[] end = new byte[TAIL];
    ByteBuffer tail = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN);
    if (size < TAIL || BoundedBytes.fill(shard.source(), size - TAIL, end, 0, TAIL) < TAIL) {
      throw new IOException("it is too short for a Parquet file");
    }
    int magic = tail.getInt(4);
    int length = tail.getInt(0);
    if (magic == 'P' + ('A' << 8) + ('R' << 16) + ('E' << 24)) {
      throw UsageException.ofWord(file + " is encrypted; write it without encryption");
    }
    if (magic != 'P' + ('A' << 8) + ('R' << 16) + ('1' << 24)
        || length < 0
        || length > Math.min(LONGEST_FOOTER, size - TAIL)) {
      throw new IOException("it does not end as a Parquet file does");
    }
    byte[] words =
        BoundedBytes.of(shard.source(), size - TAIL - length, length, () -> file + "'s footer");
    FileMetaData footer =
        ParquetWords.read(new FileMetaData(), new ByteArrayInputStream(words), length);
    List<Leaf> leaves = leaves(footer.getSchema());
    requireRows(footer, leaves.size(), file);
    return of(footer, leaves, file);
  }

  /** No row may get lost, and none be made up. */
  private static void requireRows(FileMetaData footer, int columns, String file)
      throws IOException {
    long rows = 0;
    for (RowGroup group : footer.getRow_groups()) {
      if (group.getNum_rows() > MOST_ROWS) {
        throw UsageException.ofWord(
            "%s has a group of %d rows, expected %d at most; write it in smaller row groups"
                .formatted(file, group.getNum_rows(), MOST_ROWS));
      }
      if (group.getNum_rows() < 0 || group.getColumns().size() != columns) {
        throw new IOException(
            "a group of %d rows and %d columns, expected %d columns"
                .formatted(group.getNum_rows(), group.getColumns().size(), columns));
      }
      rows += group.getNum_rows();
    }
    if (rows != footer.getNum_rows()) {
      throw new IOException(
          "its groups have %d rows, expected %d".formatted(rows, footer.getNum_rows()));
    }
  }

  private static List<Leaf> leaves(List<SchemaElement> schema) throws IOException {
    List<Leaf> leaves = new ArrayList<>();
    int[] next = {1};
    if (schema.isEmpty()) {
      throw new IOException("it has no columns");
    }
    for (int i = 0; i < schema.get(0).getNum_children(); i++) {
      walk(schema, next, "", 0, DEEPEST, false, leaves);
    }
    return leaves;
  }

  private static void walk(
      List<SchemaElement> schema,
      int[] next,
      String within,
      int definition,
      int deeper,
      boolean repeated,
      List<Leaf> leaves)
      throws IOException {
    if (deeper == 0 || next[0] >= schema.size()) {
      throw new IOException("its columns lie within each other without end");
    }
    SchemaElement one = schema.get(next[0]++);
    boolean required = one.getRepetition_type() == FieldRepetitionType.REQUIRED;
    boolean many = repeated || one.getRepetition_type() == FieldRepetitionType.REPEATED;
    int level = definition + (required ? 0 : 1);
    String name = within + one.getName();
    if (one.isSetType()) {
      leaves.add(new Leaf(leaves.size(), name, one.getType(), level, many));
      return;
    }
    for (int i = 0; i < one.getNum_children(); i++) {
      walk(schema, next, name + ".", level, deeper - 1, many, leaves);
    }
  }

  private static ParquetColumns of(FileMetaData footer, List<Leaf> leaves, String file) {
    List<String> names = new ArrayList<>();
    for (String name : IMAGES) {
      names.add(name + ".bytes");
      names.add(name);
    }
    Leaf image = first(leaves, names, List.of(Type.BYTE_ARRAY));
    if (image == null) {
      List<Leaf> groups =
          leaves.stream()
              .filter(leaf -> leaf.name.endsWith(".bytes") && leaf.type == Type.BYTE_ARRAY)
              .toList();
      image = groups.size() == 1 && !groups.get(0).repeated ? groups.get(0) : null;
    }
    if (image == null) {
      throw UsageException.ofWord(
          "%s has no column of pictures that is known: it has %s, expected `image` with `bytes` in it, or a column of bytes called image; rename one"
              .formatted(
                  file,
                  leaves.stream()
                      .map(leaf -> leaf.name + " " + leaf.type)
                      .collect(Collectors.joining(", "))));
    }
    List<Type> words = List.of(Type.BYTE_ARRAY, Type.INT32, Type.INT64);
    Leaf label = first(leaves, LABELS, words);
    return new ParquetColumns(
        footer,
        image,
        first(
            leaves,
            List.of(image.name.replaceAll("bytes$", "") + "path", "file_name"),
            List.of(Type.BYTE_ARRAY)),
        label,
        first(leaves, List.of("domain"), words),
        first(leaves, List.of("split"), List.of(Type.BYTE_ARRAY)),
        label == null ? List.of() : classes(footer, label.name));
  }

  private static Leaf first(List<Leaf> leaves, List<String> names, List<Type> types) {
    for (String name : names) {
      for (Leaf leaf : leaves) {
        if (leaf.name.equals(name) && types.contains(leaf.type) && !leaf.repeated) {
          return leaf;
        }
      }
    }
    return null;
  }

  /** The names of a label's numbers as the hub's own words in the footer have them. */
  private static List<String> classes(FileMetaData footer, String label) {
    List<String> classes = new ArrayList<>();
    if (!footer.isSetKey_value_metadata()) {
      return classes;
    }
    for (KeyValue one : footer.getKey_value_metadata()) {
      if (one.getKey().equals("huggingface") && one.isSetValue()) {
        try {
          JsonNode names =
              JSON.readTree(one.getValue()).path("info").path("features").path(label).path("names");
          names.forEach(name -> classes.add(SetPath.normal(name.asText())));
        } catch (JacksonException e) {
          classes.clear(); // numbers are names enough
        }
      }
    }
    return classes;
  }
}
