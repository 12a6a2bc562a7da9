package dev.millrace.exchange.embed;

import dev.millrace.file.AtomicFiles;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;

/**
 * Apache Parquet: columns {@code id} (INT64), {@code path}, {@code part} (STRING), {@code label}
 * (STRING, may be null) and {@code vector} (LIST of FLOAT); about the encoder in the key-value
 * metadata. The file's structures are Parquet's own, the pages plain and uncompressed.
 */
final class ParquetWriter implements VectorWriter {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** Vectors of a row group, which is gathered in memory: as bytes, and as rows. */
  private static final int GROUP_BYTES = 16 << 20;

  private static final int GROUP_ROWS = 1 << 16;

  @Override
  public List<Path> beside(Path file) {
    return List.of();
  }

  @Override
  public void write(Path file, Map<String, Object> about, Rows rows) throws IOException {
    AtomicFiles.write(file, channel -> new Pass(channel).write(about, rows));
  }

  /** One file on its way. */
  private static final class Pass {
    private final FileChannel channel;
    private final OutputStream out;
    private final ParquetColumn id = new ParquetColumn(Type.INT64, false, false, "id");
    private final ParquetColumn path = new ParquetColumn(Type.BYTE_ARRAY, false, false, "path");
    private final ParquetColumn part = new ParquetColumn(Type.BYTE_ARRAY, false, false, "part");
    private final ParquetColumn label = new ParquetColumn(Type.BYTE_ARRAY, true, false, "label");
    private final ParquetColumn vector =
        new ParquetColumn(Type.FLOAT, false, true, "vector", "list", "element");
    private final List<RowGroup> groups = new ArrayList<>();

    Pass(FileChannel channel) {
      this.channel = channel;
      out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    }

    void write(Map<String, Object> about, Rows rows) throws IOException {
      out.write(MAGIC);
      int most = Math.max(1, Math.min(GROUP_ROWS, GROUP_BYTES / (Float.BYTES * rows.dim())));
      int gathered = 0;
      for (Row row = rows.next(); row != null; row = rows.next()) {
        id.add(row.id());
        path.add(row.path());
        part.add(row.part());
        label.add(row.label());
        vector.add(row.vector());
        if (++gathered == most) {
          end(gathered);
          gathered = 0;
        }
      }
      if (gathered > 0) {
        end(gathered);
      }
      FileMetaData footer = new FileMetaData(1, schema(), rows.count(), groups);
      about.forEach(
          (key, value) -> {
            KeyValue pair = new KeyValue(key);
            pair.setValue(String.valueOf(value));
            footer.addToKey_value_metadata(pair);
          });
      footer.setCreated_by("millrace");
      long from = position();
      Util.writeFileMetaData(footer, out);
      ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      out.write(length.putInt((int) (position() - from)).array());
      out.write(MAGIC);
      out.flush();
    }

    private long position() throws IOException {
      out.flush();
      return channel.position();
    }

    private void end(int gathered) throws IOException {
      long from = position();
      List<ColumnChunk> chunks = new ArrayList<>();
      for (ParquetColumn column : List.of(id, path, part, label, vector)) {
        chunks.add(column.end(out, position()));
      }
      RowGroup group = new RowGroup(chunks, position() - from, gathered);
      group.setFile_offset(from);
      group.setTotal_compressed_size(position() - from);
      groups.add(group);
    }

    private static List<SchemaElement> schema() {
      SchemaElement root = new SchemaElement("vectors");
      root.setNum_children(5);
      SchemaElement list = element("vector", FieldRepetitionType.REQUIRED);
      list.setNum_children(1);
      list.setConverted_type(ConvertedType.LIST);
      list.setLogicalType(LogicalType.LIST(new ListType()));
      SchemaElement repeated = element("list", FieldRepetitionType.REPEATED);
      repeated.setNum_children(1);
      return List.of(
          root,
          element("id", FieldRepetitionType.REQUIRED).setType(Type.INT64),
          text("path", FieldRepetitionType.REQUIRED),
          text("part", FieldRepetitionType.REQUIRED),
          text("label", FieldRepetitionType.OPTIONAL),
          list,
          repeated,
          element("element", FieldRepetitionType.REQUIRED).setType(Type.FLOAT));
    }

    private static SchemaElement element(String name, FieldRepetitionType repetition) {
      SchemaElement element = new SchemaElement(name);
      element.setRepetition_type(repetition);
      return element;
    }

    private static SchemaElement text(String name, FieldRepetitionType repetition) {
      SchemaElement text = element(name, repetition).setType(Type.BYTE_ARRAY);
      text.setConverted_type(ConvertedType.UTF8);
      text.setLogicalType(LogicalType.STRING(new StringType()));
      return text;
    }
  }
}
