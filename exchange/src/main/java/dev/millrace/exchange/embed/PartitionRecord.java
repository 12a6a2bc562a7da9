package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import dev.millrace.probe.BadPicture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What became of a partition, written after its file.
 *
 * @param rows of the file
 * @param sha256 of the file, hex
 * @param bad pictures without a row
 */
record PartitionRecord(long rows, String sha256, List<Bad> bad) {
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

  static PartitionRecord read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), PartitionRecord.class);
  }

  byte[] bytes() throws IOException {
    return JSON.writeValueAsBytes(this);
  }
}
