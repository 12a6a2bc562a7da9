package dev.millrace.analysis;

import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.ChunkEntry;
import dev.millrace.recipe.Orders;
import dev.millrace.recipe.OwnClasses;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What each chunk of a run is judged on: the test part's pictures of its classes, told apart from
 * all classes; its domain's, learned from its domain's; its set's; or all, where chunks are alike.
 *
 * @param names one per chunk
 * @param divisions one per chunk; alike chunks share one
 */
record StreamParts(List<String> names, List<SplitParts> divisions) {
  /**
   * Opens the run's data.
   *
   * @param sources the run's sets
   * @param images training pictures at most, and test pictures; 0 for all
   * @throws IllegalArgumentException if a chunk has nothing to be judged on
   */
  static StreamParts of(Sources sources, List<ChunkEntry> entries, Catalogue catalogue, int images)
      throws IOException {
    Settings settings = sources.settings();
    List<String> names = new ArrayList<>();
    List<SplitParts> divisions = new ArrayList<>();
    boolean given = settings.stream().order().bySet();
    DataSet base = given ? null : base(sources, catalogue, images);
    SplitParts whole = given ? null : SplitParts.whole(base.name(), base, images);
    List<SplitParts> domains =
        settings.stream().order().byDomain()
            ? SplitParts.byDomain(base.name(), base, images)
            : null;
    for (ChunkEntry entry : entries) {
      int index = entry.index();
      String alone = Orders.setOf(settings, index, entries.size());
      if (alone != null) {
        names.add(entry.name());
        DataSet set = judgeable(sources, catalogue, alone);
        divisions.add(SplitParts.whole(alone, thinned(set, images), images));
      } else if (domains != null) {
        names.add(entry.name());
        int domain = base.train().domains().indexOf(entry.domains().get(0));
        if (domain < 0) {
          throw new IllegalArgumentException(
              "%s has no domain %s, of which chunk %d of the run is%s"
                  .formatted(
                      base.name(),
                      entry.domains().get(0),
                      index + 1,
                      sources.layout() == null
                          ? ""
                          : "; leave --layout " + sources.layout() + " out"));
        }
        divisions.add(domains.get(domain));
      } else if (settings.stream().order().byClass()) {
        names.add("classes of " + ChunkWords.of(index));
        divisions.add(ofClasses(whole, entry.classes()));
      } else {
        names.add("whole set");
        divisions.add(whole);
      }
    }
    for (int i = 0; i < names.size(); i++) {
      divisions.get(i).requireParts();
      if (divisions.get(i).test().stream().mapToInt(ImageSet::size).sum() == 0) {
        throw new IllegalArgumentException(
            "%s has no test picture for %s, which forgetting is judged on; give more --images, or a set with more test pictures"
                .formatted(divisions.get(i).data(), names.get(i)));
      }
    }
    return new StreamParts(List.copyOf(names), List.copyOf(divisions));
  }

  /** The run's sets as one. */
  private static DataSet base(Sources sources, Catalogue catalogue, int images) throws IOException {
    Settings settings = sources.settings();
    List<DataSet> sets = new ArrayList<>();
    for (String name : settings.data().sets()) {
      sets.add(ownClasses(settings, name, judgeable(sources, catalogue, name)));
    }
    DataSet first = sets.get(0);
    if (sets.size() == 1) {
      return thinned(first, images);
    }
    String name = String.join("+", settings.data().sets());
    return thinned(
        new DataSet(
            name,
            new Union(name, sets.stream().map(DataSet::train).toList()),
            new Union(name, sets.stream().map(DataSet::validation).toList()),
            new Union(name, sets.stream().map(DataSet::test).toList()),
            first.wordNetIds(),
            first.metric(),
            first.hierarchy()),
        images);
  }

  /** With classes called as the run's chunks call them. */
  private static DataSet ownClasses(Settings settings, String word, DataSet set) {
    return new DataSet(
        set.name(),
        OwnClasses.of(settings, word, set.train()),
        OwnClasses.of(settings, word, set.validation()),
        OwnClasses.of(settings, word, set.test()),
        set.wordNetIds(),
        set.metric(),
        set.hierarchy());
  }

  /** A set of the run with a part to judge by, its own or one held out. */
  private static DataSet judgeable(Sources sources, Catalogue catalogue, String name)
      throws IOException {
    DataSet set = sources.open(catalogue, name, Need.LABELS);
    if (set.train().classes().size() > 1) {
      SplitParts.whole(name, set, 0).reportHeldOut();
    }
    return SplitParts.judgeable(set);
  }

  /** With fewer test pictures; the training part is a division's to thin. */
  private static DataSet thinned(DataSet set, int images) {
    return new DataSet(
        set.name(),
        set.train(),
        set.validation(),
        Thinned.of(set.test(), images),
        set.wordNetIds(),
        set.metric(),
        set.hierarchy());
  }

  private static SplitParts ofClasses(SplitParts whole, List<String> classes) {
    Set<String> wanted = new HashSet<>(classes);
    List<ImageSet> test =
        whole.test().stream()
            .map(
                piece ->
                    SplitParts.where(
                        piece, i -> wanted.contains(piece.classes().get(piece.image(i).label()))))
            .toList();
    return new SplitParts(
        whole.data(),
        whole.split(),
        whole.metric(),
        whole.classes(),
        whole.train(),
        whole.validation(),
        test,
        test,
        whole.available(),
        whole.lacks());
  }
}
