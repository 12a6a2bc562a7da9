package dev.millrace.stream.source;

import java.io.IOException;
import java.io.InputStream;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/** What a Parquet file says of itself, read so that no number in it takes memory. Stateless. */
final class ParquetWords {
  private ParquetWords() {}

  /**
   * Reads a header or footer.
   *
   * @param into empty
   * @param bytes there are at most, and so texts and lists have no more
   * @throws IOException if they are none
   */
  static <T extends TBase<?, ?>> T read(T into, InputStream in, long bytes) throws IOException {
    long limit = Math.min(bytes, Integer.MAX_VALUE);
    try {
      into.read(new TCompactProtocol(new TIOStreamTransport(in), limit, limit));
      return into;
    } catch (TException e) {
      throw new IOException("its words cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException | StackOverflowError e) {
      throw new IOException("its words cannot be read", e);
    }
  }
}
