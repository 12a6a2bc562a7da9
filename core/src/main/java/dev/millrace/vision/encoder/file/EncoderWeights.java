package dev.millrace.vision.encoder.file;

import dev.millrace.engine.ElementType;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Safetensors;
import dev.millrace.engine.StateDict;
import dev.millrace.engine.StoredTensor;
import dev.millrace.file.Printable;
import dev.millrace.file.Reason;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderSpec;
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
 * The encoder in a state dict of torchvision's, timm's or a training script's: found under whatever
 * prefix, parted from heads, twins and queues, its shape read off its tensors. Needs nothing native
 * except for {@link #tensors}. Immutable.
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
  private final boolean ours;

  private EncoderWeights(
      Path file,
      Map<String, StoredTensor> own,
      List<String> leftOut,
      EncoderPlace place,
      List<EncoderPlace> others,
      boolean ours) {
    this.file = file;
    this.own = own;
    this.leftOut = List.copyOf(leftOut);
    this.place = place;
    this.others = List.copyOf(others);
    this.ours = ours;
  }

  /**
   * Looks for the encoder in a weights file; no weights are read yet.
   *
   * @throws IOException if the file cannot be read, has no encoder, or several of which none is the
   *     usual one
   */
  public static EncoderWeights of(Path file) throws IOException {
    return of(WeightsFile.of(file));
  }

  /** Like {@link #of(Path)}, of a file and the choice of an encoder in it. */
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
          "%s holds no encoder that is known: expected %s, by themselves or after any prefix; found %s"
              .formatted(file, EncoderPlace.marks(), some(new ArrayList<>(names))));
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
        file,
        own,
        leftOut,
        place,
        places.stream().filter(other -> other != place).toList(),
        EncoderFile.own(dict));
  }

  /** Tensors that are none of the encoder's: classifiers, projectors, twins, queues. */
  public List<String> leftOut() {
    return leftOut;
  }

  /**
   * In a line for a person: which network, what is taken to be so of another's, and what of the
   * file is left out.
   */
  public String told(EncoderSpec spec) {
    return spec.words()
        + (ours || spec.assumed().isEmpty() ? "" : "; " + spec.assumed())
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
  public EncoderSpec spec() throws IOException {
    Optional<EncoderSpec> spec = inferred();
    if (spec.isEmpty()) {
      throw new IOException(file + " fits none of the known encoders: " + found());
    }
    String faults = faults(spec.get());
    if (!faults.isEmpty()) {
      throw new IOException("%s looks like %s, but %s".formatted(file, spec.get().words(), faults));
    }
    String otherwise = otherwise(spec.get());
    if (!otherwise.isEmpty()) {
      throw new IOException(
          "%s looks like %s, but %s".formatted(file, spec.get().words(), otherwise));
    }
    return spec.get();
  }

  /**
   * Refuses weights of another network.
   *
   * @param flag that named the file, such as {@code --init}
   * @throws IllegalArgumentException listing what is missing, unexpected or of another shape, and
   *     the flags that would fit
   * @throws IOException if what tells nets of equal shapes apart cannot be read
   */
  public void requireFit(EncoderSpec spec, String flag) throws IOException {
    String faults = faults(spec);
    if (faults.isEmpty()) {
      String otherwise = otherwise(spec);
      if (!otherwise.isEmpty()) {
        throw new UsageException(
            flag,
            file,
            "is not of %s: %s".formatted(spec.words(), otherwise),
            "give weights of that network");
      }
      return;
    }
    Optional<EncoderSpec> fits = inferred().filter(other -> faults(other).isEmpty());
    String mend =
        fits.map(other -> "`%s` fits this file".formatted(other.flags()))
            .orElse("no --encoder fits this file: " + found());
    throw new UsageException(
        flag, file, "does not fit %s: %s".formatted(spec.words(), faults), mend);
  }

  /**
   * Refuses a file whose tensors are not those of the net that its metadata claims.
   *
   * @throws IOException naming both
   */
  void requireClaimed(EncoderSpec claimed) throws IOException {
    Optional<EncoderSpec> found = inferred();
    // The claim alone must not decide what is compared: a width of millions has tensors to match.
    String faults =
        found.isEmpty()
            ? found()
            : found.get().equals(claimed)
                ? faults(claimed)
                : "its tensors are of " + found.get().words();
    if (!faults.isEmpty()) {
      throw new IOException(
          "%s is damaged: its metadata says %s, but %s; copy it again from where it was whole"
              .formatted(file, claimed.words(), faults));
    }
  }

  /**
   * Reads the tensors of a network that fits, float32.
   *
   * @return by torchvision's names; the caller's scope owns them
   * @throws IOException if one cannot be read or has values that are not finite
   */
  public Map<String, Tensor> tensors(EncoderSpec spec) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameters.Entry entry : expected(spec)) {
      float[] values = values(entry.name());
      long[] sizes = entry.shape().stream().mapToLong(Long::longValue).toArray();
      tensors.put(entry.name(), torch.from_blob(new FloatPointer(values), sizes).clone());
    }
    return tensors;
  }

  /**
   * Writes the encoder as {@link EncoderFile#write} would, atomically.
   *
   * @param spec one that fits
   * @param size side of the pictures it shall see, pixels
   * @throws IOException as {@link #tensors}, or if it cannot be written
   */
  public void write(
      Path to, EncoderSpec spec, int size, Normalisation normalisation, Map<String, String> about)
      throws IOException {
    Map<String, Safetensors.Piece> pieces = new TreeMap<>();
    for (Parameters.Entry entry : expected(spec)) {
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
    Safetensors.writePieces(to, pieces, EncoderFile.metadata(spec, size, normalisation, about));
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
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

  private Optional<EncoderSpec> inferred() {
    return place.family().inferred(shapes());
  }

  /** What tells of another network with the same shapes; for shapes without a fault. */
  private String otherwise(EncoderSpec spec) throws IOException {
    // What this program wrote was computed as it says, whatever it began from.
    return ours
        ? ""
        : place.family().otherwise(spec, place.place().prefix(), name -> own.get(name).floats());
  }

  private String found() {
    return place.family().found(shapes());
  }

  private Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    own.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return shapes;
  }

  private static List<Parameters.Entry> expected(EncoderSpec spec) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    spec.layout(layout, "");
    spec.statisticsLayout(layout, "");
    return layout.build().entries();
  }

  /** Empty where the tensors are those of the network. */
  private String faults(EncoderSpec spec) {
    List<String> missing = new ArrayList<>();
    List<String> other = new ArrayList<>();
    List<String> unexpected = new ArrayList<>(own.keySet());
    for (Parameters.Entry entry : expected(spec)) {
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
}
