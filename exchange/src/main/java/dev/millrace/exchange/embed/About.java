package dev.millrace.exchange.embed;

import dev.millrace.exchange.Pictures;
import dev.millrace.inference.Encoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What an embedding is of: what its file says about itself, and what its vectors depend on. */
final class About {
  private final Map<String, Object> words = new LinkedHashMap<>();
  private final String sizes;

  About(String part, Encoder.Options options, Pictures pictures, Encoder encoder) {
    words.put("encoder_sha256", encoder.sha256());
    words.put("dim", encoder.dim());
    words.put("size", encoder.size());
    words.put("precision", options.precision().name().toLowerCase(Locale.ROOT));
    words.put("device", options.device().name());
    words.put("data", pictures.name());
    words.put("data_sha256", pictures.fingerprint());
    words.put("part", part);
    words.put("pictures", pictures.size());
    sizes = pictures.sizes();
  }

  /** For the file, once it is known what became of the pictures. */
  Map<String, Object> of(long rows, long quarantined) {
    Map<String, Object> all = new LinkedHashMap<>(words);
    all.put("rows", rows);
    all.put("quarantined", quarantined);
    return all;
  }

  /** What all vectors of the journal depend on; the set's name is not among it. */
  Map<String, String> ofJournal() {
    Map<String, String> identity = new TreeMap<>();
    words.forEach((key, value) -> identity.put(key, value.toString()));
    identity.remove("data");
    identity.put("journal", "1");
    if (sizes != null) {
      identity.put(JournalIdentity.SIZES, sizes);
    }
    return identity;
  }

  /** What a vector depends on beside its picture. */
  Map<String, String> ofVector() {
    Map<String, String> identity = new TreeMap<>();
    for (String name : List.of("encoder_sha256", "dim", "size", "precision", "device")) {
      identity.put(name, words.get(name).toString());
    }
    return identity;
  }
}
