package dev.millrace.vision.view;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.NativeBuffers;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.SourceException;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.PictureCheck;
import dev.millrace.vision.decode.Pixels;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Views of some drawn pictures of a set, decoded once to be looked at by several encoders; those
 * that cannot be decoded are passed over. Not thread-safe; close it to free the views.
 */
public final class FixedViews implements AutoCloseable {
  /** Makes one view of a picture, {@code [3, S, S] float32}, into a buffer. */
  private interface Maker {
    void view(Pixels picture, int place, int view, FloatBuffer out);
  }

  private final Tensor[] views;
  private final int[] labels;
  private final long[] names;
  private final List<PictureCheck.Bad> bad = new ArrayList<>();

  private FixedViews(
      ImageSet set, int count, int[] sides, int size, Draw draw, Device device, Maker maker)
      throws IOException {
    int most = Math.min(count, set.size());
    int[] drawn = new int[most];
    long[] named = new long[most];
    int views = sides.length;
    int made = 0;
    try (PointerScope scope = new PointerScope()) {
      FloatPointer[] memory = new FloatPointer[views];
      Arrays.setAll(memory, v -> new FloatPointer(3L * most * sides[v] * sides[v]));
      int[] order = draw.permutation(set.size());
      for (int at = 0; at < order.length && made < most; at++) {
        Image image = set.image(order[at]);
        Pixels picture;
        try {
          picture = Decoder.forView(image, size);
        } catch (SourceException e) {
          throw e;
        } catch (IOException | BadPictureException | RuntimeException e) {
          // What a check says is bad, too, and nothing else: a place that fails is no picture's
          // fault.
          String reason = PictureCheck.reason(image);
          if (reason == null) {
            throw e instanceof IOException source
                ? source
                : new IOException(
                    "%s failed, but decodes when it is looked at again: %s"
                        .formatted(image.id(), Reason.of(e)),
                    e);
          }
          bad.add(new PictureCheck.Bad(image.id(), reason));
          continue;
        }
        for (int v = 0; v < views; v++) {
          long floats = 3L * sides[v] * sides[v];
          maker.view(picture, made, v, NativeBuffers.row(memory[v], made, floats));
        }
        named[made] = Sha256.number(image.id());
        drawn[made++] = image.label();
      }
      if (made == 0) {
        throw new IllegalArgumentException(
            set.name() + " has no picture that can be decoded; mend or replace its pictures");
      }
      labels = Arrays.copyOf(drawn, made);
      names = Arrays.copyOf(named, made);
      this.views = new Tensor[views];
      for (int v = 0; v < views; v++) {
        Tensor pictures =
            torch.from_blob(
                memory[v],
                new long[] {made, 3, sides[v], sides[v]},
                new TensorOptions(ScalarType.Float));
        this.views[v] = pictures.clone().to(device.torch(), ScalarType.Float);
        this.views[v].retainReference();
      }
    }
  }

  /**
   * One view each as probes see it.
   *
   * @param count pictures at most
   * @param draw chooses them
   */
  public static FixedViews plain(
      ImageSet set, int count, ViewMaker maker, int size, Draw draw, Device device)
      throws IOException {
    return new FixedViews(
        set,
        count,
        new int[] {size},
        size,
        draw,
        device,
        (picture, place, view, out) -> maker.plain(picture, size, out, 0));
  }

  /**
   * Random views as training makes them.
   *
   * @param count pictures at most
   * @param views of each picture
   * @param maker of the views, each of its own size
   * @param draw chooses the pictures
   * @param chunk of the places that decide the views
   */
  public static FixedViews random(
      ImageSet set,
      int count,
      int views,
      ViewMaker maker,
      Draw draw,
      long seed,
      int chunk,
      Device device)
      throws IOException {
    return new FixedViews(
        set,
        count,
        IntStream.range(0, views).map(maker::size).toArray(),
        maker.size(0),
        draw,
        device,
        (picture, place, view, out) ->
            maker.augment(picture, new Place(seed, chunk, 0, place, view), out, 0));
  }

  /** Pictures N. */
  public int count() {
    return labels.length;
  }

  /** Pictures that were drawn and passed over, in the order of the draw. */
  public List<PictureCheck.Bad> bad() {
    return List.copyOf(bad);
  }

  /** Different labels among the pictures, at least 1. */
  public int classes() {
    return (int) Arrays.stream(labels).distinct().count();
  }

  /** The pictures' labels, as the set has them; {@link dev.millrace.stream.Image#NONE} for none. */
  public int[] labels() {
    return labels.clone();
  }

  /** All of one view, {@code [N, 3, S, S] float32}; owned by this object. */
  public Tensor view(int view) {
    return views[view];
  }

  /**
   * The pictures' labels, mapped.
   *
   * @param numbers new number of each of the set's labels
   * @return {@code [N] int64}; the caller's scope owns it
   */
  public Tensor labels(int[] numbers, Device device) {
    return numbers(Arrays.stream(labels).mapToLong(label -> numbers[label]).toArray(), device);
  }

  /**
   * Which pictures these are, as {@link dev.millrace.learn.network.Views#pictures} has them.
   *
   * @param chunk that they came with
   * @return {@code [N, 2] int64}; the caller's scope owns it
   */
  public Tensor pictures(int chunk, Device device) {
    long[] pairs = new long[2 * names.length];
    for (int i = 0; i < names.length; i++) {
      pairs[2 * i] = chunk;
      pairs[2 * i + 1] = names[i];
    }
    return numbers(pairs, device).view(names.length, 2);
  }

  private static Tensor numbers(long[] values, Device device) {
    return torch
        .from_blob(
            new LongPointer(values), new long[] {values.length}, new TensorOptions(ScalarType.Long))
        .clone()
        .to(device.torch(), ScalarType.Long);
  }

  @Override
  public void close() {
    for (Tensor view : views) {
      view.releaseReference();
    }
  }
}
