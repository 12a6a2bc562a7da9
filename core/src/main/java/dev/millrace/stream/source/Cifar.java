package dev.millrace.stream.source;

import dev.millrace.file.Padded;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * CIFAR-10 and CIFAR-100 as their authors give them, binary or as Python's pickles: pictures of
 * three planes of 32×32, wrapped as PPM. Both forms give the same pictures under the same names.
 */
final class Cifar {
  private static final int PLANE = 32 * 32;
  static final int PICTURE = 3 * PLANE;

  /**
   * A set of pictures.
   *
   * @param hierarchy of CIFAR-100: by class, its coarse label; else empty
   * @param files which were read, names of labels among them
   * @param missing what is to be said of batches that are not there; null for nothing
   */
  record Found(
      Layout.Parts parts, Map<String, List<String>> hierarchy, Set<String> files, String missing) {}

  /**
   * Some pictures of a part.
   *
   * @param planes of the pictures, one after another, {@code stride} bytes apart
   * @param first where the first picture begins
   * @param fine number of each picture's class
   * @param coarse number of each picture's coarse label; null for CIFAR-10
   */
  record Batch(
      String name, ByteBuffer planes, int first, int stride, List<Long> fine, List<Long> coarse) {}

  /**
   * Names of labels; numbers stand for them where none are given.
   *
   * @param files that have them
   */
  record Names(List<String> fine, List<String> coarse, Set<String> files) {}

  /** The training batches of CIFAR-10 and the pictures of each, as their authors give them. */
  private static final int BATCHES = 5;

  private static final int OF_BATCH = 10_000;

  private final Names names;
  private final List<Labelled.Row> train = new ArrayList<>();
  private final List<Labelled.Row> test = new ArrayList<>();
  private final Map<String, List<String>> hierarchy = new LinkedHashMap<>();

  private Cifar(Names names) {
    this.names = names;
  }

  /** Whether a listing holds one of the forms. */
  static boolean in(Listing listing) throws IOException {
    return CifarBinary.in(listing) || CifarPython.in(listing);
  }

  /**
   * Reads the form that a listing holds.
   *
   * @throws IOException if a batch is there twice or is damaged
   */
  static Found read(Listing listing) throws IOException {
    boolean binary = CifarBinary.in(listing);
    Cifar cifar = new Cifar(binary ? CifarBinary.names(listing) : CifarPython.names(listing));
    Set<String> files = new HashSet<>(cifar.names.files());
    Map<String, String> batches = new TreeMap<>();
    boolean hundred = false;
    boolean authors = false;
    for (String file : listing.files().keySet()) {
      Batch batch = binary ? CifarBinary.batch(listing, file) : CifarPython.batch(listing, file);
      if (batch == null) {
        continue;
      }
      String other = batches.put(batch.name(), file);
      if (other != null) {
        throw new IOException(
            "%s and %s are one batch of CIFAR; give the folder of one of them"
                .formatted(other, file));
      }
      cifar.add(file, batch);
      files.add(file);
      hundred |= batch.coarse() != null;
      authors |= batch.fine().size() == OF_BATCH;
    }
    List<String> missing = missing(batches.keySet(), hundred, authors);
    String ending = binary ? ".bin" : "";
    String words =
        missing.isEmpty()
            ? null
            : "%s%s of CIFAR %s not there, and the set is what is; if the copy is not complete, copy it again"
                .formatted(
                    String.join(ending + ", ", missing),
                    ending,
                    missing.size() == 1 ? "is" : "are");
    Map<String, List<String>> groups = new HashMap<>(cifar.hierarchy);
    return new Found(new Layout.Parts(cifar.train, cifar.test), groups, files, words);
  }

  /** The batches that a set lacks: of one that is not the authors' those between others. */
  private static List<String> missing(Set<String> batches, boolean hundred, boolean authors) {
    List<String> needed = new ArrayList<>();
    if (hundred) {
      needed.addAll(List.of("train", "test"));
    } else {
      int last = authors ? BATCHES : 0;
      for (String batch : batches) {
        if (batch.matches("data_batch_\\d{1,2}")) {
          last = Math.max(last, Integer.parseInt(batch.substring("data_batch_".length())));
        }
      }
      for (int i = 1; i <= last; i++) {
        needed.add("data_batch_" + i);
      }
      if (authors) {
        needed.add("test_batch");
      }
    }
    needed.removeAll(batches);
    return needed;
  }

  private void add(String file, Batch batch) throws IOException {
    List<Labelled.Row> part = batch.name().startsWith("test") ? test : train;
    for (int i = 0; i < batch.fine().size(); i++) {
      String label = label(file, i, batch.fine().get(i), names.fine(), 10);
      if (batch.coarse() != null) {
        String group = label(file, i, batch.coarse().get(i), names.coarse(), 20);
        String before = hierarchy.computeIfAbsent(label, k -> List.of(group)).get(0);
        if (!before.equals(group)) {
          throw new IOException(
              "%s: picture %d of class %s has the coarse label %s, others of it %s; is it complete?"
                  .formatted(file, i, label, group, before));
        }
      }
      part.add(
          new Labelled.Row(
              batch.name() + "/" + Padded.of(i, 5) + ".ppm",
              label,
              null,
              new Ppm(batch.planes(), batch.first() + i * batch.stride())));
    }
  }

  private static String label(String file, int i, long number, List<String> names, int labels)
      throws IOException {
    if (number < 0 || number >= (names.isEmpty() ? labels : names.size())) {
      throw new IOException(
          file + ": picture " + i + " has label " + number + ", which is no class");
    }
    return names.isEmpty() ? Long.toString(number) : names.get((int) number);
  }

  /** The name of a file in its folder. */
  static String plain(String file) {
    return file.substring(file.lastIndexOf('/') + 1);
  }

  /** A picture whose planes begin at a place of its batch. */
  private record Ppm(ByteBuffer batch, int at) implements Image.Content {
    private static final byte[] HEADER = "P6\n32 32\n255\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public long size() {
      return HEADER.length + (long) PICTURE;
    }

    @Override
    public byte[] read() {
      byte[] ppm = Arrays.copyOf(HEADER, HEADER.length + PICTURE);
      for (int i = 0; i < PLANE; i++) {
        for (int c = 0; c < 3; c++) {
          ppm[HEADER.length + 3 * i + c] = batch.get(at + c * PLANE + i);
        }
      }
      return ppm;
    }
  }
}
