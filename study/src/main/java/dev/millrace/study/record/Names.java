package dev.millrace.study.record;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What people call a study's methods and remedies, and in which order they are shown. The study
 * writes it beside its ledger, since whoever reads the ledger does not know the lists.
 *
 * @param methods in order
 * @param remedies those against forgetting, in order
 */
public record Names(List<Named> methods, List<Named> remedies) {
  /** The file in a study's folder. */
  public static final String FILE = "NAMES.json";

  /** Of a folder that has none: everything is called as its file calls it. */
  public static final Names NONE = new Names(List.of(), List.of());

  private static final String FULL = "-full";
  private static final List<String> FIRST = List.of(Cell.SEQUENTIAL);
  private static final List<String> LAST =
      List.of(Cell.BOTH, Cell.JOINT_WARM, Cell.JOINT, Cell.UNTRAINED, Cell.RAW);

  /**
   * One name.
   *
   * @param name in flags and files
   * @param shown for people
   * @param labels whether it learns from labels
   */
  public record Named(String name, String shown, boolean labels) {}

  /** Makes the lists immutable. */
  public Names {
    methods = List.copyOf(methods);
    remedies = List.copyOf(remedies);
  }

  /**
   * Those of a study's folder; {@link #NONE} where an older version wrote none.
   *
   * @throws IOException if the file cannot be read
   */
  public static Names read(Path study) throws IOException {
    Path file = study.resolve(FILE);
    return Files.exists(file) ? Json.PATIENT.readValue(file.toFile(), Names.class) : NONE;
  }

  /** Writes them into a study's folder. */
  public void write(Path study) throws IOException {
    AtomicFiles.write(
        study.resolve(FILE), Json.PATIENT.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** Those that a study uses, in order, so that few colours tell all of them apart. */
  public Names only(Collection<String> usedMethods, Collection<String> usedRemedies) {
    return new Names(
        used(methods, usedMethods.stream().map(Names::base).toList()),
        used(
            remedies,
            usedRemedies.stream()
                .filter(name -> !FIRST.contains(name) && !LAST.contains(name))
                .toList()));
  }

  private List<Named> used(List<Named> all, List<String> names) {
    List<String> sorted = names.stream().distinct().sorted().toList();
    List<Named> used = new ArrayList<>();
    for (Named one : all) {
      if (names.contains(one.name())) {
        used.add(one);
      }
      sorted.stream()
          .filter(name -> variant(all, one, name))
          .map(name -> new Named(name, one.shown() + ", " + after(one, name), one.labels()))
          .forEach(used::add);
    }
    sorted.stream()
        .filter(name -> place(used, name) == used.size())
        .forEach(name -> used.add(new Named(name, name, labels(name))));
    return used;
  }

  /** Whether a name is that of a listed one with a word of its own after it. */
  private static boolean variant(List<Named> all, Named one, String name) {
    return place(all, name) == all.size() && name.startsWith(one.name() + "-");
  }

  private static String after(Named one, String name) {
    return name.substring(one.name().length() + 1);
  }

  /** Whether a method learns from labels. */
  public boolean labels(String method) {
    int place = place(methods, base(method));
    // Folders without the list come from versions whose only methods with labels had this name.
    return place < methods.size() ? methods.get(place).labels() : method.startsWith("supervised");
  }

  /** "SSL (MoCo v2)", "SL + MLP", "SL, full head". */
  public String method(String method) {
    int place = place(methods, base(method));
    String shown = place < methods.size() ? methods.get(place).shown() : base(method);
    String full = method.equals(base(method)) ? "" : ", full head";
    if (!labels(method)) {
      return "SSL (" + shown + ")" + full;
    }
    return (shown.startsWith("SL") ? shown : "SL (" + shown + ")") + full;
  }

  /** "ST + CaSSLe", "JT". */
  public String remedy(String remedy) {
    int place = place(remedies, remedy);
    if (place < remedies.size()) {
      return "ST + " + remedies.get(place).shown();
    }
    return switch (remedy) {
      case Cell.SEQUENTIAL -> "ST";
      case Cell.BOTH -> "ST + both";
      case Cell.JOINT -> "JT";
      case Cell.JOINT_WARM -> "JT, warm-started";
      case Cell.RAW -> "raw pixels";
      default -> remedy;
    };
  }

  /** A row's method and remedy: "SSL (MoCo v2), ST + replay". */
  public String row(Cell cell) {
    return method(cell.method()) + ", " + remedy(cell.remedy());
  }

  /** A method's place among those that learn from labels as it does; unknown ones are last. */
  public int methodPlace(String method) {
    return place(
        methods.stream().filter(one -> one.labels() == labels(method)).toList(), base(method));
  }

  /** A remedy's place among those against forgetting; unknown ones are last. */
  public int remedyPlace(String remedy) {
    return place(remedies, remedy);
  }

  /** Whether a method's row is that with one head over all classes. */
  public static boolean full(String method) {
    return !method.equals(base(method));
  }

  /** Methods in order, self-supervised ones first. */
  public Comparator<String> byMethod() {
    return Comparator.<String, Boolean>comparing(this::labels)
        .thenComparingInt(this::methodPlace)
        .thenComparing(Comparator.naturalOrder());
  }

  /** Remedies from none to joint. */
  public Comparator<String> byRemedy() {
    List<String> order =
        Stream.of(FIRST, remedies.stream().map(Named::name).toList(), LAST)
            .flatMap(List::stream)
            .toList();
    return Comparator.<String>comparingInt(
            name -> order.contains(name) ? order.indexOf(name) : order.size())
        .thenComparing(Comparator.naturalOrder());
  }

  private static String base(String method) {
    return method.endsWith(FULL) ? method.substring(0, method.length() - FULL.length()) : method;
  }

  private static int place(List<Named> all, String name) {
    int place = 0;
    while (place < all.size() && !all.get(place).name().equals(name)) {
      place++;
    }
    return place;
  }
}
