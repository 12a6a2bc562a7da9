package dev.millrace.stream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Several sets as one, in the given order. Ids gain the set's name in front, and a number where an
 * earlier set has that name: {@code photos/1.jpg}, {@code photos~2/1.jpg}; classes and domains are
 * matched by name, so that a {@code cat} of two sets is one class, unless the sets were {@link
 * #apart} before. Thread-safe.
 */
public final class Union implements ImageSet {
  private final String name;
  private final List<ImageSet> sets;
  private final List<String> fronts;
  private final int[] starts;
  private final List<String> classes;
  private final List<String> domains;

  /** Of each set, where its classes stand among all; looked up once and not per picture. */
  private final List<int[]> toClass;

  private final List<int[]> toDomain;

  /** The union of at least one set. */
  public Union(String name, List<ImageSet> sets) {
    this.name = name;
    this.sets = List.copyOf(sets);
    starts = new int[sets.size() + 1];
    Map<String, Integer> classPlaces = new LinkedHashMap<>();
    Map<String, Integer> domainPlaces = new LinkedHashMap<>();
    List<int[]> classesOf = new ArrayList<>();
    List<int[]> domainsOf = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], sets.get(i).size());
      classesOf.add(places(sets.get(i).classes(), classPlaces));
      domainsOf.add(places(sets.get(i).domains(), domainPlaces));
    }
    fronts = fronts(sets.stream().map(ImageSet::name).toList());
    classes = List.copyOf(classPlaces.keySet());
    domains = List.copyOf(domainPlaces.keySet());
    toClass = List.copyOf(classesOf);
    toDomain = List.copyOf(domainsOf);
  }

  /** What stands before the ids of sets that are called so, without the {@code /}. */
  public static List<String> fronts(List<String> names) {
    Set<String> taken = new LinkedHashSet<>();
    for (String name : names) {
      String front = name;
      for (int n = 2; !taken.add(front); n++) {
        front = name + "~" + n;
      }
    }
    return List.copyOf(taken);
  }

  /**
   * A set whose classes no other set has: each is called after the set as well, {@code mnist/0}.
   *
   * @param front what the set is called, and no other
   */
  public static ImageSet apart(String front, ImageSet set) {
    return new Renamed(set, set.classes().stream().map(name -> front + "/" + name).toList());
  }

  /** A set with other names of its classes. */
  private record Renamed(ImageSet set, List<String> classes) implements ImageSet {
    @Override
    public String name() {
      return set.name();
    }

    @Override
    public int size() {
      return set.size();
    }

    @Override
    public Image image(int index) {
      return set.image(index);
    }

    @Override
    public List<String> domains() {
      return set.domains();
    }
  }

  /** The place of each name among all; a new name comes last. */
  private static int[] places(List<String> names, Map<String, Integer> all) {
    return names.stream()
        .mapToInt(
            name -> {
              Integer known = all.putIfAbsent(name, all.size());
              return known == null ? all.size() - 1 : known;
            })
        .toArray();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return starts[sets.size()];
  }

  @Override
  public Image image(int index) {
    Objects.checkIndex(index, size());
    int at = setOf(index);
    Image image = sets.get(at).image(index - starts[at]);
    return new Image(
        fronts.get(at) + "/" + image.id(),
        image.label() == Image.NONE ? Image.NONE : toClass.get(at)[image.label()],
        image.domain() == Image.NONE ? Image.NONE : toDomain.get(at)[image.domain()],
        image.content());
  }

  /** The last set that begins at or before an index; empty ones begin where the next does. */
  private int setOf(int index) {
    int low = 0;
    int high = sets.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (starts[middle] <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public List<String> domains() {
    return domains;
  }
}
