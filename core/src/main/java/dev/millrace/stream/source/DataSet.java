package dev.millrace.stream.source;

import dev.millrace.file.Sha256;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sizes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A set with its parts. Immutable, and as safe for threads as its parts are: those of the catalogue
 * may be read by many at a time.
 *
 * @param name what a person calls it
 * @param train pictures to learn from; all of them where there is no test part
 * @param validation pictures to choose settings by; empty where the set brings none
 * @param test pictures to judge by; may be empty
 * @param wordNetIds whether class names are WordNet 3.0 ids
 * @param metric how accuracy is counted by convention
 * @param hierarchy the groups each class stands in, the widest first, where the set brings its own;
 *     else empty
 * @param leftOut what the folder or archive holds and the set does not
 * @param about how it was read
 */
public record DataSet(
    String name,
    ImageSet train,
    ImageSet validation,
    ImageSet test,
    boolean wordNetIds,
    Metric metric,
    Map<String, List<String>> hierarchy,
    LeftOut leftOut,
    About about) {
  /** Makes the hierarchy immutable. */
  public DataSet {
    hierarchy = Map.copyOf(hierarchy);
  }

  /** A set that came in a form of its own, without folders to be understood. */
  public DataSet(
      String name,
      ImageSet train,
      ImageSet validation,
      ImageSet test,
      boolean wordNetIds,
      Metric metric,
      Map<String, List<String>> hierarchy) {
    this(name, train, validation, test, wordNetIds, metric, hierarchy, LeftOut.NONE, About.NOTHING);
  }

  /** Pictures of a program's own to learn from; where they have labels, a fifth is held out. */
  public static DataSet of(ImageSet train) {
    return of(train, train.subset(train.name()));
  }

  /**
   * Pictures of a program's own, under the name of those to learn from.
   *
   * @param test pictures to judge by, with the same classes and domains
   * @throws IllegalArgumentException if theirs are others
   */
  public static DataSet of(ImageSet train, ImageSet test) {
    if (!train.classes().equals(test.classes()) || !train.domains().equals(test.domains())) {
      throw UsageException.ofWord(
          "the parts of %s have other classes or domains: %s and %s, %s and %s; give both parts all of them, in one order"
              .formatted(
                  train.name(), train.classes(), test.classes(), train.domains(), test.domains()));
    }
    ImageSet none = train.subset(train.name());
    return new DataSet(train.name(), train, none, test, false, Metric.TOP1, Map.of());
  }

  /** The same set with groups that its classes stand in. */
  DataSet grouped(Map<String, List<String>> groups) {
    return new DataSet(name, train, validation, test, wordNetIds, metric, groups, leftOut, about);
  }

  /** The same set, which left this out. */
  DataSet leaving(LeftOut out) {
    return new DataSet(name, train, validation, test, wordNetIds, metric, hierarchy, out, about);
  }

  /** The parts by name; validation only where there is one. */
  public Map<String, ImageSet> splits() {
    Map<String, ImageSet> splits = new LinkedHashMap<>();
    splits.put("train", train);
    if (validation.size() > 0) {
      splits.put("validation", validation);
    }
    splits.put("test", test);
    return splits;
  }

  /**
   * The pictures to learn from.
   *
   * @throws IllegalArgumentException if there are none
   */
  public ImageSet learnable() {
    if (train.size() > 0) {
      return train;
    }
    ImageSet other = test.size() > 0 ? test : validation;
    String id = other.size() > 0 ? other.image(0).id() : "";
    throw UsageException.ofWord(
        "%s has no pictures to learn from: all its %d pictures lie in %s/; give that folder itself as the SET, or --layout flat to learn from all"
            .formatted(
                name,
                test.size() + validation.size(),
                id.substring(0, Math.max(0, id.indexOf('/')))));
  }

  /** SHA-256 over the ids and class names of all parts, hex; no path is in it. */
  public String fingerprint() {
    MessageDigest digest = Sha256.digest();
    for (ImageSet part : splits().values()) {
      for (int i = 0; i < part.size(); i++) {
        Image image = part.image(i);
        String label = image.label() == Image.NONE ? "" : part.classes().get(image.label());
        digest.update((image.id() + "\n" + label + "\n").getBytes(StandardCharsets.UTF_8));
      }
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * SHA-256 over the encoded sizes of all pictures, hex, so that pictures exchanged under their
   * names show; null where the source knows no sizes without reading.
   */
  public String sizes() {
    return Sizes.withVersions(splits().values());
  }
}
