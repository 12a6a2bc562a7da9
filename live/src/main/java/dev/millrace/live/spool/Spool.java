package dev.millrace.live.spool;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Where the bytes of accepted pictures lie until their chunk is closed. Not thread-safe. */
public interface Spool extends AutoCloseable {
  /**
   * A picture of a chunk that closes.
   *
   * @param name its path in the chunk
   * @param at first byte in the open chunk
   * @param length how many bytes
   */
  record Part(String name, long at, int length) {}

  /**
   * Cuts off what is beyond a length: it was never accepted.
   *
   * @throws IOException if there is less, so that accepted bytes are lost
   */
  void cut(long length) throws IOException;

  /** How long the open chunk is, in bytes. */
  long length();

  /** How many bytes of {@link #length} a picture takes. */
  long size(int picture);

  /** Appends a picture, which need not be on disk before {@link #sync}; answers its first byte. */
  long append(byte[] picture) throws IOException;

  /** All that was appended is on disk when this returns. */
  void sync() throws IOException;

  /** A picture's bytes. */
  byte[] read(long at, int length) throws IOException;

  /** Writes the file of a closed chunk, complete or absent; one that is there is replaced. */
  void close(int chunk, List<Part> parts) throws IOException;

  /** Overwrites a picture of the open chunk with zeros, on disk when this returns. */
  void erase(long at, int length) throws IOException;

  /**
   * Writes the file of a closed chunk anew without some pictures; all others keep their names and
   * their order. Without any picture left, the file goes; where it is not there, nothing is done.
   *
   * @param numbers of the pictures that go, as their names begin with; some may be gone already
   */
  void drop(int chunk, Set<Long> numbers) throws IOException;

  /** Deletes the file of a closed chunk, if it is there. */
  void letGo(int chunk) throws IOException;

  @Override
  void close() throws IOException;
}
