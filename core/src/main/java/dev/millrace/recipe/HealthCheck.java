package dev.millrace.recipe;

import dev.millrace.draw.Draw;
import dev.millrace.insight.Collapse;
import dev.millrace.insight.Representation;
import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Prototypes;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.view.FixedViews;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at an encoder's features while it trains, a few times per chunk and at its end, so that a
 * collapse is reported before hours are lost. Reads a frozen copy and changes nothing of the run.
 */
final class HealthCheck implements RunEvent.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthCheck.class);
  private static final int PICTURES = 128;

  /** One of 255 in units of ImageNet's deviation, which views are in. */
  private static final double GREY_LEVEL = 1 / 255.0 / 0.226;

  /** Looks a chunk, its end among them. */
  private static final int LOOKS = 4;

  /** What earlier looks of the run saw. */
  interface Past {
    /** The largest effective rank that was seen before a step; 0 where none was. */
    double bestRank(long step) throws IOException;

    /** Gives the method's own losses of all steps that were made before, in order. */
    default void losses(Losses taker) throws IOException {}
  }

  /** Takes the losses of steps. */
  @FunctionalInterface
  interface Losses {
    void take(int chunk, int epoch, double loss);
  }

  private final Settings settings;
  private final Network network;
  private final Past past;
  private final RunEvent.Listener told;
  private final AtGuess atGuess;
  private double bestRank = Double.NaN;
  private int epochs;
  private FixedViews views;
  private boolean alike;

  /**
   * @param network that is trained; stays the caller's
   * @param past asked once, before the first step and the first look: a resumed run remembers what
   *     it saw
   * @param told of what was found
   */
  HealthCheck(Settings settings, Network network, Past past, RunEvent.Listener told) {
    this.settings = settings;
    this.network = network;
    this.past = past;
    this.told = told;
    atGuess = new AtGuess(settings, past);
  }

  @Override
  public void on(RunEvent event) {
    atGuess.on(event);
    if (event instanceof RunEvent.ChunkOpened opened) {
      close();
      epochs = opened.epochs();
      views = draw(opened.chunk().index(), opened.chunk().images());
      alike = alike(opened.chunk().index());
      tell(opened.quarantine());
    } else if (event instanceof RunEvent.EpochLearned epoch) {
      int every = Math.max(1, (epoch.epochs() + LOOKS - 1) / LOOKS);
      if ((epoch.epoch() + 1) % every == 0) {
        look(epoch.position().total(), epoch.chunk(), epoch.epoch(), epoch.encoder());
      }
    } else if (event instanceof RunEvent.ChunkLearned learned) {
      look(learned.position().total(), learned.chunk().index(), epochs - 1, learned.encoder());
      close();
    }
  }

  private FixedViews draw(int chunk, ImageSet set) {
    try {
      return FixedViews.plain(
          set,
          PICTURES,
          PartSettings.views(settings).full().maker(),
          settings.views().size(),
          Draw.of(settings.stream().seed(), "health", chunk),
          network.device());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void tell(RunEvent.Quarantine quarantine) {
    if (views.bad().isEmpty()) {
      return;
    }
    try {
      quarantine.met(views.bad());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the chunk's pictures hardly differ themselves, so that features of them need not. */
  private boolean alike(int chunk) {
    try (PointerScope scope = new PointerScope()) {
      boolean alike = Representation.spread(views.view(0).flatten(1, -1)) < GREY_LEVEL;
      if (alike) {
        LOG.info(
            "chunk {}: the pictures that were looked at differ by less than a grey level, so nothing is said of a collapse of their features",
            chunk + 1);
      }
      return alike;
    }
  }

  private void look(long step, int chunk, int epoch, EncoderNet encoder) {
    try (PointerScope scope = new PointerScope();
        FrozenEncoder frozen = encoder.freeze(PartSettings.precision(settings))) {
      Tensor features = frozen.forward(views.view(0));
      if (!features.isfinite().all().item_bool()) {
        return; // the next step, or the check before the next checkpoint, stops the run
      }
      double rank = Representation.effectiveRank(features);
      double variance = Representation.variance(features);
      int classes = PartSettings.supervised(settings) ? views.classes() : 0;
      int reach = Collapse.reach(views.count(), features.size(1), classes);
      if (Double.isNaN(bestRank)) {
        bestRank = past.bestRank(step);
      }
      told.on(
          new RunEvent.HealthChecked(
              step,
              chunk,
              epoch,
              rank,
              variance,
              (alike
                      ? Optional.<Collapse>empty()
                      : Collapse.of(variance, rank, reach, bestRank)
                          .or(() -> behind(encoder, features)))
                  .or(atGuess::collapse)
                  .map(Collapse::words)
                  .orElse(null),
              Methods.of(settings).advice()));
      bestRank = Math.max(bestRank, rank);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * How embeddings have collapsed though features live: a loss that finds all of them equal, or all
   * assigned to one prototype, teaches nothing more. A published branch of a trunk has no heads to
   * look at.
   */
  private Optional<Collapse> behind(EncoderNet encoder, Tensor features) {
    if (settings.method().dim() == 0 || encoder != network.encoder()) {
      return Optional.empty();
    }
    try (NoGradGuard stop = new NoGradGuard()) {
      MethodSettings method = settings.method();
      Tensor embeddings = network.embed(features, Mode.EVALUATION);
      return Collapse.ofEmbeddings(Representation.variance(embeddings))
          .or(() -> shrunk(method, embeddings))
          .or(() -> assigned(method, embeddings));
    }
  }

  private static Optional<Collapse> shrunk(MethodSettings method, Tensor embeddings) {
    return method.spread() > 0
        ? Collapse.ofSpread(Representation.spread(embeddings), method.spread())
        : Optional.empty();
  }

  private Optional<Collapse> assigned(MethodSettings method, Tensor embeddings) {
    if (method.prototypes() == 0) {
      return Optional.empty();
    }
    Tensor scores =
        Prototypes.of(Prototypes.NAME, method.dim(), method.prototypes())
            .scores(network, embeddings);
    return Collapse.ofAssignments(
        Representation.effectivePrototypes(scores, method.temperature()), method.prototypes());
  }

  @Override
  public void close() {
    if (views != null) {
      views.close();
      views = null;
    }
  }
}
