package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;

/**
 * A Parquet file with a column of encoded pictures. Where that column is not compressed, pictures
 * are read where they lie in the file; else its pages are unpacked to the cache, once, as those of
 * a compressed tar are.
 */
final class ParquetShard {
  private static final int BETWEEN_STOPS = 1024;

  private ParquetShard() {}

  /** Whether a file can be read and has a column of pictures. */
  static boolean hasPictures(Origin file, Path cache) throws IOException {
    try (OpenShard shard = OpenShard.of(file, cache)) {
      return ParquetColumns.of(shard).image() != null;
    } catch (SourceException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      return false; // where it is needed, whoever reads it says what is wrong
    }
  }

  /** Adds a row per picture; see {@link TarShard} for the parameters. */
  static void add(
      Origin before,
      String front,
      Part part,
      NameSet names,
      PackedWriter writer,
      ShardTally tally,
      Path cache,
      BooleanSupplier stop)
      throws IOException {
    String file = before.file();
    try (OpenShard shard = OpenShard.of(before, cache)) {
      ParquetColumns columns = ParquetColumns.of(shard);
      boolean compressed = compressed(columns);
      if (compressed) {
        UnpackedTar.of(before, cache, stop).close();
      }
      Origin.Form form = compressed ? Origin.Form.PAGES : Origin.Form.PLAIN;
      int origin = writer.origin(before.lying(form));
      long unpackedAt = 0;
      long row = 0;
      for (RowGroup group : columns.footer().getRow_groups()) {
        Listing.heed(stop);
        ParquetValues images = new ParquetValues(columns.image(), false);
        ParquetPages pages = pages(shard, group, columns.image(), compressed, unpackedAt);
        read(pages, images, group);
        unpackedAt = pages.unpackedAt();
        ParquetValues paths = values(shard, group, columns.path());
        ParquetValues labels = values(shard, group, columns.label());
        ParquetValues domains = values(shard, group, columns.domain());
        ParquetValues splits = values(shard, group, columns.split());
        for (int i = 0; i < images.count(); i++) {
          if (i % BETWEEN_STOPS == 0) {
            Listing.heed(stop);
          }
          String id = front + row++ + ending(text(paths, i));
          if (!names.add(id)) {
            throw twice(file, id);
          }
          String label = label(columns, text(labels, i));
          boolean missing = images.lengths[i] == ParquetValues.MISSING;
          tally.picture(id, label);
          writer.add(
              part(file, text(splits, i), part),
              id,
              label,
              normal(text(domains, i)),
              origin,
              missing ? 0 : images.values[i],
              missing ? 0 : images.lengths[i]);
        }
      }
    }
  }

  static IllegalArgumentException twice(String file, String id) {
    return UsageException.ofWord(
        "%s has the picture %s, and another file has one of that name; rename a file"
            .formatted(file, SetPath.shown(id)));
  }

  private static boolean compressed(ParquetColumns columns) throws IOException {
    for (RowGroup group : columns.footer().getRow_groups()) {
      if (ParquetPages.compressed(about(group, columns.image()))) {
        return true;
      }
    }
    return false;
  }

  private static ColumnMetaData about(RowGroup group, ParquetColumns.Leaf leaf) throws IOException {
    ColumnMetaData about = group.getColumns().get(leaf.index()).getMeta_data();
    if (about == null) {
      throw new IOException("the column " + leaf.name() + " lies in another file");
    }
    return about;
  }

  /** {@code -cat.jpg}, so that a row is found by the name that it had. */
  private static String ending(String path) {
    if (path == null || path.isBlank()) {
      return "";
    }
    return "-" + SetPath.normal(path.substring(path.lastIndexOf('/') + 1));
  }

  private static String label(ParquetColumns columns, String label) {
    if (label == null || columns.classes().isEmpty()) {
      return "-1".equals(label) ? null : normal(label);
    }
    if (!label.matches("\\d{1,9}") || Integer.parseInt(label) >= columns.classes().size()) {
      return null; // as hubs mark what has no class
    }
    return columns.classes().get(Integer.parseInt(label));
  }

  private static String normal(String word) {
    return word == null || word.isBlank() ? null : SetPath.normal(word);
  }

  private static Part part(String file, String split, Part otherwise) {
    if (split == null) {
      return otherwise;
    }
    Part part = Part.within(split);
    if (part == null) {
      throw UsageException.ofWord(
          "%s has the split '%s', expected train, val or test; write the file again"
              .formatted(file, SetPath.shown(split)));
    }
    return part;
  }

  private static String text(ParquetValues values, int row) {
    return values == null ? null : values.text(row);
  }

  private static ParquetValues values(OpenShard shard, RowGroup group, ParquetColumns.Leaf leaf)
      throws IOException {
    if (leaf == null) {
      return null;
    }
    ParquetValues values = new ParquetValues(leaf, true);
    read(pages(shard, group, leaf, true, 0), values, group);
    return values;
  }

  private static void read(ParquetPages pages, ParquetValues into, RowGroup group)
      throws IOException {
    for (var page = pages.next(); page != null; page = pages.next()) {
      into.add(page);
    }
    if (into.count() != group.getNum_rows()) {
      throw new IOException(
          "a column has %d values in a group of %d rows"
              .formatted(into.count(), group.getNum_rows()));
    }
  }

  private static ParquetPages pages(
      OpenShard shard, RowGroup group, ParquetColumns.Leaf leaf, boolean unpack, long unpackedAt)
      throws IOException {
    return new ParquetPages(
        shard.source(),
        shard.size(),
        group.getNum_rows(),
        about(group, leaf),
        leaf,
        unpack,
        unpackedAt);
  }

  /** The pages of the pictures' column, decompressed, one after another; closing it closes all. */
  static InputStream unpacking(OpenShard shard) throws IOException {
    try {
      return new Unpacking(shard, ParquetColumns.of(shard));
    } catch (IOException | RuntimeException e) {
      shard.close();
      throw e;
    }
  }

  private static final class Unpacking extends InputStream {
    private final OpenShard shard;
    private final ParquetColumns columns;
    private int group;
    private ParquetPages pages;
    private byte[] page = new byte[0];
    private int at;

    Unpacking(OpenShard shard, ParquetColumns columns) {
      this.shard = shard;
      this.columns = columns;
    }

    private boolean ended() throws IOException {
      while (at == page.length) {
        ParquetPages.Page next = pages == null ? null : pages.next();
        if (next != null) {
          page = next.unpacked();
          at = 0;
        } else if (group == columns.footer().getRow_groups().size()) {
          return true;
        } else {
          pages =
              ParquetShard.pages(
                  shard, columns.footer().getRow_groups().get(group++), columns.image(), true, 0);
        }
      }
      return false;
    }

    @Override
    public int read() throws IOException {
      return ended() ? -1 : page[at++] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (ended()) {
        return -1;
      }
      int many = Math.min(length, page.length - at);
      System.arraycopy(page, at, into, from, many);
      at += many;
      return many;
    }

    @Override
    public void close() throws IOException {
      shard.close();
    }
  }
}
