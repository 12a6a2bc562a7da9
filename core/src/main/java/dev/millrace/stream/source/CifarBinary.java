package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** CIFAR-10's binary batches: a label byte and three planes of 32×32, wrapped as PPM. */
final class CifarBinary {
  private static final int PLANE = 32 * 32;
  private static final int RECORD = 1 + 3 * PLANE;

  private CifarBinary() {}

  static boolean in(Listing listing) {
    return listing.files().keySet().stream().anyMatch(f -> f.endsWith("data_batch_1.bin"));
  }

  static Layout.Parts read(Listing listing) throws IOException {
    List<String> names = new ArrayList<>();
    List<Labelled.Row> train = new ArrayList<>();
    List<Labelled.Row> test = new ArrayList<>();
    for (String file : listing.files().keySet()) {
      if (file.endsWith("batches.meta.txt")) {
        listing.text(file).lines().filter(line -> !line.isBlank()).forEach(names::add);
      }
    }
    for (String file : listing.files().keySet()) {
      if (file.endsWith(".bin")) {
        byte[] batch = listing.files().get(file).read();
        if (batch.length % RECORD != 0) {
          throw new IOException(
              file
                  + " has "
                  + batch.length
                  + " bytes, no multiple of CIFAR-10's "
                  + RECORD
                  + "; is it complete?");
        }
        String short0 = file.substring(file.lastIndexOf('/') + 1).replace(".bin", "");
        for (int i = 0; i < batch.length / RECORD; i++) {
          int at = i * RECORD;
          int number = batch[at] & 0xFF;
          if (number >= (names.isEmpty() ? 10 : names.size())) {
            throw new IOException(
                file + ": picture " + i + " has label " + number + ", which is no class");
          }
          String label = names.isEmpty() ? Integer.toString(number) : names.get(number);
          (short0.startsWith("test") ? test : train)
              .add(
                  new Labelled.Row(
                      "%s/%05d.ppm".formatted(short0, i), label, null, new Ppm(batch, at + 1)));
        }
      }
    }
    return new Layout.Parts(train, test);
  }

  /** A picture whose planes begin at a place of its batch. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Ppm(byte[] batch, int at) implements Image.Content {
    private static final byte[] HEADER = "P6\n32 32\n255\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public long size() {
      return HEADER.length + 3L * PLANE;
    }

    @Override
    public byte[] read() {
      byte[] ppm = Arrays.copyOf(HEADER, HEADER.length + 3 * PLANE);
      for (int i = 0; i < PLANE; i++) {
        for (int c = 0; c < 3; c++) {
          ppm[HEADER.length + 3 * i + c] = batch[at + c * PLANE + i];
        }
      }
      return ppm;
    }
  }
}
