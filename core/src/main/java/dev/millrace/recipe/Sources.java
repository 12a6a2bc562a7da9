package dev.millrace.recipe;

import dev.millrace.file.ShellWords;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The sets that a run's settings name, and where they lie: at the place that their words stood for
 * when the run took them, else, as the words say, from the working folder. Encoders tell nothing of
 * places.
 *
 * @param settings of the run
 * @param run its folder; null while there is none
 * @param layout what the folders of sets mean, as {@code --layout} says; null for what the run says
 */
public record Sources(Settings settings, Path run, String layout) {
  /** Sets whose folders mean what the run says. */
  public Sources(Settings settings, Path run) {
    this(settings, run, null);
  }

  /** Settings of a new run, which note where the sets lie that their words lead to from here. */
  static Settings begun(Settings settings) throws IOException {
    return shards(noted(settings, false), settings.history().places(), false);
  }

  /** Settings of a run that is extended: its sets keep their places. */
  static Settings extended(Settings settings) throws IOException {
    return shards(noted(settings, true), settings.history().places(), true);
  }

  /**
   * Notes which sets are read as shards. Runs of older versions took such tars without their
   * classes, and go on with them so.
   *
   * @param before the sets that were noted before
   * @param keep whether those stay as they are
   */
  private static Settings shards(Settings settings, Map<String, String> before, boolean keep)
      throws IOException {
    Map<String, String> layouts = new TreeMap<>(settings.history().layouts());
    for (Map.Entry<String, String> set : settings.history().places().entrySet()) {
      String word = set.getKey();
      String layout = layouts.getOrDefault(word, settings.data().layout().word());
      if (layout.equals(Folders.AUTO.word())
          && !Catalogue.isRemote(word)
          && !Catalogue.isRemote(set.getValue())
          && !(keep && before.containsKey(word))
          && Catalogue.isShards(Path.of(set.getValue()))) {
        layouts.put(word, Folders.SHARDS.word());
      }
    }
    return layouts.equals(settings.history().layouts())
        ? settings
        : settings.with("layouts", layouts);
  }

  private static Settings noted(Settings settings, boolean keep) {
    Map<String, String> places = new TreeMap<>(settings.history().places());
    List<String> words = words(settings);
    places.keySet().retainAll(words);
    for (String word : words) {
      if (!Catalogue.isName(word)
          && !Catalogue.isRemote(word)
          && !(keep && places.containsKey(word))
          && Files.exists(Path.of(word))) {
        places.put(word, absolute(word));
      }
    }
    return places.equals(settings.history().places()) ? settings : settings.with("places", places);
  }

  /**
   * How a run's settings call a set that is typed here: a set that they have keeps its word, and a
   * word that stands for another place there gives way to the place.
   */
  static String spelling(Settings settings, String typed) {
    if (Catalogue.isName(typed) || !Catalogue.isRemote(typed) && !Files.exists(Path.of(typed))) {
      return typed;
    }
    String place = absolute(typed);
    List<String> words = words(settings);
    for (String word : words) {
      if (!Catalogue.isName(word)
          && settings.history().places().getOrDefault(word, absolute(word)).equals(place)) {
        return word;
      }
    }
    return words.contains(typed) ? place : typed;
  }

  /**
   * Whether a set is one of the run's, whichever word led to it: by its word, or by the place that
   * both lie at.
   */
  public boolean has(Catalogue catalogue, String typed) throws IOException {
    List<String> words = words(settings);
    if (words.contains(typed) || words.contains(spelling(settings, typed))) {
      return true;
    }
    Path place = catalogue.located(typed);
    if (place == null || !Files.exists(place)) {
      return false;
    }
    for (Path own : located(catalogue)) {
      if (Files.isSameFile(own, place)) {
        return true;
      }
    }
    return false;
  }

  static List<String> words(Settings settings) {
    List<String> words = new ArrayList<>(settings.data().sets());
    words.addAll(settings.history().extensions());
    return words;
  }

  /**
   * The words of the sets that a run's chunks are of.
   *
   * @param chunk the first of them, from 0
   */
  public static List<String> from(Settings run, int chunk) {
    int chunks = run.stream().chunks();
    return IntStream.range(chunk, chunks)
        .mapToObj(c -> Orders.setOf(run, c, chunks))
        .flatMap(word -> word == null ? run.data().sets().stream() : Stream.of(word))
        .distinct()
        .toList();
  }

  /**
   * The files and folders of this machine that the sets lie in, absolute, as far as they are here;
   * whoever opens the others says what is the matter.
   */
  public List<Path> located(Catalogue catalogue) throws IOException {
    return located(catalogue, words(settings));
  }

  /** The same of some of the sets, by their words. */
  public List<Path> located(Catalogue catalogue, List<String> words) throws IOException {
    List<Path> all = new ArrayList<>();
    for (String word : words) {
      String noted = settings.history().places().get(word);
      boolean there = noted != null && (Catalogue.isRemote(noted) || Files.exists(Path.of(noted)));
      Path place = catalogue.located(there ? noted : word);
      if (place != null && Files.exists(place)) {
        all.add(place);
      }
    }
    return all;
  }

  private static String absolute(String word) {
    return Catalogue.isRemote(word)
        ? word.replaceAll("/+$", "")
        : Path.of(word).toAbsolutePath().normalize().toString();
  }

  /**
   * What to open for a word of the settings.
   *
   * @throws IllegalArgumentException if the set is at none of its places
   */
  public String place(String word) {
    String noted = settings.history().places().get(word);
    if (noted != null && (Catalogue.isRemote(noted) || Files.exists(Path.of(noted)))) {
      return noted;
    }
    // Of a run that is yet to begin whoever opens the set says what is wrong with a word.
    if (run == null
        || Catalogue.isName(word)
        || Catalogue.isRemote(word)
        || Files.exists(Path.of(word))
        || noted == null && !words(settings).contains(word)) {
      return word;
    }
    throw new IllegalArgumentException(
        "%s: its --data %s lies %s; bring it back, or say where it lies now: `%s`"
            .formatted(
                run,
                word,
                places(noted, absolute(word)),
                ShellWords.of(
                    "millrace", "resume", ShellWords.place(run), "--data-from", word + "=PLACE")));
  }

  /** Where a set is not, in words. */
  private static String places(String noted, String here) {
    if (noted == null) {
      return "neither at "
          + here
          + ", seen from here, nor is it a known set; this run did not note its place";
    }
    return noted.equals(here)
        ? "no longer at " + noted
        : "neither at " + noted + ", as when the run took it, nor at " + here;
  }

  /** The settings with another place noted for one of their sets, which is none that has a name. */
  Settings moved(String word, String place) throws IOException {
    List<String> words = words(settings);
    words.removeIf(Catalogue::isName);
    if (!words.contains(word)) {
      throw UsageException.of(
          "--data-from",
          "%s: %s has no such set; it has %s"
              .formatted(word, run, words.isEmpty() ? "known sets alone" : words));
    }
    String to = absolute(place);
    if (!Catalogue.isThere(to)) {
      throw UsageException.of(
          "--data-from",
          "%s=%s: nothing lies there; give the folder, the files or the place that %s was"
              .formatted(word, place, word));
    }
    Map<String, String> places = new TreeMap<>(settings.history().places());
    places.put(word, to);
    return settings.with("places", places);
  }

  /** The sets that lie elsewhere than their words say, each with its place. */
  Map<String, String> moved() {
    Map<String, String> moved = new TreeMap<>();
    for (String word : words(settings)) {
      String noted = settings.history().places().get(word);
      if (noted != null && !noted.equals(absolute(word))) {
        moved.put(word, noted);
      }
    }
    return moved;
  }

  /** Whether one of these sets was moved to another machine, from one, or between two. */
  boolean anyMoved(List<String> words) {
    return moved().entrySet().stream()
        .filter(set -> words.contains(set.getKey()))
        .anyMatch(set -> Catalogue.isRemote(set.getKey()) || Catalogue.isRemote(set.getValue()));
  }

  /** For the end of a message on changed data; empty where no set was moved. */
  String movedTo() {
    StringBuilder text = new StringBuilder();
    moved().forEach((word, place) -> text.append("; %s is read from %s".formatted(word, place)));
    return text.toString();
  }

  /** What the folders of a set mean. */
  Folders folders(String word) {
    Folders folders =
        Folders.of(
            layout != null
                ? layout
                : settings.history().layouts().getOrDefault(word, settings.data().layout().word()));
    boolean own = run != null && layout == null && words(settings).contains(word);
    if (own && Catalogue.isRemote(word)) {
      return Folders.SHARDS; // as every place of another machine is read, so is a copy of it
    }
    return own && folders == Folders.AUTO ? Folders.FOLDERS : folders;
  }

  /**
   * Opens a set of the run.
   *
   * @param need what must not be in doubt of its folders
   */
  public DataSet open(Catalogue catalogue, String word, Need need) throws IOException {
    return open(catalogue, word, need, () -> false);
  }

  /** Like {@link #open(Catalogue, String, Need)}, unless it is stopped. */
  public DataSet open(Catalogue catalogue, String word, Need need, BooleanSupplier stop)
      throws IOException {
    return catalogue.open(place(word), folders(word), need, stop);
  }

  /** What the stream must be sure of: without labels, only which pictures it may learn from. */
  Need need() {
    boolean labels =
        PartSettings.supervised(settings)
            || settings.data().imagesPerClass() > 0
            || Orders.of(settings).labels();
    return labels ? Need.LABELS : Need.PARTS;
  }
}
