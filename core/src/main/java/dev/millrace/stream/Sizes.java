package dev.millrace.stream;

import dev.millrace.file.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;

/** The encoded sizes of sets' pictures as a checksum: pictures exchanged under their names show. */
public final class Sizes {
  private Sizes() {}

  /**
   * SHA-256 over the sizes of all pictures in order, hex; null where no source knows any without
   * reading.
   */
  public static String of(Collection<ImageSet> sets) {
    MessageDigest digest = Sha256.digest();
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    boolean known = false;
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        long size = set.image(i).content().size();
        known |= size != Image.UNKNOWN;
        digest.update(number.putLong(0, size).rewind());
        number.clear();
      }
    }
    return known ? HexFormat.of().formatHex(digest.digest()) : null;
  }
}
