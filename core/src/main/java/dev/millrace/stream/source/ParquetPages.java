package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.snappy.SnappyCompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdUtils;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;

/** The pages of a column of a row group, one after another. Not thread-safe. */
final class ParquetPages {
  private static final int LARGEST = 1 << 30;

  /** Within a block of Snappy, which is this long, one place may be copied from any other. */
  private static final int SNAPPY_BLOCK = 1 << 16;

  /**
   * A page of values.
   *
   * @param dictionary whether its values are those that others point to
   * @param values how many, missing ones included
   * @param encoding of the values
   * @param levels which values are there, in Parquet's run-length encoding; null where all are
   * @param body the values that are there
   * @param unpacked all bytes that were decompressed; null where none were
   */
  record Page(
      boolean dictionary,
      int values,
      Encoding encoding,
      Cursor levels,
      Cursor body,
      byte[] unpacked) {}

  private final BoundedBytes.Source source;
  private final ColumnMetaData about;
  private final ParquetColumns.Leaf leaf;
  private final long end;
  private long at;
  private long left;
  private long unpackedAt;
  private final boolean unpack;

  /**
   * @param size of the file
   * @param rows of the group
   * @param unpack whether pages are read as a whole, and decompressed where they need it
   * @param unpackedAt place of the first byte that is decompressed among all of the column
   */
  ParquetPages(
      BoundedBytes.Source source,
      long size,
      long rows,
      ColumnMetaData about,
      ParquetColumns.Leaf leaf,
      boolean unpack,
      long unpackedAt)
      throws IOException {
    this.source = source;
    this.unpack = unpack;
    this.about = about;
    this.leaf = leaf;
    this.unpackedAt = unpackedAt;
    boolean words = about.isSetDictionary_page_offset() && about.getDictionary_page_offset() > 0;
    at =
        words
            ? Math.min(about.getDictionary_page_offset(), about.getData_page_offset())
            : about.getData_page_offset();
    long bytes = about.getTotal_compressed_size();
    left = about.getNum_values();
    if (at < 0 || at > size || bytes < 0 || left != rows) {
      throw new IOException(
          "the column %s has %d values in %d bytes at byte %d, expected %d values within the file's %d bytes"
              .formatted(leaf.name(), left, bytes, at, rows, size));
    }
    end = at + Math.min(bytes, size - at);
  }

  static boolean compressed(ColumnMetaData about) {
    return about.getCodec() != CompressionCodec.UNCOMPRESSED;
  }

  /** Where the next byte that is decompressed will stand. */
  long unpackedAt() {
    return unpackedAt;
  }

  /** The next page; null after the last. */
  Page next() throws IOException {
    while (left > 0) {
      Cursor head = new Cursor(source, at, end);
      PageHeader header = ParquetWords.read(new PageHeader(), head, end - at);
      Cursor body = head.part(header.getCompressed_page_size());
      at = head.at();
      int unpacked = header.getUncompressed_page_size();
      if (header.isSetDictionary_page_header()) {
        var words = header.getDictionary_page_header();
        return page(body, unpacked, true, true, words.getNum_values(), Encoding.PLAIN, null);
      }
      if (header.isSetData_page_header()) {
        var data = header.getData_page_header();
        int values = taken(data.getNum_values());
        return page(body, unpacked, true, false, values, data.getEncoding(), null);
      }
      if (header.isSetData_page_header_v2()) {
        var data = header.getData_page_header_v2();
        int values = taken(data.getNum_values());
        body.pass(data.getRepetition_levels_byte_length());
        Cursor levels = body.part(data.getDefinition_levels_byte_length());
        if (leaf.definition() == 0) {
          levels = null; // a column that must be there has none
        }
        boolean packed = !data.isSetIs_compressed() || data.isIs_compressed();
        long before =
            (long) data.getRepetition_levels_byte_length()
                + data.getDefinition_levels_byte_length();
        long its = packed ? unpacked - before : body.left();
        return page(body, its, packed, false, values, data.getEncoding(), levels);
      }
      if (header.getType() != PageType.INDEX_PAGE) {
        throw new IOException("a page of no kind that is known, at byte " + at);
      }
    }
    return null;
  }

  /** Values of a page are those that are left, or fewer. */
  private int taken(int values) throws IOException {
    if (values < 0 || values > left) {
      throw new IOException("a page of %d values, where %d are left".formatted(values, left));
    }
    left -= values;
    return values;
  }

  private Page page(
      Cursor body,
      long size,
      boolean packed,
      boolean dictionary,
      int values,
      Encoding encoding,
      Cursor levels)
      throws IOException {
    if (!unpack) {
      return levelled(body, null, dictionary, values, encoding, levels);
    }
    if (size < 0 || size > LARGEST) {
      throw new IOException("a page of %d bytes at byte %d".formatted(size, at));
    }
    byte[] bytes = body.bytes((int) body.left());
    return unpacked(
        packed && compressed(about) ? decompressed(bytes, (int) size) : bytes,
        dictionary,
        values,
        encoding,
        levels);
  }

  private Page unpacked(
      byte[] bytes, boolean dictionary, int values, Encoding encoding, Cursor levels)
      throws IOException {
    Cursor body = Cursor.of(bytes, unpackedAt);
    unpackedAt += bytes.length;
    return levelled(body, bytes, dictionary, values, encoding, levels);
  }

  /** Before version 2 of pages the levels stand in front of the values, with their length. */
  private Page levelled(
      Cursor body,
      byte[] unpacked,
      boolean dictionary,
      int values,
      Encoding encoding,
      Cursor levels)
      throws IOException {
    Cursor its = levels;
    if (levels == null && !dictionary && leaf.definition() > 0) {
      its = body.part(body.i32());
    }
    return new Page(dictionary, values, encoding, its, body, unpacked);
  }

  private byte[] decompressed(byte[] packed, int size) throws IOException {
    if (size == 0) {
      return new byte[0];
    }
    try (InputStream in = decompressing(new ByteArrayInputStream(packed))) {
      byte[] bytes = in.readNBytes(size); // takes memory as it goes, so that a size is no danger
      if (bytes.length < size) {
        throw new IOException("a page unpacks to fewer bytes than it says, at byte " + at);
      }
      return bytes;
    } catch (UsageException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IOException("a page cannot be unpacked, at byte " + at, e);
    }
  }

  private InputStream decompressing(InputStream in) throws IOException {
    switch (about.getCodec()) {
      case SNAPPY:
        return new SnappyCompressorInputStream(in, SNAPPY_BLOCK);
      case GZIP:
        return new GZIPInputStream(in);
      case LZ4_RAW:
        return new BlockLZ4CompressorInputStream(in);
      case ZSTD:
        if (ZstdUtils.isZstdCompressionAvailable()) {
          return new ZstdCompressorInputStream(in);
        }
        break;
      default:
    }
    throw UsageException.ofWord(
        "the column %s is compressed by %s, which is not read here; write it with none (pictures hardly shrink), snappy or gzip"
            .formatted(leaf.name(), about.getCodec()));
  }
}
