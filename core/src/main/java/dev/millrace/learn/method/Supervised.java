package dev.millrace.learn.method;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.CrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Supervised pre-training, the comparison of Hu et al., "How Well Does Self-Supervised Pre-Training
 * Perform with Streaming Data?", ICLR 2022: cross entropy over classes. One head over all classes
 * of a stream by class begins each later chunk far above guessing, and the shock unlearns the
 * encoder; so a chunk can have a head of its own, over its own classes. With a hidden layer before
 * the classifier it is the fairer baseline of arXiv 2311.13321.
 */
public final class Supervised implements Method<Supervised.Labels> {
  /** What the head spans. */
  public enum Span {
    /** All classes, in one head that lasts. */
    FULL,
    /** All classes, in a head that is drawn anew with each chunk. */
    NEW,
    /**
     * Only the classes of a picture's chunk, whose rows of the last layer are drawn anew with the
     * chunk; replayed pictures keep the rows that their chunk left, and a hidden layer lasts.
     */
    CHUNK
  }

  /**
   * The method's knobs.
   *
   * @param classes C, classes of the whole stream, at least 2
   * @param mlp whether a hidden layer of the encoder's width stands before the classifier
   * @param head what the head spans
   * @param own the classes of each chunk, 0 … C − 1; used only for {@link Span#CHUNK}
   */
  public record Settings(int classes, boolean mlp, Span head, List<Set<Integer>> own) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (classes < 2) {
        throw new IllegalArgumentException(
            "supervised pre-training found "
                + classes
                + " classes; it needs labelled data with at least 2");
      }
      own = own.stream().map(Set::copyOf).toList();
    }
  }

  /**
   * What the logits are compared with.
   *
   * @param labels {@code [N] int64}
   * @param foreign classes that are not of a picture's chunk, {@code [N, C] bool}; null where the
   *     head spans all
   */
  record Labels(Tensor labels, Tensor foreign) implements Targets {
    @Override
    public List<Tensor> tensors() {
      return Tensors.present(List.of(labels), foreign);
    }
  }

  private final Settings settings;
  private final Network network;
  private final long seed;
  private final Mlp head;

  /** {@code [chunks, C] bool}: classes that are not the chunk's; null where one head spans all. */
  private final Tensor foreign;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's; its head is drawn here
   */
  public Supervised(Settings settings, Network network, long seed) {
    this.settings = settings;
    this.network = network;
    this.seed = seed;
    head = head(settings, network.encoder().spec().dim());
    head.initialise(network.weights(), network.statistics(), Draw.of(seed, "head", 0));
    foreign = settings.head() == Span.CHUNK ? foreign() : null;
  }

  /** Its classifier, with a hidden layer of the features' width where settings say so. */
  public static List<Head> heads(Settings settings, int features) {
    return List.of(head(settings, features));
  }

  private static Mlp head(Settings settings, int features) {
    return settings.mlp()
        ? Mlp.of("head", features, features, settings.classes())
        : Mlp.of("head", features, settings.classes());
  }

  private Tensor foreign() {
    try (PointerScope scope = new PointerScope()) {
      float[] other = new float[settings.own().size() * settings.classes()];
      Arrays.fill(other, 1);
      for (int c = 0; c < settings.own().size(); c++) {
        for (int k : settings.own().get(c)) {
          other[c * settings.classes() + k] = 0;
        }
      }
      Tensor mask =
          Tensor.create(other)
              .reshape(settings.own().size(), settings.classes())
              .to(network.device().torch(), ScalarType.Bool);
      mask.retainReference();
      return mask;
    }
  }

  @Override
  public int views() {
    return 1;
  }

  @Override
  public boolean labels() {
    return true;
  }

  @Override
  public void beginChunk(int chunk) {
    Draw draw = Draw.of(seed, "head", chunk);
    switch (settings.head()) {
      case FULL -> {}
      case NEW -> head.initialise(network.weights(), network.statistics(), draw);
      case CHUNK -> head.initialiseLast(network.weights(), draw, settings.own().get(chunk));
    }
  }

  /** Logits, {@code [N, C]}. */
  @Override
  public Outputs outputs(Views views, Mode mode) {
    Tensor features = network.features(views.view(0), mode);
    return new Outputs(List.of(features), List.of(network.through(head, features, mode)));
  }

  @Override
  public Labels targets(Views views, Outputs made, Mode mode) {
    return new Labels(
        views.labels(),
        foreign == null
            ? null
            : foreign.index_select(0, views.pictures().select(1, 0).contiguous()));
  }

  @Override
  public Labels gathered(Labels own, Ranks ranks) {
    return new Labels(ranks.gather(own.labels()), Tensors.gathered(own.foreign(), ranks));
  }

  @Override
  public Tensor loss(Outputs made, Labels of) {
    Tensor logits = made.embeddings().get(0).to(ScalarType.Float);
    return of.foreign() == null
        ? CrossEntropy.loss(logits, of.labels())
        : CrossEntropy.loss(logits, of.labels(), of.foreign());
  }

  @Override
  public void close() {
    if (foreign != null) {
      foreign.releaseReference();
    }
  }
}
