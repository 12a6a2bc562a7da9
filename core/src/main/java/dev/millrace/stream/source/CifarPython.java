package dev.millrace.stream.source;

import dev.millrace.pickle.Pickle;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The form for Python: pickles, of which nothing is executed. */
final class CifarPython {
  private CifarPython() {}

  static boolean in(Listing listing) throws IOException {
    return file(listing, "data_batch_1") != null || hundred(listing);
  }

  private static boolean hundred(Listing listing) throws IOException {
    return file(listing, "train") != null
        && file(listing, "test") != null
        && file(listing, "meta") != null;
  }

  /** A pickle of a name; null where there is none. */
  private static String file(Listing listing, String name) throws IOException {
    for (Map.Entry<String, Image.Content> file : listing.files().entrySet()) {
      if (Cifar.plain(file.getKey()).equals(name) && pickle(file.getValue())) {
        return file.getKey();
      }
    }
    return null;
  }

  /** Protocol 2 or later, as every writer of arrays takes. */
  private static boolean pickle(Image.Content content) throws IOException {
    byte[] head = content.head(2);
    return head.length == 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5;
  }

  static Cifar.Names names(Listing listing) throws IOException {
    boolean hundred = hundred(listing);
    String meta = file(listing, hundred ? "meta" : "batches.meta");
    Map<?, ?> names = meta == null ? Map.of() : read(listing, meta);
    return new Cifar.Names(
        words(meta, names.get(hundred ? "fine_label_names" : "label_names")),
        words(meta, names.get("coarse_label_names")),
        meta == null ? Set.of() : Set.of(meta));
  }

  /** The pictures of a file; null if it is no batch. */
  static Cifar.Batch batch(Listing listing, String file) throws IOException {
    String name = Cifar.plain(file);
    if (!name.matches("data_batch_\\d+|test_batch|train|test")) {
      return null; // before the listing is looked through, since this is asked of every file
    }
    boolean hundred = hundred(listing);
    boolean batch =
        hundred
            ? name.equals("train") || name.equals("test")
            : name.matches("data_batch_\\d+|test_batch");
    if (!batch) {
      return null;
    }
    Map<?, ?> content = read(listing, file);
    if (!(content.get("data") instanceof CifarCalls.Array data)
        || data.columns() != Cifar.PICTURE) {
      throw new IOException(
          "%s is no batch of CIFAR: it has no `data` of [pictures, %d] bytes, but %s"
              .formatted(file, Cifar.PICTURE, content.keySet()));
    }
    List<Long> fine = numbers(file, content, hundred ? "fine_labels" : "labels", data.rows());
    return new Cifar.Batch(
        name,
        data.bytes(),
        0,
        Cifar.PICTURE,
        fine,
        hundred ? numbers(file, content, "coarse_labels", data.rows()) : null);
  }

  private static Map<?, ?> read(Listing listing, String file) throws IOException {
    byte[] pickle = listing.files().get(file).read();
    Object content = new Pickle(file, ByteBuffer.wrap(pickle), new CifarCalls(file)).read();
    if (content instanceof Map<?, ?> map) {
      return map;
    }
    throw new IOException(file + " is no batch of CIFAR: its pickle is no dictionary");
  }

  private static List<Long> numbers(String file, Map<?, ?> content, String key, int count)
      throws IOException {
    List<Long> numbers = new ArrayList<>();
    if (content.get(key) instanceof List<?> found) {
      for (Object one : found) {
        if (one instanceof Long number) {
          numbers.add(number);
        }
      }
    }
    if (numbers.size() != count) {
      throw new IOException(
          "%s has %d pictures and %d numbers in its `%s`; is it complete?"
              .formatted(file, count, numbers.size(), key));
    }
    return numbers;
  }

  private static List<String> words(String file, Object found) throws IOException {
    List<String> words = new ArrayList<>();
    if (found instanceof List<?> list) {
      for (Object one : list) {
        if (!(one instanceof String word)) {
          throw new IOException(file + " has a name of a class that is no word");
        }
        words.add(SetPath.normal(word));
      }
    }
    return words;
  }
}
