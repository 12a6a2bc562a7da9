package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.from_blob;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.PixelDecoder;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.objective.MaskedPixels;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knob;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Patches;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * MAE: He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022. The encoder sees a
 * quarter of a picture's patches, and a light decoder says the pixels of the others. Of
 * transformers only; there is one view, which is cut and mirrored and keeps its colours.
 */
public final class Mae implements Method<Mae.Hidden> {
  /**
   * The method's knobs.
   *
   * @param maskRatio share of the patches that are hidden, above 0, below 1
   * @param normalisePixels whether each patch is predicted less its mean, over its deviation
   * @param decoderDim width of the decoder, a multiple of 4 and of its heads
   * @param decoderDepth blocks of the decoder, at least 1
   * @param decoderHeads heads of each attention of the decoder, at least 1
   */
  public record Settings(
      @Knob("share of the patches that MAE hides") double maskRatio,
      @Knob("predict each patch less its mean, over its deviation") boolean normalisePixels,
      @Knob("width of MAE's decoder") int decoderDim,
      @Knob("blocks of MAE's decoder") int decoderDepth,
      @Knob("heads of each attention of MAE's decoder") int decoderHeads)
      implements MethodSettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          maskRatio > 0 && maskRatio < 1, "maskRatio", maskRatio + " is not between 0 and 1");
      Require.component(decoderHeads >= 1, "decoderHeads", decoderHeads + " is below 1");
      Require.component(
          decoderDim >= 4 && decoderDim % 4 == 0 && decoderDim % decoderHeads == 0,
          "decoderDim",
          decoderDim + " is no multiple of 4 and of " + decoderHeads + " heads");
      Require.component(decoderDepth >= 1, "decoderDepth", decoderDepth + " is below 1");
    }

    /** The paper's values for ImageNet. */
    public static Settings paper() {
      return new Settings(0.75, true, 512, 8, 16);
    }

    /** For small pictures and short runs. */
    public static Settings small() {
      return new Settings(0.75, true, 96, 2, 4);
    }

    @Override
    public boolean keepsColours() {
      return true;
    }

    /** With another value: share of the patches that are hidden. */
    public Settings maskRatio(double maskRatio) {
      return new Settings(maskRatio, normalisePixels, decoderDim, decoderDepth, decoderHeads);
    }

    /** With another value: whether each patch's pixels are normalised. */
    public Settings normalisePixels(boolean normalisePixels) {
      return new Settings(maskRatio, normalisePixels, decoderDim, decoderDepth, decoderHeads);
    }

    /** With another value: width of the decoder. */
    public Settings decoderDim(int decoderDim) {
      return new Settings(maskRatio, normalisePixels, decoderDim, decoderDepth, decoderHeads);
    }

    /** With another value: blocks of the decoder. */
    public Settings decoderDepth(int decoderDepth) {
      return new Settings(maskRatio, normalisePixels, decoderDim, decoderDepth, decoderHeads);
    }

    /** With another value: heads of each attention of the decoder. */
    public Settings decoderHeads(int decoderHeads) {
      return new Settings(maskRatio, normalisePixels, decoderDim, decoderDepth, decoderHeads);
    }
  }

  /**
   * What is compared with the decoder's pixels.
   *
   * @param pictures {@code [N, 3, S, S] float32}
   * @param mask {@code [N, T] float32}, 1 where a patch was hidden
   */
  record Hidden(Tensor pictures, Tensor mask) implements Targets {
    @Override
    public List<Tensor> tensors() {
      return List.of(pictures, mask);
    }
  }

  private final Settings settings;
  private final Network network;
  private final Patches patches;
  private final PixelDecoder decoder;
  private final long seed;

  /** {@code [1] int64}, on the processor: what is hidden is a function of it. */
  private final Tensor step;

  /**
   * The method over a network that has its {@link #heads}.
   *
   * @param network stays the caller's
   */
  public Mae(Settings settings, Network network, long seed) {
    this.settings = settings;
    this.network = network;
    this.seed = seed;
    EncoderSpec encoder = network.encoder().spec();
    patches = patches(encoder);
    decoder = decoder(settings, encoder);
    try (PointerScope scope = new PointerScope()) {
      step = zeros(1).to(ScalarType.Long);
      step.retainReference();
    }
  }

  /**
   * Its decoder.
   *
   * @throws IllegalArgumentException naming the flag, if the encoder has no patches
   */
  public static List<Head> heads(Settings settings, EncoderSpec encoder) {
    return List.of(decoder(settings, encoder));
  }

  private static PixelDecoder decoder(Settings settings, EncoderSpec encoder) {
    return new PixelDecoder(
        "decoder",
        encoder.dim(),
        new PixelDecoder.Shape(
            settings.decoderDim(), settings.decoderDepth(), settings.decoderHeads()),
        patches(encoder));
  }

  private static Patches patches(EncoderSpec encoder) {
    Patches patches = given(encoder);
    if (patches.count() < 2) {
      throw UsageException.of(
          "--patch",
          "leaves one patch of a picture, of which mae could hide none; give a smaller one");
    }
    return patches;
  }

  private static Patches given(EncoderSpec encoder) {
    return encoder
        .patches()
        .orElseThrow(
            () ->
                UsageException.of(
                    "--method",
                    "mae hides patches of a vision transformer, and --encoder is %s; give --encoder vit-tiny or vit-small, or another --method"
                        .formatted(encoder.name())));
  }

  @Override
  public int views() {
    return 1;
  }

  @Override
  public void beforeStep(Moment at) {
    step.fill_(new Scalar((double) at.total()));
  }

  /** Patches that the encoder sees: at least 1, and one fewer than there are. */
  private int seen() {
    int seen = (int) Math.round(patches.count() * (1 - settings.maskRatio()));
    return Math.max(1, Math.min(patches.count() - 1, seen));
  }

  /** Which patches it sees of each picture, {@code [N, V] int64}; a resumed run draws the same. */
  private Tensor kept(Views views) {
    int rows = (int) views.view(0).size(0);
    int seen = seen();
    long[] kept = new long[rows * seen];
    Draw draw = Draw.of(seed, "mask", step.item_long());
    for (int row = 0; row < rows; row++) {
      int[] order = Arrays.copyOf(draw.at(views.first() + row).permutation(patches.count()), seen);
      Arrays.sort(order);
      for (int i = 0; i < seen; i++) {
        kept[row * seen + i] = order[i];
      }
    }
    return from_blob(
            new LongPointer(kept), new long[] {rows, seen}, new TensorOptions(ScalarType.Long))
        .clone()
        .to(network.device().torch(), ScalarType.Long);
  }

  /** The features are the class token's, of the patches that were seen; there are no embeddings. */
  @Override
  public Outputs outputs(Views views, Mode mode) {
    Tensor pictures = views.view(0);
    Tensor kept = kept(views);
    Tensor tokens = network.tokens(pictures, kept, mode);
    return new Outputs(
        List.of(tokens.select(1, 0)),
        List.of(),
        List.of(decoder.pixels(network, tokens, kept, mode)));
  }

  @Override
  public Mae.Hidden targets(Views views, Outputs made, Mode mode) {
    Tensor pictures = views.view(0).detach();
    Tensor mask =
        pictures
            .new_full(new long[] {pictures.size(0), patches.count()}, new Scalar(1.0))
            .scatter(1, kept(views), new Scalar(0.0));
    return new Hidden(pictures.clone(), mask);
  }

  /** Pictures are large, and compared with nothing but themselves. */
  @Override
  public Mae.Hidden gathered(Mae.Hidden own, Ranks ranks) {
    return own;
  }

  @Override
  public boolean ofSingles() {
    return true;
  }

  @Override
  public Tensor loss(Outputs made, Mae.Hidden against) {
    return MaskedPixels.loss(
        against.pictures(),
        made.predictions().get(0),
        against.mask(),
        patches.side(),
        settings.normalisePixels());
  }

  @Override
  public Map<String, Tensor> state() {
    return Map.of("step", step);
  }

  @Override
  public void close() {
    step.releaseReference();
  }
}
