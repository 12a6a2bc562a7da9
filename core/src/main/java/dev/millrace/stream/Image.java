package dev.millrace.stream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * One picture of a set: what is known about it, and how to get at its encoded bytes. Making one
 * reads nothing. Immutable; thread-safe if its content is.
 *
 * @param id stable name of the picture within its set, such as {@code train/cat/0007.jpg}; the same
 *     in every process and on every machine
 * @param label index into the set's {@link ImageSet#classes()}, or {@link #NONE}
 * @param domain index into the set's {@link ImageSet#domains()}, or {@link #NONE}
 * @param content where the encoded bytes are
 */
public record Image(String id, int label, int domain, Content content) {
  /** The label of an unlabelled picture, the domain of one without a domain. */
  public static final int NONE = -1;

  /** The size of content that must be read to be measured. */
  public static final long UNKNOWN = -1;

  /**
   * The most encoded bytes that one picture may have, 512 MiB: more is read of no file, and none is
   * unpacked to more.
   */
  public static final long MAX_BYTES = 512L << 20;

  /** Encoded bytes that can be read any number of times. */
  @FunctionalInterface
  public interface Content {
    /**
     * Reads the bytes; the caller owns the array.
     *
     * @throws SourceException if the place does not answer; who reads ends, and may go on later
     * @throws IOException if this picture cannot be read, which is bad then; the message names it
     */
    byte[] read() throws IOException;

    /**
     * Reads the first bytes, fewer where there are no more; the caller owns the array.
     *
     * @throws SourceException if the place does not answer; who reads ends, and may go on later
     * @throws IOException if this picture cannot be read, which is bad then; the message names it
     */
    default byte[] head(int bytes) throws IOException {
      byte[] all = read();
      return Arrays.copyOf(all, Math.min(bytes, all.length));
    }

    /**
     * The bytes one after another, for files that may be larger than memory; the caller closes the
     * stream.
     *
     * @throws SourceException if the place does not answer; who reads ends, and may go on later
     * @throws IOException if this picture cannot be read, which is bad then; the message names it
     */
    default InputStream open() throws IOException {
      return new ByteArrayInputStream(read());
    }

    /**
     * How many encoded bytes there are, where the source knows without reading them; {@link
     * #UNKNOWN} else.
     */
    default long size() {
      return UNKNOWN;
    }

    /** Bits of a {@link #place} within its file; those above number the file. */
    int PLACE_BITS = 44;

    /**
     * Where the bytes lie, a number that grows along each file; {@link #UNKNOWN} where nobody
     * knows.
     */
    default long place() {
      return UNKNOWN;
    }

    /**
     * A word that changes with the file that the bytes lie in, where the source has one; null else.
     */
    default String version() {
      return null;
    }
  }

  /** The picture's encoded bytes (JPEG, PNG, PPM, …). */
  public byte[] bytes() throws IOException {
    return content.read();
  }
}
