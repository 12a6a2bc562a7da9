package dev.millrace.stream;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Several sets as one, in the given order. Ids gain the set's name in front, and a number where an
 * earlier set has that name: {@code photos/1.jpg}, {@code photos~2/1.jpg}; classes and domains are
 * matched by name, so that a {@code cat} of two sets is one class. Thread-safe.
 */
public final class Union implements ImageSet {
  private final String name;
  private final List<ImageSet> sets;
  private final List<String> fronts;
  private final int[] starts;
  private final List<String> classes;
  private final List<String> domains;

  /** The union of at least one set. */
  public Union(String name, List<ImageSet> sets) {
    this.name = name;
    this.sets = List.copyOf(sets);
    starts = new int[sets.size() + 1];
    Set<String> taken = new LinkedHashSet<>();
    Set<String> classNames = new LinkedHashSet<>();
    Set<String> domainNames = new LinkedHashSet<>();
    for (int i = 0; i < sets.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], sets.get(i).size());
      String front = sets.get(i).name();
      for (int n = 2; !taken.add(front); n++) {
        front = sets.get(i).name() + "~" + n;
      }
      classNames.addAll(sets.get(i).classes());
      domainNames.addAll(sets.get(i).domains());
    }
    fronts = List.copyOf(taken);
    classes = List.copyOf(new ArrayList<>(classNames));
    domains = List.copyOf(new ArrayList<>(domainNames));
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
    java.util.Objects.checkIndex(index, size());
    int at = 0;
    while (index >= starts[at + 1]) {
      at++;
    }
    ImageSet set = sets.get(at);
    Image image = set.image(index - starts[at]);
    return new Image(
        fronts.get(at) + "/" + image.id(),
        image.label() == Image.NONE
            ? Image.NONE
            : classes.indexOf(set.classes().get(image.label())),
        image.domain() == Image.NONE
            ? Image.NONE
            : domains.indexOf(set.domains().get(image.domain())),
        image.content());
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
