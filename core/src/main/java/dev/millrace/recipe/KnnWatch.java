package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.engine.Device;
import dev.millrace.file.Reason;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.Knn;
import dev.millrace.probe.SplitParts;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Need;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The accuracy of a kNN on the run's labelled sets while it trains, every so many epochs and at the
 * end of each chunk: judged by the test part, or by the held-out fifth of a set that has none. Sees
 * a frozen copy of the encoder and changes nothing of the run. A stop during a look ends it without
 * an answer; it is made again where the run continues.
 */
final class KnnWatch implements RunEvent.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(KnnWatch.class);

  /** Pictures that are judged by, and among which neighbours are looked for, at most per set. */
  private static final int JUDGED = 1000;

  private static final int LEARNED = 4000;

  private final Settings settings;
  private final Catalogue catalogue;
  private final Path run;
  private final Device device;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;
  private final Features features;
  private List<SplitParts> sets;
  private int epochs;
  private int measured;

  /**
   * @param machine the settings of the chunk that is learned next, whose threads are used
   * @param listener what was found is reported to it
   */
  KnnWatch(
      Settings machine,
      Catalogue catalogue,
      Path run,
      Device device,
      RunEvent.Listener listener,
      BooleanSupplier stop) {
    settings = machine;
    this.catalogue = catalogue;
    this.run = run;
    this.device = device;
    this.listener = listener;
    this.stop = stop;
    int size = machine.views().size();
    features =
        new Features(
            size,
            new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet()),
            Math.max(1, machine.machine().threads()),
            stop);
  }

  /**
   * Refuses settings that want looks at sets none of which can be judged by.
   *
   * @throws IllegalArgumentException naming what is missing
   */
  static void check(Settings settings, Catalogue catalogue, BooleanSupplier stop)
      throws IOException {
    if (settings.keeping().knnEvery() > 0 && labelled(settings, catalogue, null, stop).isEmpty()) {
      throw UsageException.of(
          "--knn-every",
          "%d: none of %s has labels to judge by; give folders CLASS/image of 2 or more classes, or leave it out"
              .formatted(settings.keeping().knnEvery(), String.join(", ", settings.data().sets())));
    }
  }

  private static List<SplitParts> labelled(
      Settings settings, Catalogue catalogue, Path run, BooleanSupplier stop) throws IOException {
    Sources sources = new Sources(settings, run);
    Set<String> words = new LinkedHashSet<>(settings.data().sets());
    words.addAll(settings.history().extensions());
    List<SplitParts> found = new ArrayList<>();
    for (String word : words) {
      DataSet set;
      try {
        set = sources.open(catalogue, word, Need.LABELS, stop);
      } catch (IllegalArgumentException | IOException e) {
        if (run == null) {
          throw e;
        }
        LOG.warn("--knn-every leaves {} out: {}", word, Reason.whole(e));
        continue; // the source of a past chunk may be gone
      }
      if (set.train().classes().size() > 1) {
        SplitParts whole = SplitParts.whole(NamedSets.nameOf(settings, word), set, LEARNED);
        if (whole.lacks().isEmpty() && !whole.test().isEmpty()) {
          found.add(whole);
        }
      }
    }
    return found;
  }

  @Override
  public void on(RunEvent event) {
    int every = settings.keeping().knnEvery();
    if (every == 0) {
      return;
    }
    if (event instanceof RunEvent.ChunkOpened opened) {
      epochs = opened.epochs();
    } else if (event instanceof RunEvent.EpochLearned epoch && (epoch.epoch() + 1) % every == 0) {
      boolean trunk =
          settings.schedule().endless() && epoch.position().part() == Position.Part.TRUNK;
      look(
          new At(epoch.position().total(), epoch.chunk(), epoch.epoch(), trunk),
          epoch.encoder(),
          Set.of());
    } else if (event instanceof RunEvent.ChunkLearned learned) {
      look(
          new At(learned.position().total(), learned.chunk().index(), epochs - 1, false),
          learned.encoder(),
          Set.of());
    }
  }

  /**
   * Looks at what a stop kept from being looked at, where a run continues.
   *
   * @param from where it continues
   * @param encoder as it was there
   * @return whether anything was measured
   */
  boolean redo(Position from, RunDirectory directory, EncoderNet encoder) throws IOException {
    if (settings.keeping().knnEvery() == 0 || from.step() != 0 && !from.isBetweenChunks()) {
      return false;
    }
    JsonNode last = null;
    Set<String> done = new HashSet<>();
    for (String line : LogLines.from(directory.metrics(), "step", from.total())) {
      JsonNode read = JSON.readTree(line);
      if (read.has("knn")) {
        done.add(read.path(LoggedMeasures.SET).asText());
      } else {
        last = read;
      }
    }
    if (last == null || RunLog.REST.equals(last.path(RunLog.PART).asText())) {
      return false; // nothing was learned yet, or what was is no look's
    }
    int chunk = last.path("chunk").asInt();
    int epoch = last.path("epoch").asInt();
    boolean ended = from.learned() > chunk;
    // The end of a chunk that was not reached will be looked at when it is.
    boolean within = from.epoch() < settings.ofChunk(chunk).training().epochs();
    if (!ended && !(within && (epoch + 1) % settings.keeping().knnEvery() == 0)) {
      return false;
    }
    int before = measured;
    boolean trunk = !ended && RunLog.TRUNK.equals(last.path(RunLog.PART).asText());
    look(new At(from.total(), chunk, epoch, trunk), encoder, done);
    return measured > before;
  }

  /** After which step of a run, and whether it is a trunk's, of which a chunk publishes another. */
  private record At(long step, int chunk, int epoch, boolean trunk) {}

  private void look(At at, EncoderNet encoder, Set<String> done) {
    try {
      if (sets == null) {
        sets = labelled(settings, catalogue, run, stop);
      }
      for (SplitParts set : List.copyOf(sets)) {
        if (!done.contains(set.data())) {
          look(set, at, encoder);
        }
      }
    } catch (CancellationException stopped) {
      LOG.debug("a look of --knn-every was stopped");
    } catch (IOException e) {
      throw new UncheckedIOException(Reason.whole(e), e);
    }
  }

  private void look(SplitParts set, At at, EncoderNet encoder) {
    try {
      ImageSet judging = Thinned.of(set.test().get(0), JUDGED);
      FeatureMatrix learned =
          features.of(encoder, set.train().get(0), device, PartSettings.precision(settings));
      FeatureMatrix judged =
          features.of(encoder, judging, device, PartSettings.precision(settings));
      Knn.Settings knn = Knn.Neighbours.paper().of(learned.n(), set.classes().size());
      Accuracy found = Knn.accuracy(learned, judged, knn);
      measured++;
      listener.on(
          new RunEvent.KnnMeasured(
              at.step(),
              at.chunk(),
              at.epoch(),
              set.data(),
              set.byClass() ? found.meanPerClass() : found.top1(),
              set.byClass() ? found.meanPerClassChance() : found.top1Chance(),
              learned.n(),
              judged.n(),
              at.trunk()));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      // Pictures that are bad or gone are no reason to end a run that may learn without them.
      LOG.warn(
          "--knn-every leaves {} out: {}",
          set.data(),
          Reason.whole(e instanceof UncheckedIOException ? e.getCause() : e));
      sets.remove(set);
    }
  }
}
