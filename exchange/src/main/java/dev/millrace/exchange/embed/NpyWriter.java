package dev.millrace.exchange.embed;

import dev.millrace.file.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * NumPy's format 1.0: {@code [N, D] float32}, little-endian; beside it {@code FILE.ids.jsonl}, a
 * line a row with id, path, part and label, and {@code FILE.json} about the encoder.
 */
final class NpyWriter implements VectorWriter {
  private static final int BUFFER = 1 << 20;

  @Override
  public List<Path> beside(Path file) {
    return List.of(VectorWriter.behind(file, ".json"), VectorWriter.behind(file, ".ids.jsonl"));
  }

  @Override
  public void write(Path file, Map<String, Object> about, Rows rows) throws IOException {
    JsonLines.object(beside(file).get(0), about);
    // One pass over the rows: the ids are complete, and in place, before the vectors are.
    AtomicFiles.write(
        file,
        channel ->
            JsonLines.lines(
                beside(file).get(1),
                json -> {
                  full(channel, ByteBuffer.wrap(header(rows.count(), rows.dim())));
                  ByteBuffer buffer =
                      ByteBuffer.allocate(Math.max(BUFFER, 4 * rows.dim()))
                          .order(ByteOrder.LITTLE_ENDIAN);
                  for (Row row = rows.next(); row != null; row = rows.next()) {
                    json.writeStartObject();
                    JsonLines.about(json, row);
                    json.writeEndObject();
                    JsonLines.end(json);
                    if (buffer.remaining() < 4 * rows.dim()) {
                      full(channel, buffer.flip());
                      buffer.clear();
                    }
                    for (float number : row.vector()) {
                      buffer.putFloat(number);
                    }
                  }
                  full(channel, buffer.flip());
                }));
  }

  private static byte[] header(long rows, int dim) {
    String dictionary =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + dim + "), }";
    int length = (10 + dictionary.length() + 1 + 63) / 64 * 64;
    String padded = dictionary + " ".repeat(length - 10 - dictionary.length() - 1) + "\n";
    return ByteBuffer.allocate(length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) (length - 10))
        .put(padded.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  private static void full(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
