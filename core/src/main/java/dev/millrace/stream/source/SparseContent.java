package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that a tar holds without its zeros ({@code tar -S}; GNU tar manual, "Storing Sparse
 * Files").
 *
 * @param at where its bytes begin
 * @param stored how many there are in the tar
 * @param size how long the file is
 * @param map offset and length of each piece; null if the bytes begin with it (version 1.0)
 * @param name archive and entry, for messages
 */
record SparseContent(
    BoundedBytes.Source source, long at, long stored, long size, List<Long> map, String name)
    implements Image.Content {

  @Override
  public byte[] read() throws IOException {
    BoundedBytes.require(size, () -> name);
    if (size < 0) {
      throw damaged();
    }
    byte[] packed = BoundedBytes.of(source, at, stored, () -> name);
    List<Long> pieces = map;
    int from = 0;
    if (pieces == null) {
      pieces = new ArrayList<>();
      from = map(packed, pieces);
    }
    byte[] bytes = new byte[(int) size];
    for (int i = 0; i + 1 < pieces.size(); i += 2) {
      long to = pieces.get(i);
      long length = pieces.get(i + 1);
      if (to < 0 || length < 0 || to > size - length || length > packed.length - from) {
        throw damaged();
      }
      System.arraycopy(packed, from, bytes, (int) to, (int) length);
      from += (int) length;
    }
    return bytes;
  }

  /** Reads lines: how many pieces, then each one's numbers. Returns where the data begin. */
  private int map(byte[] packed, List<Long> pieces) throws IOException {
    int from = 0;
    for (long left = -1; left != 0; left--) {
      int end = from;
      while (end < packed.length && packed[end] != '\n') {
        end++;
      }
      String line = new String(packed, from, end - from, StandardCharsets.ISO_8859_1);
      if (end == packed.length || !line.matches("\\d{1,18}")) {
        throw damaged();
      }
      from = end + 1;
      if (left < 0) {
        left = 2 * Long.parseLong(line) + 1;
      } else {
        pieces.add(Long.parseLong(line));
      }
    }
    return (from + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK;
  }

  private IOException damaged() {
    return new IOException(name + " has a sparse map that is damaged; pack it without tar -S");
  }
}
