package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parquet files as few programs write them, and damaged ones. */
class ParquetShardTest {
  private static final List<String> PICTURES = List.of("picture 0", "picture one", "picture 2");
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  @TempDir Path cache;

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final List<SchemaElement> schema = new ArrayList<>();
  private final RowGroup group = new RowGroup(new ArrayList<>(), 0, PICTURES.size());

  private static byte[] plain(List<String> texts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      all.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  private void page(PageType type, byte[] body, Consumer<PageHeader> more) throws IOException {
    PageHeader header = new PageHeader(type, body.length, body.length);
    more.accept(header);
    Util.writePageHeader(header, file);
    file.writeBytes(body);
  }

  private void pages(String version, byte[] body, Encoding encoding) throws IOException {
    int rows = PICTURES.size();
    if (version.equals("V2")) {
      page(
          PageType.DATA_PAGE_V2,
          body,
          head ->
              head.setData_page_header_v2(
                  new DataPageHeaderV2(rows, 0, rows, encoding, 0, 0).setIs_compressed(false)));
    } else {
      page(
          PageType.DATA_PAGE,
          body,
          head ->
              head.setData_page_header(
                  new DataPageHeader(rows, encoding, Encoding.RLE, Encoding.RLE)));
    }
  }

  /** A column that must be there, with its values as they are, or in a dictionary. */
  private void column(String name, String version, List<String> values, boolean words)
      throws IOException {
    long at = file.size();
    ColumnMetaData about =
        new ColumnMetaData(
            Type.BYTE_ARRAY,
            List.of(Encoding.PLAIN),
            List.of(name),
            CompressionCodec.UNCOMPRESSED,
            values.size(),
            0,
            0,
            at);
    if (words) {
      List<String> distinct = values.stream().distinct().toList();
      page(
          PageType.DICTIONARY_PAGE,
          plain(distinct),
          head ->
              head.setDictionary_page_header(
                  new DictionaryPageHeader(distinct.size(), Encoding.PLAIN)));
      about.setDictionary_page_offset(at).setData_page_offset(file.size());
      ByteArrayOutputStream numbers = new ByteArrayOutputStream();
      numbers.write(8); // bits of a number
      for (String value : values) {
        numbers.write(1 << 1); // a run of one
        numbers.write(distinct.indexOf(value));
      }
      pages(version, numbers.toByteArray(), Encoding.RLE_DICTIONARY);
    } else {
      pages(version, plain(values), Encoding.PLAIN);
    }
    about.setTotal_compressed_size(file.size() - at).setTotal_uncompressed_size(file.size() - at);
    schema.add(
        new SchemaElement(name)
            .setType(Type.BYTE_ARRAY)
            .setRepetition_type(FieldRepetitionType.REQUIRED));
    group.getColumns().add(new ColumnChunk(at).setMeta_data(about));
  }

  private void columns(String version) throws IOException {
    file.writeBytes(MAGIC);
    column("image", version, PICTURES, false);
    column("label", version, List.of("cat", "dog", "cat"), true);
  }

  private Path written() throws IOException {
    List<SchemaElement> all = new ArrayList<>(schema);
    all.add(0, new SchemaElement("schema").setNum_children(schema.size()));
    return written(new FileMetaData(1, all, PICTURES.size(), List.of(group)));
  }

  private Path written(FileMetaData footer) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(file.toByteArray());
    Util.writeFileMetaData(footer, all);
    int length = all.size() - file.size();
    all.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
    all.writeBytes(MAGIC);
    return Files.write(folder.resolve("x.parquet"), all.toByteArray());
  }

  private DataSet open(Path place) throws IOException {
    return new Catalogue(null, cache).open(place.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"V1", "V2"})
  void aFileOfAnotherMachineIsReadAsOneHere(String version) throws IOException {
    columns(version);
    MemoryStore.put("memory://parquet/x.parquet", Files.readAllBytes(written()), version);
    DataSet set = new Catalogue(null, cache).open("memory://parquet");
    assertThat(set.train().classes()).containsExactly("cat", "dog");
    for (int i = 0; i < PICTURES.size(); i++) {
      assertThat(set.train().image(i).bytes()).asString().isEqualTo(PICTURES.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"V1", "V2"})
  void columnsThatMustBeThereAreRead(String version) throws IOException {
    columns(version);
    DataSet set = open(written());
    assertThat(set.train().classes()).containsExactly("cat", "dog");
    for (int i = 0; i < PICTURES.size(); i++) {
      Image image = set.train().image(i);
      assertThat(image.bytes()).asString().isEqualTo(PICTURES.get(i));
      assertThat(image.label()).isEqualTo(i % 2);
    }
  }

  /** Opens it and reads all pictures: nothing but a refusal may come of it. */
  private boolean opens(Path place, String what) {
    try {
      DataSet set = open(place);
      for (int i = 0; i < set.train().size(); i++) {
        set.train().image(i).bytes();
      }
      assertThat(set.train().size()).as(what).isEqualTo(PICTURES.size());
      return true;
    } catch (IOException | UsageException e) {
      assertThat(e.getMessage()).as(what).contains("x.parquet");
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"V1", "V2"})
  void aDamagedFileIsRefusedByNameOrHasAllItsRows(String version) throws IOException {
    columns(version);
    Path place = written();
    byte[] good = Files.readAllBytes(place);
    assertThat(opens(place, "whole")).isTrue();
    int refused = 0;
    for (int at = 0; at < good.length; at++) {
      for (int flip : new int[] {1, 0xff}) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) flip;
        Files.write(place, bad);
        Files.setLastModifiedTime(place, FileTime.fromMillis(++time));
        refused += opens(place, "byte %d ^ %x".formatted(at, flip)) ? 0 : 1;
      }
      Files.write(place, Arrays.copyOf(good, at));
      Files.setLastModifiedTime(place, FileTime.fromMillis(++time));
      assertThat(opens(place, "cut at " + at)).isFalse();
    }
    assertThat(refused).isGreaterThan(good.length);
  }

  private long time = 1_000_000_000_000L;

  private void refuses(String why, Consumer<FileMetaData> damage) throws IOException {
    file.reset();
    schema.clear();
    group.getColumns().clear();
    columns("V1");
    List<SchemaElement> all = new ArrayList<>(schema);
    all.add(0, new SchemaElement("schema").setNum_children(schema.size()));
    FileMetaData footer = new FileMetaData(1, all, PICTURES.size(), List.of(group.deepCopy()));
    damage.accept(footer);
    Path place = written(footer);
    assertThatThrownBy(() -> open(place))
        .isInstanceOfAny(IOException.class, UsageException.class)
        .hasMessageContaining("x.parquet")
        .hasMessageContaining(why);
  }

  private static RowGroup group(FileMetaData footer) {
    return footer.getRow_groups().get(0);
  }

  private static ColumnMetaData image(FileMetaData footer) {
    return group(footer).getColumns().get(0).getMeta_data();
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    refuses("values in", footer -> image(footer).setData_page_offset(-5));
    refuses("values in", footer -> image(footer).setTotal_compressed_size(-1));
    refuses("values in", footer -> image(footer).setData_page_offset(Long.MAX_VALUE - 1));
    refuses("values in", footer -> image(footer).setNum_values(2));
    refuses("have 3 rows, expected 4", footer -> footer.setNum_rows(4));
    refuses(
        "smaller row groups",
        footer -> {
          footer.setNum_rows(1L << 40);
          group(footer).setNum_rows(1L << 40);
        });
    refuses("lies in another file", footer -> group(footer).getColumns().get(0).unsetMeta_data());
    refuses("and 1 columns", footer -> group(footer).getColumns().remove(1));
    refuses("without end", footer -> footer.getSchema().get(0).setNum_children(1 << 30));
    refuses("has no columns", footer -> footer.getSchema().clear());
    refuses(
        "without end",
        footer -> {
          for (int i = 0; i < 100_000; i++) {
            footer.getSchema().add(1, new SchemaElement("in").setNum_children(1));
          }
        });
    image(group, 1L << 40);
  }

  /** The whole file may be said to be a column's; it ends where the file does. */
  private void image(RowGroup of, long size) throws IOException {
    of.getColumns().get(0).getMeta_data().setTotal_compressed_size(size);
    assertThat(opens(written(), "long")).isTrue();
  }

  @Test
  void noTwoPicturesOfASetHaveOneName() throws IOException {
    columns("V1");
    Path upper = Files.move(written(), folder.resolve("x.PARQUET"));
    written();
    assumeTrue(Files.size(upper) > 0 && !Files.isSameFile(upper, folder.resolve("x.parquet")));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("another file has one of that name; rename a file");
  }
}
