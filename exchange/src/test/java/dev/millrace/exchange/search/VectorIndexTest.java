package dev.millrace.exchange.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.probe.BadPicture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Indexes of vectors that no encoder made. */
class VectorIndexTest {
  private static final int BATCH = 100;

  @TempDir Path temporary;

  private IndexFolder folder;
  private int taken;

  @BeforeEach
  void folder() {
    folder = new IndexFolder(temporary.resolve("index"));
    taken = 0;
  }

  /** Clusters, as features have. */
  private static float[] vector(int place, int dim) {
    Draw centre = Draw.of(1, "centre", place % 20);
    Draw own = Draw.of(1, "own", place);
    float[] vector = new float[dim];
    for (int i = 0; i < dim; i++) {
      vector[i] = (float) (centre.at(i).gaussian() + own.at(i).gaussian());
    }
    return vector;
  }

  private static Origin origin(int pictures) {
    return new Origin("e".repeat(64), "d".repeat(64), 32, "fp32", pictures, List.of("set"), null);
  }

  private static Hit name(int place) {
    String label = place % 3 == 0 ? null : "class " + place % 3;
    return new Hit(place, place + ".png", place % 2 == 0 ? "train" : "test", label, 0);
  }

  private record Some(int from, int count, int dim, List<BadPicture> bad)
      implements IndexBuild.Batch {
    @Override
    public float[] vectors() {
      float[] rows = new float[(count - bad.size()) * dim];
      int row = 0;
      for (int place = from; place < from + count; place++) {
        int here = place;
        if (bad.stream().noneMatch(b -> b.place() == here)) {
          System.arraycopy(vector(place, dim), 0, rows, row++ * dim, dim);
        }
      }
      return rows;
    }
  }

  /**
   * Vectors in batches.
   *
   * @param dies after so many batches in all calls together; 0 for never
   */
  private IndexBuild.Vectors vectors(int pictures, int dim, int dies, int... bad) {
    return from ->
        new IndexBuild.Batches() {
          private int at = from;

          @Override
          public IndexBuild.Batch take() {
            if (dies > 0 && ++taken > dies) {
              throw new UncheckedIOException(new IOException("died"));
            }
            if (at >= pictures) {
              return null;
            }
            int begin = at;
            at = Math.min(pictures, at + BATCH);
            List<BadPicture> spoiled =
                Arrays.stream(bad)
                    .filter(place -> place >= begin && place < at)
                    .mapToObj(place -> new BadPicture(place, place + ".png", "cut off"))
                    .toList();
            return new Some(begin, at - begin, dim, spoiled);
          }

          @Override
          public void close() {}
        };
  }

  private void build(int pictures, IndexBuild.Vectors vectors, double commitSeconds)
      throws IOException {
    new IndexBuild(
            folder,
            origin(pictures),
            VectorIndexTest::name,
            new PictureSearch.Listener() {},
            commitSeconds)
        .go(folder.words(), vectors);
  }

  private List<Integer> places(VectorIndex index) throws IOException {
    return index.exact(List.of(VectorIndex.unit(vector(0, 16))), 10_000).get(0).stream()
        .map(Hit::place)
        .sorted()
        .toList();
  }

  @Test
  void theGraphFindsNearlyAllThatExactSearchFinds() throws IOException {
    build(3000, vectors(3000, 64, 0), 1e9);
    try (VectorIndex index = VectorIndex.open(folder)) {
      Recall recall = Recall.of(index, 3000, 200);
      assertThat(recall.k()).isEqualTo(10);
      assertThat(recall.queries()).isEqualTo(200);
      assertThat(recall.value()).isBetween(0.98, 1.0);
    }
  }

  /** A set whose pictures repeat: place p has the picture p modulo distinct. */
  private IndexBuild.Vectors repeated(int pictures, int distinct, int dies) {
    return from -> {
      IndexBuild.Batches plain = vectors(pictures, 1, dies).from(from);
      return new IndexBuild.Batches() {
        @Override
        public IndexBuild.Batch take() throws IOException {
          IndexBuild.Batch batch = plain.take();
          return batch == null ? null : new Repeated(batch.from(), batch.count(), distinct);
        }

        @Override
        public void close() {}
      };
    };
  }

  private record Repeated(int from, int count, int distinct) implements IndexBuild.Batch {
    @Override
    public List<BadPicture> bad() {
      return List.of();
    }

    @Override
    public float[] vectors() {
      float[] rows = new float[count * 32];
      for (int i = 0; i < count; i++) {
        System.arraycopy(vector((from + i) % distinct, 32), 0, rows, i * 32, 32);
      }
      return rows;
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 0", "100, 7", "1, 0"})
  void picturesThatASetHasManyTimesAreFoundAllAtOneNearness(int distinct, int dies)
      throws IOException {
    int copies = 50;
    int all = distinct * copies;
    if (dies > 0) {
      assertThatThrownBy(() -> build(all, repeated(all, distinct, dies), 0))
          .hasMessageContaining("died");
    }
    build(all, repeated(all, distinct, 0), 1e9);
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertThat(index.size()).isEqualTo(all);
      assertThat(Recall.of(index, all, 100).value()).isEqualTo(1);
      int place = all - 1;
      List<Integer> same =
          IntStream.range(0, all).filter(p -> p % distinct == place % distinct).boxed().toList();
      float[] query = index.vectors(List.of(place)).get(place);
      for (List<Hit> hits :
          List.of(index.near(query, copies), index.exact(List.of(query), copies).get(0))) {
        assertThat(hits.stream().map(Hit::place)).isEqualTo(same);
        assertThat(hits)
            .allSatisfy(hit -> assertThat(hit.cosine()).isGreaterThan(1 - 1e-6f))
            .allSatisfy(hit -> assertThat(hit.path()).isEqualTo(hit.place() + ".png"));
      }
      assertThat(index.near(query, all)).hasSizeGreaterThanOrEqualTo(copies);
    }
  }

  @Test
  void exactSearchIsThatOfALoopOverAllVectors() throws IOException {
    build(500, vectors(500, 16, 0), 1e9);
    float[] query = VectorIndex.unit(vector(777, 16));
    double[] cosines = new double[500];
    for (int place = 0; place < 500; place++) {
      float[] other = VectorIndex.unit(vector(place, 16));
      for (int i = 0; i < 16; i++) {
        cosines[place] += query[i] * other[i];
      }
    }
    List<Integer> expected =
        IntStream.range(0, 500)
            .boxed()
            .sorted(Comparator.comparingDouble(place -> -cosines[place]))
            .limit(12)
            .toList();
    try (VectorIndex index = VectorIndex.open(folder)) {
      List<Hit> hits = index.exact(List.of(query), 12).get(0);
      assertThat(hits.stream().map(Hit::place)).isEqualTo(expected);
      for (Hit hit : hits) {
        assertThat(hit.cosine())
            .isCloseTo(cosines[hit.place()], org.assertj.core.api.Assertions.within(1e-5));
        assertThat(new Hit(hit.place(), hit.path(), hit.part(), hit.label(), 0))
            .isEqualTo(name(hit.place()));
      }
      assertThat(index.near(query, 1).get(0).place()).isEqualTo(expected.get(0));
      assertThat(index.near(query, 600)).hasSize(500);
    }
  }

  @Test
  void vectorsAsLongAsThoseOfAResNet50CanBeIndexed() throws IOException {
    build(30, vectors(30, 2048, 0), 1e9);
    try (VectorIndex index = VectorIndex.open(folder)) {
      float[] own = VectorIndex.unit(vector(7, 2048));
      Hit first = index.near(own, 3).get(0);
      assertThat(first.place()).isEqualTo(7);
      assertThat(first.cosine()).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-5));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 4", "1e9, 2"})
  void anIndexWhoseMakingDiedIsGoneOnWithAndHoldsEveryPictureOnce(double commitSeconds, int dies)
      throws IOException {
    IndexBuild.Vectors mortal = vectors(350, 16, dies);
    assertThatThrownBy(() -> build(350, mortal, commitSeconds)).hasMessageContaining("died");
    Map<String, String> words = folder.words();
    assertThat(IndexFolder.complete(words)).isFalse();
    int kept = commitSeconds == 0 ? Math.min(350, dies * BATCH) : 0;
    assertThat(IndexFolder.done(words)).isEqualTo(kept);
    build(350, vectors(350, 16, 0), commitSeconds);
    assertThat(IndexFolder.complete(folder.words())).isTrue();
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertThat(places(index)).isEqualTo(IntStream.range(0, 350).boxed().toList());
    }
  }

  @Test
  void aStopKeepsWhatWasDone() throws IOException {
    PictureSearch.Listener stopping =
        new PictureSearch.Listener() {
          @Override
          public boolean stop() {
            return true;
          }
        };
    IndexBuild build = new IndexBuild(folder, origin(300), VectorIndexTest::name, stopping, 1e9);
    for (int done = BATCH; done <= 300; done += BATCH) {
      assertThatThrownBy(() -> build.go(folder.words(), vectors(300, 16, 0)))
          .isInstanceOf(CancellationException.class);
      assertThat(IndexFolder.done(folder.words())).isEqualTo(done);
    }
  }

  @Test
  void whatASecondMakingFindsAnewReplacesAll() throws IOException {
    build(300, vectors(300, 16, 0), 1e9);
    new IndexBuild(folder, origin(200), VectorIndexTest::name, new PictureSearch.Listener() {}, 1e9)
        .go(null, vectors(200, 16, 0));
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertThat(index.size()).isEqualTo(200);
    }
  }

  @Test
  void badPicturesAreLeftOutByNameAndTooManyAreRefused() throws IOException {
    build(400, vectors(400, 16, 0, 3, 250), 0);
    assertThat(IndexFolder.bad(folder.words()))
        .containsExactly("3.png (cut off)", "250.png (cut off)");
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertThat(index.size()).isEqualTo(398);
      assertThat(places(index)).doesNotContain(3, 250);
      assertThat(Recall.of(index, 400, 400).queries()).isEqualTo(398);
    }
    folder = new IndexFolder(temporary.resolve("other"));
    assertThatThrownBy(() -> build(400, vectors(400, 16, 0, 3, 4, 5, 6, 7, 8), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 1 % of the 400 pictures cannot be decoded")
        .hasMessageContaining("3.png (cut off)")
        .hasMessageContaining("and 1 more");
  }

  @Test
  void aDamagedIndexIsRefusedAndMakesRoomForANewOne() throws IOException {
    for (String ending : List.of(".vec", ".vex", ".fdt", "segments")) {
      folder = new IndexFolder(temporary.resolve("damaged" + ending));
      build(300, vectors(300, 16, 0), 1e9);
      Path file = only(ending);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 0x11;
      Files.write(file, bytes);
      assertThatThrownBy(
              () -> {
                folder.words();
                VectorIndex.open(folder).close();
              })
          .as(ending)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is damaged")
          .hasMessageContaining("--rebuild");
      folder.makeRoom();
      new IndexBuild(
              folder, origin(300), VectorIndexTest::name, new PictureSearch.Listener() {}, 1e9)
          .go(null, vectors(300, 16, 0));
      try (VectorIndex index = VectorIndex.open(folder)) {
        assertThat(index.size()).isEqualTo(300);
      }
    }
  }

  private Path only(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.path())) {
      return files
          .filter(file -> file.toString().endsWith(name) || file.toString().contains(name + "_"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void whatIsNoIndexOfOursIsLeftAlone() throws IOException {
    Files.createDirectories(folder.path());
    assertThat(folder.words()).isNull();
    Path letter = Files.writeString(folder.path().resolve("letter.txt"), "dear");
    assertThatThrownBy(folder::words)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds other files, such as letter.txt");
    assertThatThrownBy(folder::makeRoom).hasMessageContaining("letter.txt");
    assertThat(letter).exists();
    assertThatThrownBy(() -> new IndexFolder(letter).words())
        .hasMessageContaining("letter.txt is a file");
    Files.delete(letter);
    try (Directory directory = FSDirectory.open(folder.path())) {
      new IndexWriter(directory, new IndexWriterConfig()).close();
    }
    assertThatThrownBy(folder::words)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none of `millrace search`");
    assertThatThrownBy(folder::makeRoom).hasMessageContaining("none of `millrace search`");
  }

  @Test
  void anotherProcessAtTheSameIndexIsNamed() throws IOException {
    try (Directory directory = FSDirectory.open(folder.path());
        IndexWriter other = new IndexWriter(directory, new IndexWriterConfig())) {
      assertThat(other.isOpen()).isTrue();
      assertThatThrownBy(() -> build(100, vectors(100, 16, 0), 1e9))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process is making the index");
    }
  }

  @Test
  void everyPartOfAnOriginTellsItApart() {
    Origin mine = origin(10);
    assertThat(mine.difference(mine.commit())).isEmpty();
    List<Origin> others = new ArrayList<>();
    others.add(new Origin("f".repeat(64), mine.data(), 32, "fp32", 10, List.of("set"), null));
    others.add(new Origin(mine.encoder(), "f".repeat(64), 32, "fp32", 10, List.of("set"), null));
    others.add(new Origin(mine.encoder(), mine.data(), 64, "fp32", 10, List.of("set"), null));
    others.add(new Origin(mine.encoder(), mine.data(), 32, "bf16", 10, List.of("set"), null));
    others.add(new Origin(mine.encoder(), mine.data(), 32, "fp32", 11, List.of("set"), null));
    for (Origin other : others) {
      assertThat(mine.difference(other.commit())).as(other.toString()).isNotEmpty();
    }
    assertThat(mine.difference(others.get(0).commit()))
        .isEqualTo("its encoder sha256 is ffffffffffff…, asked for is eeeeeeeeeeee…");
  }

  @Test
  void aVectorThatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> VectorIndex.unit(new float[] {1, Float.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not finite");
  }

  @Test
  void anIndexWhoseFolderWasRemovedIsNoLongerCurrent() throws IOException {
    Path place = temporary.resolve("gone");
    try (Directory directory = FSDirectory.open(place);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      writer.commit();
    }
    try (Directory directory = FSDirectory.open(place);
        org.apache.lucene.index.DirectoryReader reader =
            org.apache.lucene.index.DirectoryReader.open(directory)) {
      assertThat(KeptIndex.current(reader::isCurrent)).isTrue();
      dev.millrace.file.Trees.delete(place);
      assertThat(KeptIndex.current(reader::isCurrent)).isFalse();
    }
  }
}
