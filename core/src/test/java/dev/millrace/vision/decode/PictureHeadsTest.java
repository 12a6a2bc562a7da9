package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageList;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;

class PictureHeadsTest {
  /** Content of a source that knows sizes, and how much of it was read. */
  private record Known(byte[] bytes, AtomicInteger most) implements Image.Content {
    @Override
    public byte[] read() {
      most.accumulateAndGet(bytes.length, Math::max);
      return bytes;
    }

    @Override
    public byte[] head(int limit) {
      most.accumulateAndGet(Math.min(limit, bytes.length), Math::max);
      return Arrays.copyOf(bytes, Math.min(limit, bytes.length));
    }

    @Override
    public long size() {
      return bytes.length;
    }
  }

  private static ImageSet files(Image.Content... contents) {
    List<Image> images = new ArrayList<>();
    for (Image.Content content : contents) {
      images.add(new Image("p" + images.size(), Image.NONE, Image.NONE, content));
    }
    return new ImageList("files", images);
  }

  private static byte[] encoded(String ending, int side) {
    try (Mat noise = new Mat(side, side, opencv_core.CV_8UC3);
        Mat low = new Mat(1, 1, opencv_core.CV_64F);
        BytePointer out = new BytePointer()) {
      byte[] pixels = new byte[side * side * 3];
      new java.util.Random(5).nextBytes(pixels);
      noise.data().put(pixels);
      opencv_imgcodecs.imencode(ending, noise, out);
      byte[] bytes = new byte[(int) out.limit()];
      out.get(bytes);
      return bytes;
    }
  }

  @Test
  void noGoodPictureOfAnyFormatAndSizeIsTakenForABadOne() {
    for (String ending : List.of(".jpg", ".png", ".webp", ".bmp", ".tiff", ".ppm", ".gif")) {
      for (int side : List.of(8, 200)) {
        byte[] bytes = encoded(ending, side);
        ImageSet set = files(new Known(bytes, new AtomicInteger()));
        assertThat(PictureHeads.look(set, 1, () -> false).bad()).as(ending + " " + side).isEmpty();
      }
    }
  }

  @Test
  void whatCannotBeAPictureIsNamedWithoutReadingMoreThanItsHead() {
    AtomicInteger most = new AtomicInteger();
    byte[] text = "no picture, but text ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
    byte[] jpeg = encoded(".jpg", 16);
    ImageSet set =
        files(
            new Known(jpeg, most),
            new Known(new byte[0], most),
            new Known(text, most),
            new Known(Arrays.copyOf(jpeg, jpeg.length / 2), most),
            new Known(encoded(".png", 300), most));
    assertThat(PictureHeads.look(set, 2, () -> false).bad())
        .extracting(PictureCheck.Bad::id)
        .containsExactly("p1", "p2", "p3");
    assertThat(most).hasValue(PictureHeads.HEAD);
  }

  @Test
  void aSourceThatKnowsNoSizeIsLeftToTheFullCheckAndOneThatFailsIsBad() {
    ImageSet set =
        files(
            () -> {
              throw new IOException("must not be read");
            },
            new Image.Content() {
              @Override
              public byte[] read() throws IOException {
                throw new IOException("the disk has a fault");
              }

              @Override
              public long size() {
                return 5;
              }
            });
    assertThat(PictureHeads.look(set, 1, () -> false).bad())
        .containsExactly(new PictureCheck.Bad("p1", "cannot be read: the disk has a fault"));
  }

  @Test
  void aStopIsHeeded() {
    ImageSet set = files(new Known(new byte[0], new AtomicInteger()));
    assertThatThrownBy(() -> PictureHeads.look(set, 1, () -> true))
        .isInstanceOf(CancellationException.class);
  }
}
