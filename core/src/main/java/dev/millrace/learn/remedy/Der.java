package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Dark experience replay: Buzzega et al., "Dark Experience for General Continual Learning", NeurIPS
 * 2020, with features in place of logits, as Madaan et al. (LUMP, ICLR 2022) compare with. The
 * features of each replayed picture must stay what the encoder made of it, of another view, when
 * its chunk had been learned: the loss gains α times their mean squared difference. The published
 * code shows replayed pictures beside the batch and to this term only; here they are the batch's
 * replayed rows, which the method learns from too, so a step makes no pass more; of a method with
 * small crops the whole views only. A vector per remembered picture is kept, made by one forward
 * pass over those of a chunk at its end, normalised by running statistics: no batch of a review is
 * like one of a step. The features that it is compared with are a step's, normalised by its batch.
 */
public final class Der implements Remedy {
  /**
   * The remedy's knob.
   *
   * @param weight α, at least 0; the published code's is 0.4
   */
  public record Settings(
      @Knob(
              value =
                  "weight of DER: features of replayed pictures must stay those stored with them",
              name = "*",
              neutral = "0.0")
          double weight)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          weight >= 0 && weight < Double.POSITIVE_INFINITY,
          "weight",
          weight + " is not a number of at least 0");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight);
    }

    /** The given weight. */
    public static Settings of(double weight) {
      return new Settings(weight);
    }
  }

  private final Settings settings;
  private final Network network;
  private final ReplayMemory memory;
  private final StoredRows stored;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param network that is trained; stays the caller's
   * @param memory of the run, which replay fills; closed with the remedy
   * @param capacity pictures that it holds at most
   */
  public Der(Settings settings, Network network, ReplayMemory memory, int capacity) {
    this.settings = settings;
    this.network = network;
    this.memory = memory;
    stored = new StoredRows(capacity, network.encoder().spec().dim(), network.device());
  }

  @Override
  public String name() {
    return "der";
  }

  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    StoredRows.Found found = stored.find(views);
    if (found.none()) {
      return Optional.empty();
    }
    List<Tensor> replayed = new ArrayList<>();
    for (Tensor features : Views.whole(made.features())) {
      replayed.add(views.ranks().gather(features).index_select(0, found.rows()));
    }
    return Optional.of(loss(replayed, stored.at(found.places()), settings.weight()));
  }

  /**
   * What is added to the method's loss: α times the mean squared difference.
   *
   * @param features of replayed pictures, {@code [R, d] float32} for each view
   * @param then those stored with them, {@code [R, d] float32}
   * @param weight α
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor loss(List<Tensor> features, Tensor then, double weight) {
    Tensor sum = null;
    for (Tensor view : features) {
      Tensor one = view.sub(then).square().mean();
      sum = sum == null ? one : sum.add(one);
    }
    return sum.mul(new Scalar(weight / features.size()));
  }

  @Override
  public void endChunk(EndOfChunk end) throws IOException {
    if (end.learned()) {
      stored.follow(
          memory,
          end,
          views -> {
            end.passed(Passes.forwards(views.rows()));
            return end.network().features(views.view(0), Mode.EVALUATION);
          });
    }
  }

  @Override
  public Map<String, Tensor> state() {
    return stored.state();
  }

  @Override
  public void close() throws IOException {
    stored.close();
    memory.close();
  }
}
