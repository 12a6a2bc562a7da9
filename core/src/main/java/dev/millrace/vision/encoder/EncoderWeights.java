package dev.millrace.vision.encoder;

import dev.millrace.engine.ElementType;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Safetensors;
import dev.millrace.engine.StateDict;
import dev.millrace.engine.StoredTensor;
import dev.millrace.file.Printable;
import dev.millrace.file.Reason;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The residual network in a state dict of torchvision's, timm's or a training script's: found under
 * whatever prefix, parted from heads, twins and queues, its shape read off its tensors. Needs
 * nothing native but for {@link #tensors}. Immutable.
 */
public final class EncoderWeights {
  private static final String COUNTER = "num_batches_tracked";
  private static final int NAMED = 8;
  private static final int LONGEST = 300;

  private final Path file;
  private final Map<String, StoredTensor> own;
  private final List<String> leftOut;
  private final EncoderPlace place;
  private final List<EncoderPlace> others;

  private EncoderWeights(
      Path file,
      Map<String, StoredTensor> own,
      List<String> leftOut,
      EncoderPlace place,
      List<EncoderPlace> others) {
    this.file = file;
    this.own = own;
    this.leftOut = List.copyOf(leftOut);
    this.place = place;
    this.others = List.copyOf(others);
  }

  /**
   * Looks for the encoder in a weights file; no weights are read yet.
   *
   * @throws IOException if the file cannot be read, has no residual network, or several of which
   *     none is the usual one
   */
  public static EncoderWeights of(Path file) throws IOException {
    return of(WeightsFile.of(file));
  }

  /** As {@link #of(Path)}, of a file and the choice of an encoder in it. */
  public static EncoderWeights of(WeightsFile file) throws IOException {
    return of(file, StateDict.open(file.path()));
  }

  static EncoderWeights of(WeightsFile weights, StateDict dict) throws IOException {
    Path file = weights.path();
    Set<String> names = new LinkedHashSet<>(dict.tensors().keySet());
    names.addAll(dict.unknown().keySet());
    List<EncoderPlace> places = EncoderPlace.all(names);
    if (places.isEmpty()) {
      throw new IOException(
          "%s holds no residual network with torchvision's names: expected conv1.weight and layer1.0.conv1.weight, alone or after any prefix; found %s"
              .formatted(file, some(new ArrayList<>(names))));
    }
    EncoderPlace place = EncoderPlace.choose(places, weights.chosen(), file);
    Map<String, StoredTensor> own = new LinkedHashMap<>();
    List<String> leftOut = new ArrayList<>();
    for (String name : names) {
      String bare = place.bare(name);
      if (bare == null) {
        if (dict.tensors().containsKey(name)) {
          leftOut.add(name);
        }
      } else if (dict.unknown().containsKey(name)) {
        throw StateDict.refused(file, dict.unknown().get(name));
      } else if (!bare.endsWith(COUNTER)) {
        own.put(bare, dict.tensors().get(name));
      }
    }
    return new EncoderWeights(
        file, own, leftOut, place, places.stream().filter(other -> other != place).toList());
  }

  /** Tensors that are none of the encoder's: classifiers, projectors, twins, queues. */
  public List<String> leftOut() {
    return leftOut;
  }

  /** In a line for a person: which network, and what of the file is left out. */
  public String told(ResNetShape shape) {
    return words(shape)
        + (others.isEmpty()
            ? ""
            : "; taken is %s; `%s#%s` would be another"
                .formatted(place.shown(), file, others.get(0).shown()))
        + (leftOut.isEmpty() ? "" : "; left out: " + some(leftOut));
  }

  /**
   * The network that the tensors are.
   *
   * @throws IOException if it is none that is known, naming how it differs from the nearest
   */
  public ResNetShape shape() throws IOException {
    Optional<ResNetShape> shape = inferred();
    if (shape.isEmpty()) {
      throw new IOException(file + " fits none of the known encoders: " + found());
    }
    String faults = faults(shape.get());
    if (!faults.isEmpty()) {
      throw new IOException("%s looks like %s, but %s".formatted(file, words(shape.get()), faults));
    }
    return shape.get();
  }

  /**
   * Refuses weights of another network.
   *
   * @param flag that named the file, such as {@code --init}
   * @throws IllegalArgumentException listing what is missing, unexpected or of another shape, and
   *     the flags that would fit
   */
  public void requireFit(ResNetShape shape, String flag) {
    String faults = faults(shape);
    if (faults.isEmpty()) {
      return;
    }
    Optional<ResNetShape> fits = inferred().filter(other -> faults(other).isEmpty());
    String mend =
        fits.map(
                s ->
                    "`--encoder %s --width %d --stem %s` fits this file"
                        .formatted(s.name(), s.width(), stem(s)))
            .orElse("no --encoder, --width and --stem fit this file: " + found());
    throw new UsageException(
        flag, file, "does not fit %s: %s".formatted(words(shape), faults), mend);
  }

  /**
   * Refuses a file whose tensors are not those of the net that its metadata claims.
   *
   * @throws IOException naming both
   */
  void requireClaimed(ResNetShape claimed) throws IOException {
    Optional<ResNetShape> found = inferred();
    // The claim alone must not decide what is compared: a width of millions has tensors to match.
    String faults =
        found.isEmpty()
            ? found()
            : found.get().equals(claimed)
                ? faults(claimed)
                : "its tensors are of " + words(found.get());
    if (!faults.isEmpty()) {
      throw new IOException(
          "%s is damaged: its metadata says %s, but %s; copy it again from where it was whole"
              .formatted(file, words(claimed), faults));
    }
  }

  /**
   * Reads the tensors of a shape that fits, float32.
   *
   * @return by torchvision's names; the caller's scope owns them
   * @throws IOException if one cannot be read or has values that are not finite
   */
  public Map<String, Tensor> tensors(ResNetShape shape) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameters.Entry entry : expected(shape)) {
      float[] values = values(entry.name());
      long[] sizes = entry.shape().stream().mapToLong(Long::longValue).toArray();
      tensors.put(entry.name(), torch.from_blob(new FloatPointer(values), sizes).clone());
    }
    return tensors;
  }

  /**
   * Writes the encoder as {@link EncoderFile#write} would, atomically.
   *
   * @param shape one that fits
   * @param size side of the pictures it shall see, pixels
   * @throws IOException as {@link #tensors}, or if it cannot be written
   */
  public void write(
      Path to, ResNetShape shape, int size, Normalisation normalisation, Map<String, String> about)
      throws IOException {
    Map<String, Safetensors.Piece> pieces = new TreeMap<>();
    for (Parameters.Entry entry : expected(shape)) {
      String name = entry.name();
      pieces.put(
          name, new Safetensors.Piece(ElementType.F32, entry.shape(), () -> bytes(values(name))));
      if (name.endsWith(".running_mean")) {
        pieces.put(
            name.replace("running_mean", COUNTER),
            new Safetensors.Piece(
                ElementType.I64, List.of(), () -> ByteBuffer.allocate(Long.BYTES)));
      }
    }
    Safetensors.writePieces(to, pieces, EncoderFile.metadata(shape, size, normalisation, about));
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private float[] values(String name) throws IOException {
    float[] values;
    try {
      values = own.get(name).floats();
    } catch (IOException e) {
      throw new IOException(file + ": " + name + " cannot be read: " + Reason.of(e), e);
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IOException(
            "%s: %s holds %s; expected finite float32 numbers throughout: give weights of a training that did not diverge"
                .formatted(file, name, value));
      }
    }
    return values;
  }

  /** The shape that conv1, the blocks and their convolutions name, whether the rest fits or not. */
  private Optional<ResNetShape> inferred() {
    List<Long> stem = own.get("conv1.weight").shape();
    long width = stem.isEmpty() ? 0 : stem.get(0);
    long kernel = stem.size() == 4 ? stem.get(3) : 0;
    if (width < 1 || width > Integer.MAX_VALUE || kernel != 3 && kernel != 7) {
      return Optional.empty();
    }
    for (String name : ResNetShape.NAMES) {
      ResNetShape shape =
          new ResNetShape(
              name, (int) width, kernel == 3 ? ResNetShape.Stem.SMALL : ResNetShape.Stem.IMAGENET);
      if (shape.bottleneck() == bottleneck() && java.util.Arrays.equals(shape.blocks(), blocks())) {
        return Optional.of(shape);
      }
    }
    return Optional.empty();
  }

  private boolean bottleneck() {
    return own.containsKey("layer1.0.conv3.weight");
  }

  private int[] blocks() {
    int[] blocks = new int[4];
    for (int stage = 0; stage < blocks.length; stage++) {
      while (own.containsKey("layer%d.%d.conv1.weight".formatted(stage + 1, blocks[stage]))) {
        blocks[stage]++;
      }
    }
    return blocks;
  }

  private String found() {
    return "it has stages of %s blocks of %d convolutions and a stem %s; known are %s with a stem [width, 3, 3, 3] or [width, 3, 7, 7]"
        .formatted(
            java.util.Arrays.toString(blocks()),
            bottleneck() ? 3 : 2,
            own.get("conv1.weight").shape(),
            String.join(", ", ResNetShape.NAMES));
  }

  private static List<Parameters.Entry> expected(ResNetShape shape) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    ResNet.layout(shape, layout, "");
    ResNet.statisticsLayout(shape, layout, "");
    return layout.build().entries();
  }

  /** Empty where the tensors are those of the shape. */
  private String faults(ResNetShape shape) {
    List<String> missing = new ArrayList<>();
    List<String> other = new ArrayList<>();
    List<String> unexpected = new ArrayList<>(own.keySet());
    for (Parameters.Entry entry : expected(shape)) {
      StoredTensor tensor = own.get(entry.name());
      unexpected.remove(entry.name());
      if (tensor == null) {
        missing.add(entry.name());
      } else if (!tensor.shape().equals(entry.shape())) {
        other.add(entry.name() + " is " + tensor.shape() + ", expected " + entry.shape());
      } else if (!tensor.type().floating()) {
        other.add(entry.name() + " is of type " + tensor.type() + ", expected float32");
      } else if (tensor.repeats()) {
        other.add(entry.name() + " repeats its numbers, expected a contiguous copy");
      }
    }
    List<String> faults = new ArrayList<>();
    tell(faults, missing, "missing");
    tell(faults, other, "of another shape or kind");
    tell(faults, unexpected, "unexpected");
    return String.join("; ", faults);
  }

  private static void tell(List<String> faults, List<String> names, String what) {
    if (!names.isEmpty()) {
      faults.add("%d tensors are %s (%s)".formatted(names.size(), what, some(names)));
    }
  }

  private static String some(List<String> names) {
    return Some.of(names.stream().map(name -> Printable.of(name, LONGEST)).toList(), NAMED);
  }

  private static String words(ResNetShape shape) {
    return "%s of width %d with the %s stem".formatted(shape.name(), shape.width(), stem(shape));
  }

  private static String stem(ResNetShape shape) {
    return shape.stem().name().toLowerCase(java.util.Locale.ROOT);
  }
}
