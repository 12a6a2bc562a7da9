package dev.millrace.probe;

import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.HeldOut;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One way to divide a set's pictures into those that are learned from and those that judge. Parts
 * are lists of pieces, and divisions of one set share pieces, whose features are then shared too.
 *
 * @param data the set, with {@code /DOMAIN} behind it where it is one domain's turn
 * @param split what the judging pictures are: {@link #TEST}, {@link #HELD_OUT} or {@link #LEFT_OUT}
 * @param metric how accuracy is counted
 * @param classes names of the classes
 * @param train pieces to learn from
 * @param validation pieces to choose settings by; empty to hold some of train out
 * @param test pieces to judge by; may be empty
 * @param episodes pieces that few-shot episodes are drawn from: the set's test part, or all of it
 *     where it has none
 * @param available pictures to learn from that there are, before any were left out by number
 * @param lacks why there is nothing to learn from or to judge by, and what to do; empty where there
 *     is, or nobody knows
 */
public record SplitParts(
    String data,
    String split,
    Metric metric,
    List<String> classes,
    List<ImageSet> train,
    List<ImageSet> validation,
    List<ImageSet> test,
    List<ImageSet> episodes,
    int available,
    String lacks) {
  private static final Logger LOG = LoggerFactory.getLogger(SplitParts.class);

  private static final int NAMED = 5;

  public static final String TEST = "test";

  /** A fifth of each class, of a set that has no test part. */
  static final String HELD_OUT = "held-out";

  /** Every labelled picture of a set that has no test part; few-shot learns from none of them. */
  public static final String ALL = "all";

  /** All pictures of a domain that was not learned from. */
  static final String LEFT_OUT = "left-out";

  /** The first names of some classes, for a sentence. */
  public String named(int... some) {
    return Some.of(Arrays.stream(some).mapToObj(classes::get).toList(), NAMED);
  }

  /**
   * The set as it comes.
   *
   * @param name what to call it
   * @param images training pictures at most; 0 for all
   * @throws IllegalArgumentException if it has fewer than two classes
   */
  public static SplitParts whole(String name, DataSet set, int images) {
    requireClasses(name, set);
    DataSet judgeable = judgeable(set);
    ImageSet train = labelled(judgeable.train());
    List<ImageSet> test = piece(labelled(judgeable.test()));
    return new SplitParts(
        name,
        judgeable == set ? TEST : HELD_OUT,
        set.metric(),
        train.classes(),
        piece(Thinned.of(train, images)),
        piece(labelled(set.validation())),
        test,
        set.test().size() == 0 ? piece(labelled(set.train())) : test,
        train.size(),
        lacks(name, set, train, test));
  }

  /**
   * The set with a part to judge by: itself, or with {@link HeldOut} pictures as its test part
   * where it brings none; itself also where none can be held out.
   */
  public static DataSet judgeable(DataSet set) {
    if (set.test().size() > 0) {
      return set;
    }
    ImageSet all = labelled(set.train());
    int[] held = HeldOut.places(all);
    if (held.length == 0) {
      return set;
    }
    BitSet judging = new BitSet();
    IntStream.of(held).forEach(judging::set);
    int[] kept = IntStream.range(0, all.size()).filter(i -> !judging.get(i)).toArray();
    return new DataSet(
        set.name(),
        all.subset(all.name(), kept),
        set.validation(),
        all.subset(all.name(), held),
        set.wordNetIds(),
        set.metric(),
        set.hierarchy(),
        set.leftOut(),
        set.about());
  }

  /** Whether it judges by a domain of which pictures may not be learned from by number. */
  public boolean leftOutOfFewer() {
    return split.equals(LEFT_OUT) && subsetOf() != null;
  }

  public boolean heldOut() {
    return split.equals(HELD_OUT);
  }

  /** What few-shot episodes are drawn from: the test part, or {@link #ALL}. */
  public String episodeSplit() {
    return test.isEmpty() || heldOut() ? ALL : split;
  }

  /** Reports in a line that pictures are held out. */
  public void reportHeldOut() {
    if (heldOut()) {
      LOG.info(
          "{} has no test part: a fifth of each class, {} of its {} pictures, is held out to judge by",
          data,
          size(test),
          size(episodes));
    }
  }

  /** Pictures of some pieces together. */
  static int size(List<ImageSet> pieces) {
    return pieces.stream().mapToInt(ImageSet::size).sum();
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
    if (test.isEmpty()) {
      return "%s has no test part, and none of its pictures can be held out to judge by, since every class has only one; give 2 or more pictures of a class, or folders {train,test}/CLASS/image"
          .formatted(name);
    }
    return "";
  }

  private static String top(String id) {
    return id.substring(0, Math.max(0, id.indexOf('/')));
  }

  /**
   * Each domain to itself, then each domain left out: learned from the training pictures of the
   * others, judged by all of its own, also by those that the number leaves out.
   *
   * @param images training pictures at most, of all domains together; 0 for all
   * @throws IllegalArgumentException if there are fewer than two domains or classes
   */
  public static List<SplitParts> byDomain(String name, DataSet set, int images) {
    requireClasses(name, set);
    List<String> domains = set.train().domains();
    if (domains.size() < 2) {
      throw UsageException.ofWord(
          "%s has %d domains, expected 2 or more to leave one out: give folders DOMAIN/CLASS/image"
              .formatted(name, domains.size()));
    }
    DataSet judgeable = judgeable(set);
    boolean held = judgeable != set;
    ImageSet train = labelled(judgeable.train());
    ImageSet thin = Thinned.of(train, images);
    ImageSet test = labelled(judgeable.test());
    ImageSet all = labelled(set.train());
    List<ImageSet> trains = new ArrayList<>();
    List<ImageSet> tests = new ArrayList<>();
    for (int i = 0; i < domains.size(); i++) {
      int domain = i;
      trains.add(where(thin, p -> thin.image(p).domain() == domain));
      tests.add(where(test, p -> test.image(p).domain() == domain));
    }
    List<SplitParts> divisions = new ArrayList<>();
    for (int i = 0; i < domains.size(); i++) {
      int domain = i;
      divisions.add(
          new SplitParts(
              name + "/" + domains.get(i),
              held ? HELD_OUT : TEST,
              set.metric(),
              thin.classes(),
              piece(trains.get(i)),
              List.of(),
              piece(tests.get(i)),
              piece(held ? where(all, p -> all.image(p).domain() == domain) : tests.get(i)),
              (int) inDomain(judgeable, i),
              trains.get(i).size() == 0
                  ? name + "/" + domains.get(i) + " has no picture to learn from"
                  : ""));
    }
    for (int i = 0; i < domains.size(); i++) {
      List<ImageSet> others = new ArrayList<>(trains);
      ImageSet thinned = others.remove(i);
      int domain = i;
      // Where none are left out it is the same piece, whose features are shared.
      ImageSet own = thin == train ? thinned : where(train, p -> train.image(p).domain() == domain);
      divisions.add(
          new SplitParts(
              name + "/" + domains.get(i),
              LEFT_OUT,
              set.metric(),
              thin.classes(),
              filled(others),
              List.of(),
              filled(List.of(own, tests.get(i))),
              List.of(),
              train.size() - (int) inDomain(judgeable, i),
              filled(others).isEmpty()
                  ? "%s has no picture to learn from beside those of %s"
                      .formatted(name, domains.get(i))
                  : ""));
    }
    return divisions;
  }

  private static long inDomain(DataSet set, int domain) {
    ImageSet all = labelled(set.train());
    return IntStream.range(0, all.size()).filter(p -> all.image(p).domain() == domain).count();
  }

  /** Training pictures that there are where some are left out by number; null where none are. */
  public Integer subsetOf() {
    return size(train) < available ? available + size(validation) : null;
  }

  /** Pictures to learn from, the set's validation part among them. */
  public int learned() {
    return size(train) + size(validation);
  }

  /**
   * Refuses a division that has nothing to judge by.
   *
   * @throws IllegalArgumentException naming what is missing
   */
  public void requireParts() {
    if (!lacks.isEmpty()) {
      throw UsageException.ofWord(lacks);
    }
    if (test.isEmpty()) {
      throw UsageException.ofWord(
          data + " has no picture to judge by; give 2 or more pictures of a class");
    }
  }

  public boolean byClass() {
    return metric == Metric.MEAN_PER_CLASS;
  }

  private static void requireClasses(String name, DataSet set) {
    List<String> classes = set.train().classes();
    if (classes.isEmpty()) {
      throw UsageException.ofWord(
          name + " has no labels; a probe needs folders {train,test}/CLASS/image");
    }
    if (classes.size() < 2) {
      throw UsageException.ofWord(
          "%s has one class, %s; a probe tells classes apart and needs 2 or more: give folders CLASS/image"
              .formatted(name, classes.get(0)));
    }
  }

  private static List<ImageSet> piece(ImageSet set) {
    return filled(List.of(set));
  }

  private static List<ImageSet> filled(List<ImageSet> pieces) {
    return pieces.stream().filter(piece -> piece.size() > 0).toList();
  }

  /** Without the pictures that have no class; reading the set has reported them. */
  private static ImageSet labelled(ImageSet set) {
    return where(set, i -> set.image(i).label() != Image.NONE);
  }

  /** The pictures of a set that a test of their place holds for. */
  public static ImageSet where(ImageSet set, IntPredicate keep) {
    int[] kept = IntStream.range(0, set.size()).filter(keep).toArray();
    return kept.length == set.size() ? set : set.subset(set.name(), kept);
  }
}
