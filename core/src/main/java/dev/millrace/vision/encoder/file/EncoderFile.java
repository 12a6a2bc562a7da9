package dev.millrace.vision.encoder.file;

import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Safetensors;
import dev.millrace.engine.StateDict;
import dev.millrace.file.Reason;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An encoder as it travels: weights under the names of torchvision's or timm's, and in the file's
 * metadata all that is needed to use them. Holds no time, host or path, so equal runs give equal
 * bytes. Close it to free the weights.
 */
public final class EncoderFile implements AutoCloseable {
  /**
   * Side of the pictures that weights from elsewhere want where nobody says: ImageNet's, pixels.
   */
  public static final int STANDARD_SIZE = 224;

  private static final Logger LOG = LoggerFactory.getLogger(EncoderFile.class);
  private static final String FORMAT = "millrace-encoder-1";

  private final EncoderNet net;
  private final int size;
  private final Map<String, String> metadata;
  private final Parameters weights;
  private final Parameters statistics;

  private EncoderFile(
      EncoderNet net,
      int size,
      Map<String, String> metadata,
      Parameters weights,
      Parameters statistics) {
    this.net = net;
    this.size = size;
    this.metadata = metadata;
    this.weights = weights;
    this.statistics = statistics;
  }

  /**
   * Writes an encoder atomically.
   *
   * @param size side of the pictures it was trained on, pixels
   * @param about further metadata: settings, data fingerprint
   */
  public static void write(
      Path file, EncoderNet net, int size, Normalisation normalisation, Map<String, String> about)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Safetensors.write(file, net.state(), metadata(net.spec(), size, normalisation, about));
    }
  }

  /**
   * All that is needed to use an encoder, and what else there is to say of it; a file that is
   * written with it carries its own checksum.
   */
  static Map<String, String> metadata(
      EncoderSpec spec, int size, Normalisation normalisation, Map<String, String> about) {
    Map<String, String> metadata = new TreeMap<>(about);
    metadata.put("format", FORMAT);
    metadata.put("architecture", spec.name());
    metadata.putAll(spec.claims());
    metadata.put("size", Integer.toString(size));
    metadata.put("mean", Arrays.toString(normalisation.mean()));
    metadata.put("std", Arrays.toString(normalisation.std()));
    return Safetensors.sealed(metadata);
  }

  /**
   * Reads an encoder that {@link #write} wrote.
   *
   * @throws IOException if the file is damaged or no encoder file
   */
  public static EncoderFile read(Path file, Device device) throws IOException {
    StateDict dict = StateDict.open(file);
    if (!own(dict)) {
      throw new IOException(
          file
              + " is not an encoder file: its metadata names no architecture; give an encoder.safetensors of a run");
    }
    return read(new WeightsFile(file), dict, device);
  }

  /**
   * Reads an encoder that {@link #write} wrote, or any state dict that {@link EncoderWeights}
   * understands. Such a one says nothing of its pictures: its size is the caller's, its
   * normalisation is taken to be ImageNet's, and what is left out of it is logged.
   *
   * @param file a file, or {@code FILE#NAME}, see {@link WeightsFile}
   * @param size side of the pictures, pixels, where neither the file nor the network names one
   * @throws IOException if the file is damaged, or holds no encoder that is known
   */
  public static EncoderFile read(Path file, int size, Device device) throws IOException {
    WeightsFile named = WeightsFile.of(file);
    StateDict dict = StateDict.open(named.path());
    if (own(dict)) {
      return read(named, dict, device);
    }
    EncoderWeights weights = EncoderWeights.of(named, dict);
    EncoderSpec spec = weights.spec();
    int side = spec.onlySize().orElse(size);
    Map<String, String> metadata = metadata(spec, side, Normalisation.imagenet(), Map.of());
    EncoderFile encoder = untrained(spec, side, metadata, device);
    try (PointerScope scope = new PointerScope()) {
      encoder.net.load(weights.tensors(spec));
    } catch (IOException e) {
      encoder.close();
      throw e;
    }
    LOG.info("{}: {}", file, weights.told(spec));
    return encoder;
  }

  /** Whether it is a file that Millrace wrote. */
  static boolean own(StateDict dict) {
    return dict.metadata().getOrDefault("format", "").equals(FORMAT);
  }

  /** Claims are held to the tensors that are there before memory is asked for. */
  private static EncoderFile read(WeightsFile named, StateDict dict, Device device)
      throws IOException {
    Path file = named.path();
    EncoderClaims claims = new EncoderClaims(file, dict.metadata());
    EncoderSpec spec = claims.spec();
    int size = claims.size();
    if (dict.metadata().containsKey("mean") || dict.metadata().containsKey("std")) {
      claims.normalisation();
    }
    EncoderWeights.of(named, dict).requireClaimed(spec);
    try (PointerScope scope = new PointerScope()) {
      Safetensors.Contents contents = Safetensors.read(file, device);
      EncoderFile encoder = untrained(spec, size, contents.metadata(), device);
      try {
        encoder.net.load(contents.tensors());
      } catch (RuntimeException e) {
        encoder.close();
        throw e;
      }
      return encoder;
    }
  }

  /** A net of a shape with zero weights, to be initialised by the caller. */
  public static EncoderFile untrained(
      EncoderSpec spec, int size, Map<String, String> metadata, Device device) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    spec.layout(layout, "");
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    spec.statisticsLayout(statisticsLayout, "");
    Parameters weights = new Parameters(layout.build(), device, false);
    Parameters statistics = new Parameters(statisticsLayout.build(), device, false);
    return new EncoderFile(
        spec.over(weights, "", statistics, ""), size, Map.copyOf(metadata), weights, statistics);
  }

  /** The network; lives until this is closed. */
  public EncoderNet net() {
    return net;
  }

  /** Side of the pictures it was trained on, pixels. */
  public int size() {
    return size;
  }

  /**
   * What its pictures are normalised by.
   *
   * @throws IllegalStateException if the metadata has none, as that of an untrained net
   */
  public Normalisation normalisation() {
    try {
      return new EncoderClaims(Path.of("the encoder's file"), metadata).normalisation();
    } catch (IOException e) {
      throw new IllegalStateException(Reason.whole(e) + ", or write it again with this version", e);
    }
  }

  /** Everything the file says about itself. */
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public void close() {
    net.close();
    weights.close();
    statistics.close();
  }
}
