package dev.millrace.recipe;

import dev.millrace.engine.Compute;
import dev.millrace.file.Reason;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.network.Alone;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.DecodeCheck;
import dev.millrace.learn.run.Plan;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.decode.PictureHeads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends a chunk to a finished run. All that can be refused is refused while the run is still a
 * finished one. Whoever reads the run's encoder has the old one until the new one takes its place.
 */
final class Extending {
  private static final Logger LOG = LoggerFactory.getLogger(Extending.class);

  private final RunDirectory directory;
  private final Extension extension;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;
  private final Rendezvous rendezvous;
  private final Settings settings;
  private final RunChunks chunks;

  Extending(
      RunDirectory directory,
      Extension extension,
      Catalogue catalogue,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    this.rendezvous = rendezvous;
    this.directory = directory;
    this.extension = extension;
    this.listener = listener;
    this.stop = stop;
    settings = RunFiles.settings(directory.root());
    chunks = RunFiles.chunks(directory, settings, catalogue, stop);
  }

  Millrace.Outcome outcome() throws IOException {
    PendingExtension pending = PendingExtension.of(directory.root());
    pending.begin(chunks.count(), extension.set());
    try {
      return extended(pending);
    } finally {
      pending.end();
    }
  }

  private Millrace.Outcome extended(PendingExtension pending) throws IOException {
    if (!directory.folder().finished(settings.stream().chunks())) {
      throw new IllegalArgumentException(
          "%s is not finished; finish it with %s before you extend it"
              .formatted(directory.root(), ShellWords.resume(directory.root())));
    }
    Courses.requireExtensible(settings, extension.settings());
    String set = settings.spelling(extension.set());
    if (!Sources.words(settings).contains(set)
        && !Catalogue.isName(set)
        && !Files.exists(Path.of(set))) {
      chunks.catalogue().open(set); // which says that there is none, and what there is
    }
    Settings longer = longer(set);
    requireTrunk(longer);
    int last = chunks.count();
    Sharing.check(longer, last + 1);
    Sharing.require(longer, rendezvous);
    Sharing.requireReadable(longer, last, rendezvous);
    Settings ofLast = longer.ofChunk(last);
    Plan plan = PartSettings.plan(ofLast, last);
    MachineChoice.device(ofLast).require();
    if (extension.kept().containsKey("knn-every")) {
      KnnWatch.check(longer, chunks.catalogue(), stop);
    }
    NamedSets.Learnable found = chunks.learnable(longer, set);
    SeenPictures seen = chunks.seen(set, found);
    ImageSet whole = found.images();
    ImageSet images = extension.newOnly() ? seen.without(whole) : whole;
    if (extension.newOnly() && images.size() == whole.size()) {
      LOG.warn(
          "--new-only: all {} pictures of {} count as new, since the run has learned none of a set of that name; where the set was only renamed or packed, give it under the name it had",
          whole.size(),
          set);
    }
    RunChunks more = chunks.extended(longer, set, images);
    report(seen.chunksOf(whole), whole, more.open(last));
    if (images.size() == 0) {
      return new RunTraining(directory, settings, chunks, rendezvous, listener, stop).outcome();
    }
    Chunk fresh = more.open(last);
    if (PartSettings.supervised(settings)) {
      PartSettings.requireLabels(last, fresh);
    }
    if (DecodeCheck.meanwhile(fresh, directory.root(), plan)) {
      PictureHeads.Seen heads = PictureHeads.look(fresh.images(), plan.checkers(), stop);
      plan.requireGood(
          last,
          fresh.name(),
          fresh.size(),
          heads.bad(),
          "`millrace data info` names those of a set",
          "the same `millrace extend`");
    } else {
      check(fresh, plan);
    }
    Compute.begin(MachineChoice.device(ofLast));
    if (stop.getAsBoolean()) {
      throw new CancellationException(
          "stopped before the new data was learned; " + directory.root() + " is as it was");
    }
    // The encoder stays for those who read it. What it has learned is noted first: from the moment
    // that run.yaml lists the new chunk the run is unfinished, after any kill.
    directory.published(more.count(), chunks.count());
    directory.seal().drop(directory.finish());
    Files.deleteIfExists(directory.finish());
    RunFiles.write(directory, longer, more);
    pending.end();
    return new RunTraining(directory, longer, more, rendezvous, listener, stop).outcome();
  }

  private void check(Chunk fresh, Plan plan) throws IOException {
    try (RunLog log = new RunLog(directory)) {
      DecodeCheck.good(
          fresh,
          directory.root(),
          plan,
          new Alone(),
          "the same `millrace extend`",
          log.before(listener),
          stop);
    }
  }

  /**
   * The trunk of the last chunk may have steps to make, for which its pictures are needed, and the
   * device that it is learned on, which need not be that of the new chunk.
   */
  private void requireTrunk(Settings longer) throws IOException {
    Position at = Wiring.next(directory, settings, chunks);
    if (at.part() != Position.Part.REST) {
      return;
    }
    Settings rest = longer.ofChunk(at.chunk());
    try {
      MachineChoice.device(rest).require();
    } catch (UsageException e) {
      throw UsageException.ofWord(
          "%s cannot be extended here: its trunk has the last steps of %s to make first, on --device %s: %s; extend it where that device is"
              .formatted(
                  directory.root(),
                  ChunkWords.of(at.chunk()),
                  rest.machine().device(),
                  e.getMessage()));
    }
    String on = ChunkWords.of(at.chunk(), chunks.entries().get(at.chunk()).name());
    try {
      chunks.open(at.chunk());
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "%s cannot be extended without the data of %s: its trunk has the last steps on it to make, which the published encoder made on a branch; %s"
              .formatted(
                  directory.root(),
                  on,
                  e instanceof IOException io ? Reason.whole(io) : e.getMessage()),
          e);
    }
  }

  private Settings longer(String set) throws IOException {
    boolean given = settings.stream().order().bySet();
    List<String> sets =
        new ArrayList<>(given ? settings.data().sets() : settings.history().extensions());
    sets.add(set);
    Map<String, Object> runs = settings.asMap();
    Map<String, Object> own = Courses.goneOn(settings, extension.settings());
    // A warm-up that is given stays: with a new head the run's own is not the chunk's.
    own.entrySet()
        .removeIf(
            one -> one.getValue().equals(runs.get(one.getKey())) && !one.getKey().equals("warmup"));
    if (extension.newOnly()) {
      own.put(ChunkSettings.NEW_ONLY, true);
    }
    Map<String, Map<String, Object>> chunkSettings =
        new TreeMap<>(settings.history().chunkSettings());
    if (!own.isEmpty()) {
      chunkSettings.put(Integer.toString(settings.stream().chunks()), own);
    }
    return Sources.extended(
        new Resumption(extension.maxBad(), extension.kept())
            .of(settings)
            .with(
                Map.of(
                    given ? "data" : "extensions",
                    sets,
                    "chunks",
                    settings.stream().chunks() + 1,
                    "layouts",
                    layouts(set),
                    "chunk-settings",
                    chunkSettings)));
  }

  /** With the layout of a set that is new; one that a run has keeps its own. */
  private Map<String, String> layouts(String set) {
    Map<String, String> layouts = new TreeMap<>(settings.history().layouts());
    String layout = extension.layout();
    if (layout == null) {
      return layouts;
    }
    String has = layouts.getOrDefault(set, settings.data().layout().word());
    if (settings.data().sets().contains(set) || settings.history().extensions().contains(set)) {
      if (!has.equals(layout)) {
        throw UsageException.of(
            "--layout",
            "%s: the run has %s already, as %s; leave --layout out".formatted(layout, set, has));
      }
    } else if (!has.equals(layout)) {
      layouts.put(set, layout);
    }
    return layouts;
  }

  /** Reports pictures that are met again. */
  private void report(List<Integer> seen, ImageSet whole, Chunk chunk) {
    if (!seen.isEmpty()) {
      IntSummaryStatistics chunksThen = seen.stream().collect(Collectors.summarizingInt(c -> c));
      listener.on(
          new RunEvent.SeenBefore(
              chunk,
              whole.size(),
              seen.size(),
              chunksThen.getMin(),
              chunksThen.getMax(),
              extension.newOnly()));
    }
  }
}
