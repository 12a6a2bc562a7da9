package dev.millrace.inference;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.NativeCall;
import dev.millrace.engine.Precision;
import dev.millrace.probe.FeatureStream;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.AwtPixels;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.file.WeightsFile;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.ViewMaker;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.StampedLock;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A pre-trained encoder in use: pictures in, vectors out. A picture is scaled so that its shorter
 * side has {@link #size()} pixels (antialiased), cropped to the centre square, normalised as the
 * encoder's file says, and goes through the frozen network; its vector is {@code [D] float32}, D
 * being {@link #dim()}, of any range and not normalised to a length.
 *
 * <pre>{@code
 * try (Encoder encoder = Encoder.load(Path.of("runs/photos/encoder.safetensors"))) {
 *   float[] vector = encoder.embed(Path.of("cat.jpg"));
 * }
 * }</pre>
 *
 * <p>Thread-safe: callers decode side by side, the network computes for one after another, and each
 * gets the numbers that it would get alone. A picture's vector is the same whether it comes alone
 * or in a list: in single precision, the default, up to 1e-5 of the vector's largest number, and in
 * bfloat16 up to 1e-2, as sums are made in another order. One picture asked for twice in the same
 * way gives the same bits.
 *
 * <p>An interrupt ends a list between two of its blocks, by a {@link
 * java.util.concurrent.CancellationException}, and one picture never; the flag stays set. A process
 * that exits waits for the pictures under way, and later calls throw the same exception.
 *
 * <p>Close it, after the last call, to free the weights.
 */
public final class Encoder implements AutoCloseable {
  /**
   * How an encoder computes.
   *
   * @param precision of the network: FP32, or BF16, which is about twice as fast where the
   *     processor has instructions for it, and exact to about 1e-2 of a vector's largest number
   * @param size side of what the network sees, at least 8 pixels; 0 for that of the encoder's
   *     training
   * @param device where the network computes
   * @param threads that the network computes with, and that decode the pictures of a list, at least
   *     1; sums depend on it in their last bits. Products of matrices, of which a transformer is
   *     made, take as many as the process was told last, or the first encoder's
   */
  public record Options(Precision precision, int size, Device device, int threads) {
    /** Refuses sizes and threads that cannot be. */
    public Options {
      if (size != 0 && size < 8 || threads < 1) {
        throw UsageException.of(
            "--size",
            "%d and --threads %d; expected at least 8 pixels, or 0 for the encoder's own, and at least 1 thread"
                .formatted(size, threads));
      }
    }

    /** Single precision, the encoder's own size, the processor, a thread a core. */
    public static Options standard() {
      return new Options(
          Precision.FP32, 0, new Device("cpu"), Runtime.getRuntime().availableProcessors());
    }

    /** These in another precision. */
    public Options with(Precision other) {
      return new Options(other, size, device, threads);
    }

    /** These with this many threads. */
    public Options with(int cores) {
      return new Options(precision, size, device, cores);
    }
  }

  private final EncoderThread net;
  private final ViewMaker views;
  private final PictureLists lists;
  private final Options options;
  private final int size;
  private final Map<String, String> metadata;
  private final String sha256;

  /** Each call reads, and closing writes: it waits for those under way. */
  private final StampedLock calls = new StampedLock();

  private volatile boolean closed;

  /** Ends a call. */
  private interface Call extends AutoCloseable {
    @Override
    void close();
  }

  private Encoder(EncoderFile file, String sha256, Options options) {
    this.options = options;
    this.sha256 = sha256;
    metadata = file.metadata();
    size = options.size() == 0 ? file.size() : options.size();
    file.net().spec().requireSize(size);
    views = new ViewMaker(Augmentation.mocoV2(size), file.normalisation());
    net = new EncoderThread(file.net().freeze(options.precision()), options.threads());
    lists = new PictureLists(net, views, size, options.threads());
  }

  /**
   * Loads an encoder in single precision.
   *
   * @param file an {@code encoder.safetensors} of a run
   * @throws IOException if it is missing, damaged or no encoder file
   */
  public static Encoder load(Path file) throws IOException {
    return load(file, Options.standard());
  }

  /**
   * Loads an encoder.
   *
   * @param file an {@code encoder.safetensors} of a run, or a state dict of torchvision's, timm's
   *     or a training script's ({@code .safetensors}, {@code .pth}); such a one says nothing of its
   *     pictures, which are taken to be normalised as ImageNet's and of 224 pixels where the
   *     options give no size; {@code FILE#teacher} chooses where a file has several encoders
   * @throws IOException if it is missing, damaged or no encoder file
   */
  public static Encoder load(Path file, Options options) throws IOException {
    WeightsFile weights = WeightsFile.of(file);
    if (!weights.exists()) {
      throw new IOException(file + " is no file; give the encoder.safetensors of a run");
    }
    return NativeCall.run(
        call -> {
          Compute.beginWithin(options.threads(), options.device());
          int size = options.size() == 0 ? EncoderFile.STANDARD_SIZE : options.size();
          while (true) {
            String sha256 = weights.sha256();
            try (EncoderFile opened = EncoderFile.read(file, size, options.device())) {
              // That of a run may have been replaced meanwhile, by an extension that was finished.
              if (sha256.equals(weights.sha256())) {
                return new Encoder(opened, sha256, options);
              }
            }
          }
        });
  }

  /** Numbers of a vector, D. */
  public int dim() {
    return net.net().spec().dim();
  }

  /** Side of what the network sees, pixels. */
  public int size() {
    return size;
  }

  /** How it computes. */
  public Options options() {
    return options;
  }

  /**
   * SHA-256 of the encoder's file, hex: vectors of equal checksums can be compared. Where one of
   * several encoders in a file was chosen by {@code FILE#NAME}, that of the checksum and NAME.
   */
  public String sha256() {
    return sha256;
  }

  /** Everything the file says about itself: architecture, training settings, data fingerprint. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The vector of a picture in a file: JPEG, PNG, WebP, GIF, BMP, TIFF or PNM.
   *
   * @return {@code [D] float32}, the caller's
   * @throws IOException if the file cannot be read, or has more than 512 MiB
   * @throws BadPictureException if it is no picture, a broken one, or too large; the reason names
   *     the file
   */
  public float[] embed(Path file) throws IOException, BadPictureException {
    try (Call call = call()) {
      return embed(picture(file));
    }
  }

  /** Begins a call, which closing waits for. */
  private Call call() {
    // By trying, which passes one who closes and waits: a call must not wait for other calls.
    long stamp = calls.tryReadLock();
    if (stamp == 0 || closed) {
      if (stamp != 0) {
        calls.unlockRead(stamp);
      }
      throw EncoderThread.closed(null);
    }
    return () -> calls.unlockRead(stamp);
  }

  private Pixels picture(Path file) throws IOException, BadPictureException {
    byte[] bytes;
    try {
      bytes = Decoder.read(file);
    } catch (BadPictureException e) {
      throw new BadPictureException(file + " " + e.reason());
    }
    try {
      return Decoder.forView(bytes, size);
    } catch (BadPictureException e) {
      throw new BadPictureException(file + " is " + e.reason());
    }
  }

  /**
   * The vector of an encoded picture.
   *
   * @param encoded the bytes of a picture's file; not kept
   * @return {@code [D] float32}, the caller's
   * @throws BadPictureException if they are no picture, a broken one, or above 100 million pixels
   */
  public float[] embed(byte[] encoded) throws BadPictureException {
    try (Call call = call()) {
      return embed(Decoder.forView(encoded, size));
    }
  }

  /**
   * The vector of a picture in memory, from its very pixels; nothing is encoded on the way. Java
   * reads a JPEG a little differently than {@link #embed(Path)}, and leaves its EXIF orientation to
   * the caller; a PNG gives the same vector either way.
   *
   * @param picture of any type, not written to; alpha is dropped
   * @return {@code [D] float32}, the caller's
   * @throws BadPictureException if it is above 100 million pixels
   */
  public float[] embed(BufferedImage picture) throws BadPictureException {
    try (Call call = call()) {
      return embed(AwtPixels.of(picture));
    }
  }

  private float[] embed(Pixels picture) {
    try (FloatPointer view = new FloatPointer(3L * size * size)) {
      views.plain(picture, size, view.asBuffer(), 0);
      return finite(net.compute(view, 1, size));
    }
  }

  /**
   * Refuses numbers that no similarity can be computed of.
   *
   * @throws IllegalStateException if the weights make NaN or infinity of a picture
   */
  static float[] finite(float[] vector) {
    for (float number : vector) {
      if (!Float.isFinite(number)) {
        throw new IllegalStateException(
            "the encoder makes %s of a picture, expected finite numbers: its weights are spoiled; load another encoder"
                .formatted(number));
      }
    }
    return vector;
  }

  /**
   * The vectors of pictures in files; faster than one by one. All or none: the first bad one ends
   * the call.
   *
   * @return {@code [N, D] float32}, in the list's order, the caller's
   * @throws IOException if a file cannot be read
   * @throws BadPictureException if one is no picture or a broken one; the reason names the file
   */
  public float[][] embedFiles(List<Path> files) throws IOException, BadPictureException {
    try (Call call = call()) {
      return lists.embed(files.size(), i -> picture(files.get(i)));
    }
  }

  /**
   * The vectors of encoded pictures; faster than one by one. All or none.
   *
   * @return {@code [N, D] float32}, in the list's order, the caller's
   * @throws BadPictureException if one is no picture or a broken one; the reason names its place
   */
  public float[][] embedEncoded(List<byte[]> encoded) throws BadPictureException {
    return ofMemory(encoded.size(), i -> Decoder.forView(encoded.get(i), size));
  }

  /**
   * The vectors of pictures in memory; faster than one by one. All or none.
   *
   * @return {@code [N, D] float32}, in the list's order, the caller's
   * @throws BadPictureException if one is above 100 million pixels; the reason names its place
   */
  public float[][] embedImages(List<BufferedImage> pictures) throws BadPictureException {
    return ofMemory(pictures.size(), i -> AwtPixels.of(pictures.get(i)));
  }

  /**
   * The vectors of a whole set, batch after batch in its order, in constant memory, bad pictures
   * listed. Its calls compute on the calling thread.
   *
   * @param from place of the first picture wanted; see {@link FeatureStream}
   * @return the caller closes it, before this; closing this does not wait for it, and what it is
   *     asked for afterwards is refused
   */
  public FeatureStream stream(ImageSet set, int from) {
    try (Call call = call()) {
      return new FeatureStream(
          net.net(), options.device(), set, from, size, views, options.threads());
    }
  }

  private float[][] ofMemory(int n, PictureLists.Source source) throws BadPictureException {
    try (Call call = call()) {
      return lists.embed(
          n,
          i -> {
            try {
              return source.pixels(i);
            } catch (BadPictureException e) {
              throw new BadPictureException("picture " + i + " of the list is " + e.reason());
            }
          });
    } catch (IOException e) {
      throw new IllegalStateException("nothing was read, and yet reading failed", e);
    }
  }

  /**
   * Frees the weights, after calls that are under way; later ones are refused by an {@link
   * IllegalStateException}. Once is enough, and more do nothing.
   */
  @Override
  public void close() {
    closed = true; // what begins from here on is refused at once
    long stamp = calls.writeLock();
    try {
      lists.close();
      net.close();
    } finally {
      calls.unlockWrite(stamp);
    }
  }
}
