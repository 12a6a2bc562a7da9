package dev.millrace.vision.decode;

import static dev.millrace.vision.decode.Decoded.Reduction.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PixelCacheTest {
  private static final int COST = 48 + 12; // of one 2×2 picture

  /** 2×2 pictures with their index in the first byte; every fifth is text, the eighth is gone. */
  private static final class Numbered implements ImageSet {
    final AtomicIntegerArray reads = new AtomicIntegerArray(40);

    @Override
    public String name() {
      return "numbered";
    }

    @Override
    public int size() {
      return reads.length();
    }

    @Override
    public Image image(int index) {
      return new Image("p" + index, Image.NONE, Image.NONE, () -> read(index));
    }

    private byte[] read(int index) throws IOException {
      reads.incrementAndGet(index);
      if (index == 8) {
        throw new IOException("p8: no such file");
      }
      String text = index % 5 == 4 ? "hello" : "P6 2 2 255\n" + (char) index + "-----------";
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  private final Numbered set = new Numbered();

  @Test
  void aKeptPictureIsDecodedOnce() throws Exception {
    PixelCache cache = new PixelCache(set, 32, 1000);
    Decoded first = cache.get(3, NONE);
    assertThat(first.pixels().rgb()[0]).isEqualTo((byte) 3);
    assertThat(cache.get(3, NONE)).isSameAs(first);
    assertThat(set.reads.get(3)).isEqualTo(1);
    assertThat(cache.bytes()).isEqualTo(COST);
  }

  @Test
  void aFullCacheKeepsWhatItHasAndDecodesTheRestAnew() throws Exception {
    PixelCache cache = new PixelCache(set, 32, 2 * COST + COST / 2);
    for (int pass = 0; pass < 3; pass++) {
      for (int i : new int[] {0, 1, 2, 3}) {
        assertThat(cache.get(i, NONE).pixels().rgb()[0]).isEqualTo((byte) i);
      }
    }
    assertThat(set.reads.get(1)).isEqualTo(1);
    assertThat(set.reads.get(2)).isEqualTo(3);
    assertThat(cache.bytes()).isEqualTo(2 * COST);
  }

  /** JPEGs of 256 × 192 pixels, of which each read is counted. */
  private static ImageSet photographs(AtomicIntegerArray reads, byte[] jpeg) {
    return new ImageSet() {
      @Override
      public String name() {
        return "photographs";
      }

      @Override
      public int size() {
        return reads.length();
      }

      @Override
      public Image image(int index) {
        return new Image(
            "j" + index,
            Image.NONE,
            Image.NONE,
            () -> {
              reads.incrementAndGet(index);
              return jpeg;
            });
      }

      @Override
      public List<String> classes() {
        return List.of();
      }

      @Override
      public List<String> domains() {
        return List.of();
      }
    };
  }

  @Test
  void aLargeJpegIsReadOnceKeptEncodedAndReducedAsAskedEachTime() throws Exception {
    byte[] jpeg = JpegPictures.gradient(256, 192);
    AtomicIntegerArray reads = new AtomicIntegerArray(3);
    PixelCache cache = new PixelCache(photographs(reads, jpeg), 32, 1 << 20);
    for (int reduction : new int[] {1, 4, 2, 1}) {
      Decoded decoded = cache.get(1, (width, height) -> reduction);
      assertThat(decoded.width()).isEqualTo(256);
      assertThat(decoded.height()).isEqualTo(192);
      assertThat(decoded.pixels().width()).isEqualTo(256 / reduction);
      assertThat(decoded.pixels().height()).isEqualTo(192 / reduction);
    }
    assertThat(reads.get(1)).isEqualTo(1);
    assertThat(cache.bytes()).isEqualTo(jpeg.length + 48);
  }

  @Test
  void aPictureThatNoCheckHasSeenIsCheckedBeforeItsPixelsAreTaken() throws Exception {
    byte[] jpeg = JpegPictures.gradient(256, 192);
    byte[] cut = java.util.Arrays.copyOf(jpeg, jpeg.length / 2);
    ImageSet set = photographs(new AtomicIntegerArray(3), cut);
    assertThatThrownBy(() -> new PixelCache(set, 32, 1 << 20, false).get(0, NONE))
        .isInstanceOf(BadPictureException.class);
    // What a check found good is not looked at again, which is why an unchecked one must be.
    assertThat(new PixelCache(set, 32, 1 << 20).get(0, NONE).width()).isEqualTo(256);
  }

  @Test
  void whatNoCropCanReduceIsKeptDecodedAndEncodedWherePixelsNoLongerFit() throws Exception {
    byte[] jpeg = JpegPictures.gradient(256, 192);
    AtomicIntegerArray reads = new AtomicIntegerArray(3);
    int pixels = 3 * 256 * 192 + 48;
    PixelCache cache = new PixelCache(photographs(reads, jpeg), 97, pixels + jpeg.length + 48);
    Decoded first = cache.get(0, NONE);
    assertThat(cache.get(0, NONE)).isSameAs(first);
    cache.get(1, NONE);
    cache.get(1, NONE);
    cache.get(2, NONE);
    cache.get(2, NONE);
    assertThat(cache.bytes()).isEqualTo(pixels + jpeg.length + 48);
    assertThat(new int[] {reads.get(0), reads.get(1), reads.get(2)}).containsExactly(1, 1, 2);
  }

  @Test
  void aCacheOfNothingStillDecodes() throws Exception {
    PixelCache cache = new PixelCache(set, 32, 0);
    assertThat(cache.get(1, NONE).pixels().rgb()[0]).isEqualTo((byte) 1);
    assertThat(cache.bytes()).isZero();
    assertThatThrownBy(() -> new PixelCache(set, 32, -1)).hasMessageContaining("maxBytes is -1");
  }

  @Test
  void badAndMissingPicturesFailEveryTime() {
    PixelCache cache = new PixelCache(set, 32, 1000);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> cache.get(4, NONE)).isInstanceOf(BadPictureException.class);
      assertThatThrownBy(() -> cache.get(8, NONE)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void manyThreadsNeverPassTheLimitAndCountExactly() {
    PixelCache cache = new PixelCache(set, 32, 10 * COST);
    IntStream.range(0, 4000)
        .parallel()
        .map(i -> i * 7 % 40)
        .filter(i -> i % 5 != 4 && i != 8)
        .forEach(
            i -> {
              try {
                assertThat(cache.get(i, NONE).pixels().rgb()[0]).isEqualTo((byte) i);
              } catch (IOException | BadPictureException e) {
                throw new AssertionError(e);
              }
              assertThat(cache.bytes()).isLessThanOrEqualTo(10 * COST);
            });
    assertThat(cache.bytes()).isEqualTo(10 * COST);
  }

  @Test
  void aCheckFindsTheSameBadPicturesWithAnyNumberOfThreads() {
    PictureCheck.Result one = PictureCheck.check(set, 1);
    PictureCheck.Result four = PictureCheck.check(set, 4);
    assertThat(four.good()).isEqualTo(one.good()).hasSize(31).isSorted().doesNotContain(4, 8);
    assertThat(four.bad()).isEqualTo(one.bad()).hasSize(9);
    assertThat(one.bad().get(1).id()).isEqualTo("p8");
    assertThat(one.bad().get(1).reason()).isEqualTo("cannot be read: p8: no such file");
    assertThat(one.bad().get(0).reason()).contains("starts with the text 'hello'");
  }

  @Test
  void aCheckOfAnEmptySetFindsNothing() {
    PictureCheck.Result result = PictureCheck.check(set.subset("none"), 3);
    assertThat(result.good()).isEmpty();
    assertThat(result.bad()).isEmpty();
  }

  @Test
  void whateverReadingOnePictureThrowsIsThatPicturesReason() {
    Throwable[] faults = {
      new OutOfMemoryError("Java heap space"),
      new IllegalStateException("the archive is odd"),
      new java.nio.file.NoSuchFileException("p"),
      null,
    };
    ImageSet odd =
        new ImageSet() {
          @Override
          public String name() {
            return "odd";
          }

          @Override
          public int size() {
            return faults.length;
          }

          @Override
          public Image image(int index) {
            return new Image(
                "o" + index,
                Image.NONE,
                Image.NONE,
                () -> {
                  if (faults[index] instanceof Error e) {
                    throw e;
                  }
                  if (faults[index] instanceof RuntimeException e) {
                    throw e;
                  }
                  if (faults[index] instanceof IOException e) {
                    throw e;
                  }
                  return "P6 1 1 255\nabc".getBytes(StandardCharsets.ISO_8859_1);
                });
          }

          @Override
          public List<String> classes() {
            return List.of();
          }

          @Override
          public List<String> domains() {
            return List.of();
          }
        };
    PictureCheck.Result result = PictureCheck.check(odd, 2);
    assertThat(result.good()).containsExactly(3);
    assertThat(result.bad())
        .extracting(PictureCheck.Bad::reason)
        .containsExactly(
            "cannot be read: the Java heap is too small for it",
            "cannot be read: the archive is odd",
            "cannot be read: there is no such file");
  }
}
