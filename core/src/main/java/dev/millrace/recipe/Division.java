package dev.millrace.recipe;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * One way to divide a set's pictures into those that are learned from and those that judge. Parts
 * are lists of pieces, and divisions of one set share pieces, whose features are then shared too.
 *
 * @param data the set, with {@code /DOMAIN} behind it where it is one domain's turn
 * @param split what the judging pictures are: {@link #TEST} or {@link #LEFT_OUT}
 * @param metric how accuracy is counted
 * @param classes names of the classes
 * @param train pieces to learn from
 * @param validation pieces to choose settings by; empty to hold some of train out
 * @param test pieces to judge by; may be empty
 * @param episodes pieces that few-shot episodes are drawn from: test, or all where there is none
 * @param lacks why there is nothing to learn from or to judge by, and what to do; empty where there
 *     is, or nobody knows
 */
record Division(
    String data,
    String split,
    Metric metric,
    List<String> classes,
    List<ImageSet> train,
    List<ImageSet> validation,
    List<ImageSet> test,
    List<ImageSet> episodes,
    String lacks) {
  static final String TEST = "test";

  /** All pictures of a domain that was not learned from. */
  static final String LEFT_OUT = "left-out";

  /**
   * The set as it comes.
   *
   * @param name what to call it
   * @param images training pictures at most; 0 for all
   * @throws IllegalArgumentException if it has fewer than two classes
   */
  static Division whole(String name, DataSet set, int images) {
    requireClasses(name, set);
    ImageSet train = labelled(set.train());
    List<ImageSet> test = piece(labelled(set.test()));
    return new Division(
        name,
        TEST,
        set.metric(),
        train.classes(),
        piece(RunChunks.thin(train, images)),
        piece(labelled(set.validation())),
        test,
        test.isEmpty() ? piece(train) : test,
        lacks(name, set, train, test));
  }

  private static String lacks(String name, DataSet set, ImageSet train, List<ImageSet> test) {
    if (test.isEmpty() && set.test().size() > 0) {
      String id = set.test().image(0).id();
      return "none of the %d pictures of %s to judge by, such as %s, has a class; put each into a folder of its class, as %s/CLASS/image%s"
          .formatted(
              set.test().size(),
              name,
              id,
              top(id),
              top(id).equals("val")
                  ? ", or name the classes in val/val_annotations.txt, a line per picture with its file name, a tab and its class"
                  : "");
    }
    if (train.size() == 0) {
      return set.train().size() > 0
          ? "none of the %d pictures of %s to learn from, such as %s, has a class; put each into a folder of its class, as train/CLASS/image"
              .formatted(set.train().size(), name, set.train().image(0).id())
          : "%s has nothing to learn from: all its %d pictures lie in %s/; a probe needs folders {train,test}/CLASS/image, and --task few-shot alone does without train/"
              .formatted(
                  name,
                  set.test().size() + set.validation().size(),
                  top((set.test().size() > 0 ? set.test() : set.validation()).image(0).id()));
    }
    return "";
  }

  private static String top(String id) {
    return id.substring(0, Math.max(0, id.indexOf('/')));
  }

  /**
   * Each domain to itself, then each domain left out: learned from the training pictures of the
   * others, judged by all of its own.
   *
   * @throws IllegalArgumentException if there are fewer than two domains or classes
   */
  static List<Division> byDomain(String name, DataSet set, int images) {
    requireClasses(name, set);
    List<String> domains = set.train().domains();
    if (domains.size() < 2) {
      throw new IllegalArgumentException(
          "%s has %d domains, expected 2 or more to leave one out: give folders DOMAIN/CLASS/image"
              .formatted(name, domains.size()));
    }
    ImageSet thin = RunChunks.thin(labelled(set.train()), images);
    List<ImageSet> trains = new ArrayList<>();
    List<ImageSet> tests = new ArrayList<>();
    for (int i = 0; i < domains.size(); i++) {
      int domain = i;
      trains.add(where(thin, p -> thin.image(p).domain() == domain));
      ImageSet test = labelled(set.test());
      tests.add(where(test, p -> test.image(p).domain() == domain));
    }
    List<Division> divisions = new ArrayList<>();
    for (int i = 0; i < domains.size(); i++) {
      divisions.add(
          new Division(
              name + "/" + domains.get(i),
              TEST,
              set.metric(),
              thin.classes(),
              piece(trains.get(i)),
              List.of(),
              piece(tests.get(i)),
              piece(tests.get(i)),
              trains.get(i).size() == 0
                  ? name + "/" + domains.get(i) + " has no picture to learn from"
                  : ""));
    }
    for (int i = 0; i < domains.size(); i++) {
      List<ImageSet> others = new ArrayList<>(trains);
      ImageSet own = others.remove(i);
      divisions.add(
          new Division(
              name + "/" + domains.get(i),
              LEFT_OUT,
              set.metric(),
              thin.classes(),
              others.stream().filter(other -> other.size() > 0).toList(),
              List.of(),
              List.of(own, tests.get(i)),
              List.of(),
              ""));
    }
    return divisions;
  }

  /**
   * Refuses a task that has nothing to judge by.
   *
   * @throws IllegalArgumentException naming what is missing
   */
  void requireParts(String task) {
    if (task.equals(ProbeTasks.FEW_SHOT)) {
      return;
    }
    if (!lacks.isEmpty()) {
      throw new IllegalArgumentException(lacks);
    }
    if (test.isEmpty()) {
      throw new IllegalArgumentException(
          data + " has no test part; a probe needs folders {train,test}/CLASS/image");
    }
  }

  boolean byClass() {
    return metric == Metric.MEAN_PER_CLASS;
  }

  private static void requireClasses(String name, DataSet set) {
    List<String> classes = set.train().classes();
    if (classes.isEmpty()) {
      throw new IllegalArgumentException(
          name + " has no labels; a probe needs folders {train,test}/CLASS/image");
    }
    if (classes.size() < 2) {
      throw new IllegalArgumentException(
          "%s has one class, %s; a probe tells classes apart and needs 2 or more: give folders CLASS/image"
              .formatted(name, classes.get(0)));
    }
  }

  private static List<ImageSet> piece(ImageSet set) {
    return set.size() == 0 ? List.of() : List.of(set);
  }

  /** Without the pictures that have no class; reading the set has told of them. */
  private static ImageSet labelled(ImageSet set) {
    return where(set, i -> set.image(i).label() != Image.NONE);
  }

  /** The pictures of a set that a test of their place holds for. */
  static ImageSet where(ImageSet set, IntPredicate keep) {
    int[] kept = IntStream.range(0, set.size()).filter(keep).toArray();
    return kept.length == set.size() ? set : set.subset(set.name(), kept);
  }
}
