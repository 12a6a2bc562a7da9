package dev.millrace.exchange;

import dev.millrace.file.Sha256;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.DataSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Parts of sets, one after another, under the names that the sets give them; of several sets each
 * name has its set's in front, as {@link Union} puts it. Thread-safe.
 */
public final class Pictures implements ImageSet {
  /** Every part. */
  public static final String ALL = "all";

  private final List<String> names = new ArrayList<>();
  private final List<ImageSet> parts = new ArrayList<>();
  private final List<DataSet> sets;

  /** By part, the set that it is of. */
  private final List<Integer> owners = new ArrayList<>();

  private final ImageSet whole;

  /** The sets' names, with a number where an earlier set has that name, as a union has them. */
  private final List<String> fronts;

  /**
   * @param part one of the set's, or {@link #ALL}
   * @param images pictures of each part at most; 0 for all
   * @throws IllegalArgumentException if there are none
   */
  public Pictures(DataSet set, String part, int images) {
    this(List.of(set), part, images);
  }

  /**
   * @param sets one or more
   * @param part one of the sets', or {@link #ALL}
   * @param images pictures of each part at most; 0 for all
   * @throws IllegalArgumentException if one of the sets has none
   */
  public Pictures(List<DataSet> sets, String part, int images) {
    this.sets = List.copyOf(sets);
    Set<String> taken = new LinkedHashSet<>();
    for (DataSet set : sets) {
      String front = set.name();
      for (int n = 2; !taken.add(front); n++) {
        front = set.name() + "~" + n;
      }
    }
    fronts = List.copyOf(taken);
    List<ImageSet> wholes = new ArrayList<>();
    for (int s = 0; s < sets.size(); s++) {
      List<ImageSet> own = new ArrayList<>();
      for (Map.Entry<String, ImageSet> one : sets.get(s).splits().entrySet()) {
        if (part.equals(ALL) || part.equals(one.getKey())) {
          own.add(Thinned.of(one.getValue(), images));
          names.add(one.getKey());
          owners.add(s);
        }
      }
      requirePictures(sets.get(s), part, own);
      parts.addAll(own);
      wholes.add(new Row(sets.get(s).name(), own));
    }
    whole = wholes.size() == 1 ? wholes.get(0) : new Union(joined(sets), wholes);
  }

  private static String joined(List<DataSet> sets) {
    return String.join("+", sets.stream().map(DataSet::name).toList());
  }

  private static void requirePictures(DataSet set, String part, List<ImageSet> own) {
    if (own.stream().allMatch(one -> one.size() == 0)) {
      throw UsageException.of(
          "--part",
          "%s: %s has no such pictures; it has %s"
              .formatted(
                  part,
                  set.name(),
                  String.join(
                      ", ",
                      set.splits().entrySet().stream()
                          .map(e -> e.getValue().size() + " in " + e.getKey())
                          .toList())));
    }
  }

  /** Parts of one set. */
  private record Row(String name, List<ImageSet> parts) implements ImageSet {
    @Override
    public int size() {
      return parts.stream().mapToInt(ImageSet::size).reduce(0, Math::addExact);
    }

    @Override
    public Image image(int index) {
      int i = index;
      for (ImageSet part : parts) {
        if (i < part.size()) {
          return part.image(i);
        }
        i -= part.size();
      }
      throw new IllegalStateException("a place below the size is in one of the parts");
    }

    @Override
    public List<String> classes() {
      return parts.get(0).classes();
    }

    @Override
    public List<String> domains() {
      return parts.get(0).domains();
    }
  }

  private int partOf(int index) {
    int at = 0;
    for (int i = index; i >= parts.get(at).size(); at++) {
      i -= parts.get(at).size();
    }
    return at;
  }

  /** The part that the picture at a place is of. */
  public String part(int index) {
    return names.get(partOf(index));
  }

  /** The set that the picture at a place is of, counted from 0 in the order given. */
  public int set(int index) {
    return owners.get(partOf(index));
  }

  /** The picture at a place under the name that its own set gives it. */
  public Image own(int index) {
    int i = index;
    int at = 0;
    for (; i >= parts.get(at).size(); at++) {
      i -= parts.get(at).size();
    }
    return parts.get(at).image(i);
  }

  /**
   * 64 bits of what makes a picture the same in a later state of the sets: its set, part, name,
   * class and encoded size, as far as the source knows that.
   */
  public long key(int index) {
    Image own = own(index);
    return key(
        fronts.get(set(index)) + "/" + part(index),
        own.id(),
        label(image(index)),
        own.content().size());
  }

  /**
   * A key of its words.
   *
   * @param part of the set, with what tells several sets apart
   * @param label of the picture's class; null for none
   */
  public static long key(String part, String name, String label, long bytes) {
    String all = String.join("\0", part, name, String.valueOf(label), Long.toString(bytes));
    return ByteBuffer.wrap(Sha256.digest().digest(all.getBytes(StandardCharsets.UTF_8))).getLong();
  }

  /** Whether a picture can be decoded now, as one that was bad can once it is mended. */
  public boolean decodes(int place) {
    try {
      Decoder.forView(image(place), 1);
      return true;
    } catch (IOException | BadPictureException e) {
      return false;
    }
  }

  /** The name of the class of a picture; null if it has none. */
  public String label(Image image) {
    return image.label() == Image.NONE ? null : classes().get(image.label());
  }

  /** SHA-256 over the names and classes of the sets' pictures, hex; no path is in it. */
  public String fingerprint() {
    return sets.size() == 1
        ? sets.get(0).fingerprint()
        : Sha256.of(String.join("\n", sets.stream().map(DataSet::fingerprint).toList()));
  }

  /** SHA-256 over the pictures' encoded sizes, hex; null where a source knows none. */
  public String sizes() {
    List<String> each = sets.stream().map(DataSet::sizes).toList();
    if (each.size() == 1) {
      return each.get(0);
    }
    return each.stream().anyMatch(Objects::isNull) ? null : Sha256.of(String.join("\n", each));
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public int size() {
    return whole.size();
  }

  @Override
  public Image image(int index) {
    return whole.image(Objects.checkIndex(index, whole.size()));
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public List<String> domains() {
    return whole.domains();
  }
}
