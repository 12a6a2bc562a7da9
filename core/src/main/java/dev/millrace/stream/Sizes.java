package dev.millrace.stream;

import dev.millrace.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/** The encoded sizes of sets' pictures as a checksum: pictures exchanged under their names show. */
public final class Sizes {
  private Sizes() {}

  /**
   * SHA-256 over the sizes of all pictures in order, hex; null where no source knows any size
   * without reading.
   */
  public static String of(ImageSet set) {
    return of(List.of(set), false);
  }

  /**
   * SHA-256 over the versions of the files that the pictures lie in, in order, hex; null where no
   * source has any. Another copy of the same bytes may well have others.
   */
  public static String versions(ImageSet set) {
    MessageDigest digest = Sha256.digest();
    boolean known = false;
    String last = null;
    for (int i = 0; i < set.size(); i++) {
      String version = set.image(i).content().version();
      if (version != null && !version.equals(last)) {
        known = true;
        digest.update((version + "\n").getBytes(StandardCharsets.UTF_8));
      }
      last = version;
    }
    return known ? HexFormat.of().formatHex(digest.digest()) : null;
  }

  /** Like {@link #of(ImageSet)}, over several sets and over versions too. */
  public static String withVersions(Collection<ImageSet> sets) {
    return of(sets, true);
  }

  private static String of(Collection<ImageSet> sets, boolean versions) {
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
        if (versions && version != null && !version.equals(last)) {
          digest.update(version.getBytes(StandardCharsets.UTF_8));
        }
        last = version;
      }
    }
    return known ? HexFormat.of().formatHex(digest.digest()) : null;
  }
}
