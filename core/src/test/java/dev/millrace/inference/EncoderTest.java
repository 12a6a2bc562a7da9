package dev.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.file.Sha256;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.FeatureStream;
import dev.millrace.probe.Features;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderTest {
  private static final int SIZE = 16;
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Normalisation OWN =
      new Normalisation(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.25f, 0.3f});

  @TempDir static Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  /** A file of an encoder; of width 16 oneDNN computes it, of width 4 libtorch. */
  static Path encoder(int width, Normalisation normalisation) throws IOException {
    Path file = folder.resolve("encoder-%d-%s.safetensors".formatted(width, normalisation == OWN));
    if (!Files.exists(file)) {
      try (EncoderFile net =
          EncoderFile.untrained(
              new ResNetShape("resnet18", width, ResNetShape.Stem.SMALL),
              SIZE,
              Map.of(),
              new Device("cpu"))) {
        net.net().initialise(Draw.of(1, "encoder"));
        EncoderFile.write(file, net.net(), SIZE, normalisation, Map.of("data", "made up"));
      }
    }
    return file;
  }

  /** A picture that no other number makes; higher than wide by 5 pixels. */
  static BufferedImage picture(int number, int type) {
    BufferedImage picture = new BufferedImage(20, 25, type);
    for (int y = 0; y < 25; y++) {
      for (int x = 0; x < 20; x++) {
        int red = (x * (7 + number) + y * 5) & 255;
        int green = (y * (11 + number) + number * 40) & 255;
        picture.setRGB(x, y, 0xff << 24 | red << 16 | green << 8 | (x * y & 255));
      }
    }
    return picture;
  }

  static byte[] png(BufferedImage picture) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", out);
    return out.toByteArray();
  }

  private static List<byte[]> pictures(int n) throws IOException {
    List<byte[]> pictures = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      pictures.add(png(picture(i, BufferedImage.TYPE_INT_RGB)));
    }
    return pictures;
  }

  /** The largest difference as a share of the largest number. */
  private static double apart(float[] found, float[] expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    }
    return difference / largest;
  }

  /** OpenMP gives a thread that was never told its number one a core, as they wait for others. */
  @Test
  void itComputesWithItsOwnNumberOfThreadsWhateverTheProcessIsTold() throws Exception {
    assumeTrue(Files.isDirectory(TASKS));
    try {
      for (int threads : new int[] {1, 3}) {
        for (int i = 0; i < 100 && encoderThreads() > 0; i++) {
          Thread.sleep(50); // of other tests' encoders, which are ending
        }
        try (Encoder encoder =
            Encoder.load(encoder(16, OWN), Encoder.Options.standard().with(threads))) {
          encoder.embedEncoded(pictures(3));
          Natives.threads(2);
          encoder.embedEncoded(pictures(3));
          assertThat(encoderThreads()).isEqualTo(threads);
        }
      }
    } finally {
      Natives.threads(1);
    }
  }

  /** Threads that OpenMP starts have the name of the one that computes. */
  private static long encoderThreads() throws IOException {
    try (Stream<Path> tasks = Files.list(TASKS)) {
      return tasks.filter(EncoderTest::isEncoder).count();
    }
  }

  private static boolean isEncoder(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip().equals("encoder");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  @Test
  void itTellsWhatTheFileSays() throws IOException {
    Path file = encoder(4, OWN);
    try (Encoder encoder = Encoder.load(file)) {
      assertThat(encoder.dim()).isEqualTo(32);
      assertThat(encoder.size()).isEqualTo(SIZE);
      assertThat(encoder.sha256()).isEqualTo(Sha256.of(file));
      assertThat(encoder.metadata())
          .containsEntry("architecture", "resnet18")
          .containsEntry("data", "made up");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void aPictureAloneAndInAListHasTheVectorThatAProbeSees(int width) throws Exception {
    List<byte[]> pictures = pictures(75);
    Path data = Files.createDirectories(folder.resolve("data-" + width).resolve("one"));
    for (int i = 0; i < pictures.size(); i++) {
      Files.write(data.resolve("%03d.png".formatted(i)), pictures.get(i));
    }
    ImageSet set = new Catalogue(null, folder).open(data.getParent().toString()).train();
    Path file = encoder(width, OWN);
    FeatureMatrix probed;
    try (EncoderFile net = EncoderFile.read(file, new Device("cpu"))) {
      ViewMaker views = new ViewMaker(Augmentation.mocoV2(SIZE), OWN);
      probed = new Features(SIZE, views, 1).of(net.net(), set, new Device("cpu"), Precision.FP32);
    }
    try (Encoder encoder = Encoder.load(file)) {
      for (int n : new int[] {0, 1, 2, 8, 9, 64, 75}) {
        float[][] listed = encoder.embedEncoded(pictures.subList(0, n));
        assertThat(listed).hasDimensions(n, n == 0 ? 0 : encoder.dim());
        for (int i = 0; i < n; i++) {
          assertThat(apart(listed[i], probed.rows(new int[] {i}).values()))
              .as(i + " of " + n)
              .isLessThan(1e-5);
        }
      }
      for (int i = 0; i < pictures.size(); i++) {
        assertThat(apart(encoder.embed(pictures.get(i)), probed.rows(new int[] {i}).values()))
            .isLessThan(1e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_USHORT_565_RGB,
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_USHORT_GRAY,
        BufferedImage.TYPE_BYTE_INDEXED,
        BufferedImage.TYPE_BYTE_BINARY
      })
  void aPictureInMemoryHasTheVectorOfItsLosslessFile(int type) throws Exception {
    BufferedImage picture = picture(3, type);
    Path file = Files.write(folder.resolve("picture-" + type + ".png"), png(picture));
    try (Encoder encoder = Encoder.load(encoder(16, OWN))) {
      float[] expected = encoder.embed(file);
      assertThat(encoder.embed(picture)).isEqualTo(expected);
      assertThat(encoder.embed(ImageIO.read(file.toFile()))).isEqualTo(expected);
      assertThat(encoder.embed(Files.readAllBytes(file))).isEqualTo(expected);
      assertThat(encoder.embedImages(List.of(picture))[0]).isEqualTo(expected);
      assertThat(encoder.embedFiles(List.of(file))[0]).isEqualTo(expected);
    }
  }

  @Test
  void aPartOfAPictureInMemoryIsThatPartAlone() throws Exception {
    BufferedImage whole = picture(3, BufferedImage.TYPE_3BYTE_BGR);
    BufferedImage part = whole.getSubimage(2, 3, 17, 18);
    try (Encoder encoder = Encoder.load(encoder(16, OWN))) {
      assertThat(encoder.embed(part)).isEqualTo(encoder.embed(png(part)));
      assertThat(encoder.embed(part)).isNotEqualTo(encoder.embed(whole));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void callersAtTheSameTimeGetTheNumbersOfOneCaller(int width) throws Exception {
    List<byte[]> pictures = pictures(12);
    try (Encoder encoder = Encoder.load(encoder(width, OWN))) {
      float[][] listed = encoder.embedEncoded(pictures);
      float[][] alone = new float[12][];
      for (int i = 0; i < 12; i++) {
        alone[i] = encoder.embed(pictures.get(i));
      }
      ExecutorService callers = Executors.newFixedThreadPool(6);
      List<Future<?>> calls = new ArrayList<>();
      for (int c = 0; c < 6; c++) {
        int own = c;
        calls.add(
            callers.submit(
                () -> {
                  for (int i = 0; i < 24; i++) {
                    int p = (i + own) % 12;
                    assertThat(encoder.embed(pictures.get(p))).isEqualTo(alone[p]);
                  }
                  assertThat(encoder.embedEncoded(pictures)).isDeepEqualTo(listed);
                  return null;
                }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
      callers.shutdown();
    }
  }

  @Test
  void theFilesNormalisationIsUsed() throws Exception {
    byte[] picture = pictures(1).get(0);
    try (Encoder own = Encoder.load(encoder(4, OWN));
        Encoder other = Encoder.load(encoder(4, Normalisation.imagenet()))) {
      assertThat(apart(own.embed(picture), other.embed(picture))).isGreaterThan(0.01);
    }
  }

  @Test
  void sizeAndPrecisionAreTheCallersToChoose() throws Exception {
    byte[] picture = pictures(1).get(0);
    Encoder.Options standard = Encoder.Options.standard();
    try (Encoder exact = Encoder.load(encoder(16, OWN));
        Encoder rounded = Encoder.load(encoder(16, OWN), standard.with(Precision.BF16));
        Encoder larger =
            Encoder.load(
                encoder(16, OWN), new Encoder.Options(Precision.FP32, 24, new Device("cpu"), 1))) {
      assertThat(larger.size()).isEqualTo(24);
      assertThat(apart(larger.embed(picture), exact.embed(picture))).isGreaterThan(0.01);
      assertThat(apart(rounded.embed(picture), exact.embed(picture))).isBetween(1e-6, 0.02);
    }
    assertThatThrownBy(() -> new Encoder.Options(Precision.FP32, 7, new Device("cpu"), 1))
        .hasMessageContaining("--size 7");
  }

  @Test
  void aSetStreamsThroughInItsOrderAndFromAnyBatchOn() throws Exception {
    ImageSet set = Catalogue.standard().open("generated:images=600,classes=4,size=16").train();
    try (Encoder encoder = Encoder.load(encoder(16, OWN))) {
      List<float[]> all = new ArrayList<>();
      try (FeatureStream stream = encoder.stream(set, 0)) {
        for (FeatureStream.Batch b = stream.take(); b != null; b = stream.take()) {
          all.add(b.features());
        }
      }
      assertThat(all).hasSize(3);
      assertThat(all.get(2)).hasSize(100 * encoder.dim());
      try (FeatureStream stream = encoder.stream(set, 250)) {
        FeatureStream.Batch second = stream.take();
        assertThat(second.from()).isEqualTo(250);
        assertThat(second.features()).isEqualTo(all.get(1));
      }
    }
  }

  @Test
  void aBadPictureIsNamedAndLeavesNothingBehind() throws Exception {
    Path bad = Files.writeString(folder.resolve("bad.jpg"), "no picture");
    Path good = Files.write(folder.resolve("good.png"), pictures(1).get(0));
    try (Encoder encoder = Encoder.load(encoder(4, OWN))) {
      encoder.embed(good);
      encoder.embedFiles(List.of(good, good));
      long before = Pointer.totalCount();
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> encoder.embed(bad))
            .isInstanceOf(BadPictureException.class)
            .hasMessageContaining("not a picture");
        assertThatThrownBy(() -> encoder.embedFiles(List.of(good, bad, good)))
            .isInstanceOf(BadPictureException.class)
            .hasMessageContaining("bad.jpg");
        assertThatThrownBy(() -> encoder.embedEncoded(List.of(new byte[9], new byte[0])))
            .hasMessageContaining("picture 0 of the list");
        assertThatThrownBy(() -> encoder.embedFiles(List.of(folder.resolve("none.jpg"))))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("none.jpg");
        encoder.embedFiles(List.of(good, good));
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before + 2);
    }
  }

  @Test
  void aClosedEncoderSaysSo() throws Exception {
    Encoder encoder = Encoder.load(encoder(4, OWN));
    encoder.close();
    encoder.close();
    byte[] picture = pictures(1).get(0);
    assertThatThrownBy(() -> encoder.embed(picture)).hasMessageContaining("is closed");
    assertThatThrownBy(() -> encoder.embedEncoded(List.of(picture)))
        .hasMessageContaining("is closed");
    ImageSet set = Catalogue.standard().open("generated:images=4;test=4;size=16").learnable();
    assertThatThrownBy(() -> encoder.stream(set, 0)).hasMessageContaining("is closed");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void aStreamWhoseEncoderWasClosedSaysSo(int width) throws Exception {
    Encoder encoder = Encoder.load(encoder(width, OWN));
    ImageSet set = Catalogue.standard().open("generated:images=4;test=4;size=16").learnable();
    try (FeatureStream features = encoder.stream(set, 0)) {
      encoder.close();
      assertThatThrownBy(() -> features.take().features()).hasMessageContaining("is closed");
    }
  }

  @Test
  @Timeout(60)
  void closingWaitsForACallThatIsUnderWay() throws Exception {
    List<Path> files = new ArrayList<>();
    for (byte[] picture : pictures(9)) {
      files.add(Files.write(Files.createTempFile(folder, "picture", ".png"), picture));
    }
    Encoder encoder = Encoder.load(encoder(4, OWN));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<Path> slow =
        new AbstractList<>() {
          @Override
          public Path get(int index) {
            begun.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return files.get(index);
          }

          @Override
          public int size() {
            return files.size();
          }
        };
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      Future<float[][]> call = two.submit(() -> encoder.embedFiles(slow));
      begun.await();
      Future<?> closing = two.submit(encoder::close);
      assertThatThrownBy(() -> closing.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      goOn.countDown();
      assertThat(call.get()).hasDimensions(files.size(), encoder.dim());
      closing.get();
    } finally {
      goOn.countDown();
      two.shutdownNow();
    }
  }

  @Test
  void weightsFromElsewhereAreUsedAtTheSizeThatIsAskedFor() throws Exception {
    Path file = Path.of("src/test/resources/golden/state-dict/resnet18-1.safetensors");
    try (Encoder whole = Encoder.load(file);
        Encoder small =
            Encoder.load(file, new Encoder.Options(Precision.FP32, 32, new Device("cpu"), 1))) {
      assertThat(whole.size()).isEqualTo(224);
      assertThat(small.size()).isEqualTo(32);
      assertThat(small.embed(picture(1, BufferedImage.TYPE_INT_RGB))).hasSize(small.dim());
    }
  }

  @Test
  void aFileThatIsNoEncoderIsRefused() throws Exception {
    assertThatThrownBy(() -> Encoder.load(folder.resolve("none.safetensors")))
        .hasMessageContaining("is no file");
    Path file = Files.writeString(folder.resolve("text.safetensors"), "hello, this is text");
    assertThatThrownBy(() -> Encoder.load(file)).isInstanceOf(IOException.class);
  }

  @Test
  void theReadmesExampleFindsThePictureMostAlike() throws Exception {
    List<String> args = new ArrayList<>(List.of(encoder(16, OWN).toString()));
    for (int i : new int[] {2, 0, 5, 2, 4}) {
      Path file = folder.resolve("alike-" + args.size() + ".png");
      args.add(Files.write(file, pictures(6).get(i)).toString());
    }
    AlikeExample.main(args.toArray(String[]::new));
    float[][] vectors;
    try (Encoder encoder = Encoder.load(Path.of(args.get(0)))) {
      vectors = encoder.embedFiles(args.stream().skip(1).map(Path::of).toList());
    }
    assertThat(AlikeExample.cosine(vectors[0], vectors[3])).isGreaterThan(1 - 1e-6);
    assertThat(AlikeExample.cosine(vectors[0], vectors[2])).isLessThan(1 - 1e-6);
  }

  @Test
  void theReadmeShowsTheExampleAsItRuns() throws IOException {
    String example =
        Files.readString(Path.of("src/test/java/dev/millrace/inference/AlikeExample.java"))
            .replaceAll("(?s).*// region readme\n(.*?)\\s*// endregion.*", "$1");
    String readme = Files.readString(Path.of("../README.md"));
    assertThat(readme.replaceAll("\\s+", "").contains(example.replaceAll("\\s+", "")))
        .as("the README shows AlikeExample's region")
        .isTrue();
  }
}
