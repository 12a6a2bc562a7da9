package dev.millrace.exchange.model;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The pictures on which a model is compared with libtorch: spread evenly over a set's test part,
 * shorter side to the encoder's size, centre crop.
 *
 * @param pixels {@code [N, 3, S, S] float32} in [0, 1], as other programs make them; the scope it
 *     was made in owns it
 * @param normalised the same as Millrace gives them to an encoder
 * @param set where they are from, in words
 */
record CheckPictures(Tensor pixels, Tensor normalised, String set) {
  /** At most this many: one by itself, the others in a batch. */
  static final int MOST = 17;

  private static final String GENERATED = "generated:images=" + MOST + ",test=0";

  /**
   * Pictures for a check: of the set that was asked for; else of the run's own; else generated
   * ones.
   *
   * @param asked a set; or null
   * @param own the run's sets; may be empty
   * @throws IllegalArgumentException if the set that was asked for is not there or has no picture
   *     that can be decoded
   */
  static CheckPictures of(
      String asked, List<String> own, Catalogue catalogue, int size, Normalisation normalisation)
      throws IOException {
    if (asked != null) {
      return of(asked, catalogue, size, normalisation);
    }
    if (own.isEmpty()) {
      return generated("there is no run whose data could be taken", size, normalisation, catalogue);
    }
    try {
      return of(own.get(0), catalogue, size, normalisation);
    } catch (IOException | IllegalArgumentException e) {
      // The message names a place, and these words go where the model goes.
      return generated(
          "the run's own set "
              + Source.nameOf(own.get(0))
              + " is not where the run took it, or cannot be read; --data SET compares on another",
          size,
          normalisation,
          catalogue);
    }
  }

  private static CheckPictures generated(
      String why, int size, Normalisation normalisation, Catalogue catalogue) throws IOException {
    CheckPictures made = of(GENERATED, catalogue, size, normalisation);
    return new CheckPictures(made.pixels, made.normalised, "generated (" + why + ")");
  }

  private static CheckPictures of(
      String name, Catalogue catalogue, int size, Normalisation normalisation) throws IOException {
    DataSet set = catalogue.open(name, Folders.AUTO, Need.PICTURES);
    ImageSet part = set.test().size() > 0 ? set.test() : set.train();
    List<Pixels> pictures = new ArrayList<>();
    String bad = "";
    int wanted = Math.min(MOST, part.size());
    for (int i = 0; i < wanted; i++) {
      int index = (int) ((long) i * part.size() / wanted);
      try {
        pictures.add(Decoder.forView(part.image(index), size));
      } catch (BadPictureException e) {
        // One bad picture is no reason not to compare on the others; none left is.
        bad = ": " + part.image(index).id() + " (" + e.reason() + ")";
      }
    }
    if (pictures.isEmpty()) {
      throw UsageException.of(
          "--data",
          "%s: none of %d pictures can be decoded%s; give a set that has some"
              .formatted(name, wanted, bad));
    }
    return new CheckPictures(
        views(pictures, size, new Normalisation(new float[3], new float[] {1, 1, 1})),
        views(pictures, size, normalisation),
        set.name());
  }

  private static Tensor views(List<Pixels> pictures, int size, Normalisation normalisation) {
    ViewMaker maker = new ViewMaker(Augmentation.mocoV2(size), normalisation);
    int floats = 3 * size * size;
    FloatPointer values = new FloatPointer((long) pictures.size() * floats);
    FloatBuffer out = values.asBuffer();
    for (int i = 0; i < pictures.size(); i++) {
      maker.plain(pictures.get(i), size, out, i * floats);
    }
    return torch
        .from_blob(
            values,
            new long[] {pictures.size(), 3, size, size},
            new TensorOptions(ScalarType.Float))
        .clone();
  }

  /** How many there are, N. */
  int count() {
    return (int) pixels.size(0);
  }
}
