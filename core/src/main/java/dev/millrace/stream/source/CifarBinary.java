package dev.millrace.stream.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The binary form: of each picture a label, of CIFAR-100 the coarse one before it, and planes. */
final class CifarBinary {
  private static final String FINE = "fine_label_names.txt";

  private CifarBinary() {}

  static boolean in(Listing listing) {
    return has(listing, "data_batch_1.bin") || hundred(listing);
  }

  private static boolean hundred(Listing listing) {
    return has(listing, FINE) && has(listing, "train.bin");
  }

  private static boolean has(Listing listing, String name) {
    return listing.files().keySet().stream().anyMatch(file -> Cifar.plain(file).equals(name));
  }

  static Cifar.Names names(Listing listing) throws IOException {
    Set<String> files = new HashSet<>();
    return new Cifar.Names(
        lines(listing, hundred(listing) ? FINE : "batches.meta.txt", files),
        lines(listing, "coarse_label_names.txt", files),
        files);
  }

  private static List<String> lines(Listing listing, String name, Set<String> read)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (String file : listing.files().keySet()) {
      if (Cifar.plain(file).equals(name)) {
        read.add(file);
        listing.text(file).lines().filter(line -> !line.isBlank()).forEach(lines::add);
      }
    }
    return lines;
  }

  /** The pictures of a file; null if it is no batch. */
  static Cifar.Batch batch(Listing listing, String file) throws IOException {
    if (!file.endsWith(".bin")) {
      return null;
    }
    boolean hundred = hundred(listing);
    int labels = hundred ? 2 : 1;
    int stride = labels + Cifar.PICTURE;
    byte[] batch = listing.files().get(file).read();
    if (batch.length % stride != 0) {
      throw new IOException(
          "%s has %d bytes, no multiple of CIFAR-%d's %d; is it complete?"
              .formatted(file, batch.length, hundred ? 100 : 10, stride));
    }
    List<Long> fine = new ArrayList<>();
    List<Long> coarse = new ArrayList<>();
    for (int at = 0; at < batch.length; at += stride) {
      fine.add(batch[at + labels - 1] & 0xFFL);
      coarse.add(batch[at] & 0xFFL);
    }
    return new Cifar.Batch(
        Cifar.plain(file).replace(".bin", ""),
        ByteBuffer.wrap(batch),
        labels,
        stride,
        fine,
        hundred ? coarse : null);
  }
}
