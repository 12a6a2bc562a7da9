package dev.millrace.exchange.embed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;

/**
 * One column of a row group that is being gathered, as pages of plain values. Not compressed, since
 * vectors do not shrink. Not thread-safe.
 */
final class ParquetColumn {
  private static final int PAGE = 1 << 20;

  private final Type type;
  private final List<String> path;
  private final ParquetLevels repetition;
  private final ParquetLevels definition;
  private final ByteArrayOutputStream pages = new ByteArrayOutputStream();
  private final ByteArrayOutputStream values = new ByteArrayOutputStream();
  private ByteBuffer room = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private int inPage;
  private long inChunk;

  /**
   * A column without values.
   *
   * @param optional whether values may be missing
   * @param list whether a row has several values
   * @param path names from the root of the schema to the values
   */
  ParquetColumn(Type type, boolean optional, boolean list, String... path) {
    this.type = type;
    this.path = List.of(path);
    repetition = list ? new ParquetLevels() : null;
    definition = optional || list ? new ParquetLevels() : null;
  }

  void add(long value) throws IOException {
    values.write(room.clear().putLong(value).array(), 0, Long.BYTES);
    one(1);
  }

  /** A text; null only where the column is optional. */
  void add(String value) throws IOException {
    if (value != null) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      values.write(room.clear().putInt(bytes.length).array(), 0, Integer.BYTES);
      values.write(bytes);
    }
    one(value == null ? 0 : 1);
  }

  private void one(int defined) throws IOException {
    if (definition != null) {
      definition.add(defined, 1);
    }
    inPage++;
    endFullPage();
  }

  /** A row of several values, at least one. */
  void add(float... row) throws IOException {
    if (room.capacity() < row.length * Float.BYTES) {
      room = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
    room.clear().asFloatBuffer().put(row);
    values.write(room.array(), 0, row.length * Float.BYTES);
    repetition.add(0, 1);
    repetition.add(1, row.length - 1L);
    definition.add(1, row.length);
    inPage += row.length;
    endFullPage();
  }

  private void endFullPage() throws IOException {
    if (values.size() >= PAGE) {
      endPage();
    }
  }

  private void endPage() throws IOException {
    if (inPage == 0) {
      return;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(values.size() + 64);
    for (ParquetLevels levels : new ParquetLevels[] {repetition, definition}) {
      if (levels != null) {
        byte[] encoded = levels.take();
        body.write(room.clear().putInt(encoded.length).array(), 0, Integer.BYTES);
        body.write(encoded);
      }
    }
    values.writeTo(body);
    values.reset();
    CRC32 crc = new CRC32();
    crc.update(body.toByteArray());
    PageHeader header = new PageHeader(PageType.DATA_PAGE, body.size(), body.size());
    header.setCrc((int) crc.getValue());
    header.setData_page_header(
        new DataPageHeader(inPage, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
    Util.writePageHeader(header, pages);
    body.writeTo(pages);
    inChunk += inPage;
    inPage = 0;
  }

  /** Writes the column of the row group at an offset of the file, and begins the next one's. */
  ColumnChunk end(OutputStream out, long offset) throws IOException {
    endPage();
    ColumnMetaData about =
        new ColumnMetaData(
            type,
            List.of(Encoding.PLAIN, Encoding.RLE),
            path,
            CompressionCodec.UNCOMPRESSED,
            inChunk,
            pages.size(),
            pages.size(),
            offset);
    pages.writeTo(out);
    pages.reset();
    inChunk = 0;
    ColumnChunk chunk = new ColumnChunk(offset);
    chunk.setMeta_data(about);
    return chunk;
  }
}
