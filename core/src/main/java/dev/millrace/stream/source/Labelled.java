package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** A set held as a list of pictures whose classes and domains came as names. Thread-safe. */
final class Labelled implements ImageSet {
  /** One picture; class and domain may be null. */
  record Row(String id, String label, String domain, Image.Content content) {}

  private final String name;
  private final List<Image> images;
  private final List<String> classes;
  private final List<String> domains;

  private Labelled(String name, List<Image> images, List<String> classes, List<String> domains) {
    this.name = name;
    this.images = List.copyOf(images);
    this.classes = classes;
    this.domains = domains;
  }

  /** A set over rows with the classes and domains that all parts of the data share. */
  static Labelled of(String name, List<Row> rows, List<String> classes, List<String> domains) {
    java.util.Map<String, Integer> labels = index(classes);
    java.util.Map<String, Integer> places = index(domains);
    List<Image> images = new ArrayList<>(rows.size());
    for (Row row : rows) {
      images.add(
          new Image(
              row.id(),
              row.label() == null ? Image.NONE : labels.get(row.label()),
              row.domain() == null ? Image.NONE : places.get(row.domain()),
              row.content()));
    }
    return new Labelled(name, images, classes, domains);
  }

  static List<String> names(List<Row> rows, java.util.function.Function<Row, String> of) {
    TreeSet<String> names = new TreeSet<>();
    for (Row row : rows) {
      if (of.apply(row) != null) {
        names.add(of.apply(row));
      }
    }
    return List.copyOf(names);
  }

  private static java.util.Map<String, Integer> index(List<String> names) {
    java.util.Map<String, Integer> index = new java.util.HashMap<>();
    for (String name : names) {
      index.put(name, index.size());
    }
    return index;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Image image(int index) {
    return images.get(index);
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
