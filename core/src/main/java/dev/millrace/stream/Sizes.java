package dev.millrace.stream;

import dev.millrace.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;

/** The encoded sizes of sets' pictures as a checksum: pictures exchanged under their names show. */
public final class Sizes {
  private Sizes() {}

  /**
   * SHA-256 over the sizes of all pictures in order, and the versions of what they lie in where
   * these are known, hex; null where no source knows any size without reading.
   */
  public static String of(Collection<ImageSet> sets) {
    MessageDigest digest = Sha256.digest();
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    boolean known = false;
    String last = null;
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        Image.Content content = set.image(i).content();
        long size = content.size();
        known |= size != Image.UNKNOWN;
        digest.update(number.putLong(0, size).rewind());
        number.clear();
        String version = content.version();
        if (version != null && !version.equals(last)) {
          digest.update(version.getBytes(StandardCharsets.UTF_8));
        }
        last = version;
      }
    }
    return known ? HexFormat.of().formatHex(digest.digest()) : null;
  }
}
