package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import dev.millrace.file.Sha256;
import dev.millrace.probe.BadPicture;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What became of a partition, written after its file.
 *
 * @param rows of the file
 * @param sha256 of the file, hex
 * @param bad pictures without a row
 * @param sizes SHA-256 over the sizes of the others, hex; null in a record of an older version
 */
record PartitionRecord(long rows, String sha256, List<Bad> bad, String sizes) {
  /**
   * A picture without a row.
   *
   * @param place in the set
   * @param path its name
   * @param part of the set
   * @param reason in words
   */
  record Bad(int place, String path, String part, String reason) {
    static Bad of(BadPicture bad, String part) {
      return new Bad(bad.place(), bad.id(), part, bad.reason());
    }
  }

  /** A checksum over the sizes of pictures from a place to another, without the bad ones. */
  static String sizes(ImageSet pictures, int from, int to, List<Bad> bad) {
    Set<Integer> without = bad.stream().map(Bad::place).collect(Collectors.toSet());
    MessageDigest digest = Sha256.digest();
    for (int place = from; place < to; place++) {
      if (!without.contains(place)) {
        long size = pictures.image(place).content().size();
        digest.update((size + "\n").getBytes(StandardCharsets.US_ASCII));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static PartitionRecord read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), PartitionRecord.class);
  }

  byte[] bytes() throws IOException {
    return JSON.writeValueAsBytes(this);
  }
}
