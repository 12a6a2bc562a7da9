package dev.millrace.exchange.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index of sets that grow, shrink and become more. */
class GrowingIndexTest {
  @TempDir static Path shared;
  private static Path encoder;
  private static ImageSet drawn;

  @TempDir Path folder;

  @BeforeAll
  static void encoder() throws IOException {
    Natives.load();
    drawn = Catalogue.standard().open("generated:images=700;classes=4;size=16").train();
    encoder = shared.resolve("encoder.safetensors");
    try (EncoderFile net =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL),
            16,
            Map.of(),
            new Device("cpu"))) {
      net.net().initialise(Draw.of(1, "encoder"));
      EncoderFile.write(encoder, net.net(), 16, Normalisation.imagenet(), Map.of());
    }
  }

  private Path add(String set, int from, int to) throws IOException {
    Path at = folder.resolve(set);
    Files.createDirectories(at);
    for (int i = from; i < to; i++) {
      Files.write(at.resolve("p%03d.ppm".formatted(i)), drawn.image(i).bytes());
    }
    return at;
  }

  private PictureSearch open(boolean rebuild, Path... sets) throws IOException {
    List<String> data = new ArrayList<>();
    for (Path set : sets) {
      data.add(set.toString());
    }
    return PictureSearch.open(
        new PictureSearch.Request(
            encoder,
            data,
            folder.resolve(rebuild ? "fresh" : "index"),
            rebuild,
            new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1),
            Folders.AUTO));
  }

  private PictureSearch ready(boolean rebuild, Path... sets) throws IOException {
    PictureSearch search = open(rebuild, sets);
    search.prepare(new PictureSearch.Listener() {});
    return search;
  }

  /** Answers as an index would that was made at once. */
  private void requireAsFresh(PictureSearch grown, Path... sets) throws IOException {
    try (PictureSearch fresh = ready(true, sets)) {
      assertThat(grown.size()).isEqualTo(fresh.size());
      List<Path> queries;
      try (Stream<Path> files = Files.list(sets[0])) {
        queries = files.filter(file -> file.toString().endsWith(".ppm")).sorted().toList();
      }
      for (boolean exact : new boolean[] {true, false}) {
        List<List<Hit>> is = grown.nearest(grown.queries(queries), 10, exact);
        List<List<Hit>> wanted = fresh.nearest(fresh.queries(queries), 10, exact);
        for (int q = 0; q < queries.size(); q++) {
          assertThat(is.get(q).get(0).cosine())
              .as("%s is in its own answer", queries.get(q))
              .isCloseTo(1, within(1e-5));
          for (int i = 0; i < 10; i++) {
            Hit hit = is.get(q).get(i);
            assertThat(hit.cosine()).isCloseTo(wanted.get(q).get(i).cosine(), within(1e-5));
            assertThat(grown.picture(hit))
                .isEqualTo(
                    Files.readAllBytes(
                        sets.length == 1
                            ? sets[0].resolve(hit.path())
                            : folder.resolve(hit.path())));
          }
        }
      }
      assertThat(grown.recall(20).value()).isGreaterThan(0.95);
    }
  }

  @Test
  void onlyPicturesThatAreNewOrOthersAreComputed() throws IOException {
    Path set = add("photos", 0, 60);
    Files.copy(set.resolve("p005.ppm"), set.resolve("z-again.ppm")); // shares its vector
    try (PictureSearch first = ready(false, set)) {
      assertThat(first.computed()).isEqualTo(61);
    }
    try (PictureSearch same = ready(false, set)) {
      assertThat(same.computed()).isZero();
      assertThat(same.built()).isFalse();
    }
    add("photos", 60, 67);
    Files.delete(set.resolve("p005.ppm")); // the first of two equal ones
    Files.delete(set.resolve("p011.ppm"));
    Files.writeString(set.resolve("p020.ppm"), "P3 1 1 255\n9 8 7\n"); // another under its name
    try (PictureSearch grown = ready(false, set)) {
      assertThat(grown.computed()).isEqualTo(7 + 1 + 1);
      assertThat(grown.size()).isEqualTo(61 + 7 - 2);
      requireAsFresh(grown, set);
    }
    try (PictureSearch again = ready(false, set)) {
      assertThat(again.computed()).isZero();
      requireAsFresh(again, set);
    }
    Files.delete(set.resolve("p000.ppm"));
    try (PictureSearch less = ready(false, set)) {
      assertThat(less.computed()).isZero();
      requireAsFresh(less, set);
    }
  }

  @Test
  void aPictureUnderAnotherNameIsFoundUnderThat() throws IOException {
    Path set = add("photos", 0, 60);
    ready(false, set).close();
    Files.move(set.resolve("p030.ppm"), set.resolve("renamed.ppm"));
    try (PictureSearch grown = ready(false, set)) {
      assertThat(grown.computed()).isEqualTo(1);
      requireAsFresh(grown, set);
      List<Hit> hits =
          grown.nearest(grown.queries(List.of(set.resolve("renamed.ppm"))), 1, true).get(0);
      assertThat(hits.get(0).path()).isEqualTo("renamed.ppm");
    }
  }

  @Test
  void anotherSetBesideTheFirstIsAddedAlone() throws IOException {
    Path photos = add("photos", 0, 40);
    Path more = add("more", 40, 52);
    ready(false, photos).close();
    try (PictureSearch both = ready(false, photos, more)) {
      assertThat(both.computed()).isEqualTo(12);
      assertThat(both.size()).isEqualTo(52);
      assertThat(both.nearest(both.queries(List.of(more.resolve("p045.ppm"))), 1, true).get(0))
          .extracting(Hit::path)
          .containsExactly("more/p045.ppm");
      requireAsFresh(both, photos, more);
    }
    assertThatThrownBy(() -> open(false, photos))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("make it anew with --rebuild, or give another --index");
  }

  @Test
  void aStoppedUpdateIsContinuedAndLosesNothing() throws IOException {
    Path set = add("photos", 0, 10);
    ready(false, set).close();
    add("photos", 10, 700);
    int[] calls = {0};
    int before;
    try (PictureSearch search = open(false, set)) {
      assertThatThrownBy(
              () ->
                  search.prepare(
                      new PictureSearch.Listener() {
                        @Override
                        public boolean stop() {
                          return ++calls[0] == 1;
                        }
                      }))
          .isInstanceOf(CancellationException.class);
      before = 250;
    }
    add("photos", 0, 1);
    Files.delete(set.resolve("p003.ppm")); // and it changes meanwhile
    try (PictureSearch search = ready(false, set)) {
      assertThat(search.computed()).isEqualTo(690 - before);
      assertThat(search.size()).isEqualTo(699);
      requireAsFresh(search, set);
    }
  }

  @Test
  void anotherFolderOfTheSameNameIsRefusedAndLeavesTheIndexAsItWas() throws IOException {
    Path set = add("photos", 0, 30);
    ready(false, set).close();
    Path other = folder.resolve("other/photos");
    Files.createDirectories(other);
    Files.write(other.resolve("x.ppm"), drawn.image(99).bytes());
    try (PictureSearch search = open(false, other)) {
      assertThatThrownBy(() -> search.prepare(new PictureSearch.Listener() {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has none of the 1 pictures asked for");
    }
    try (PictureSearch same = ready(false, set)) {
      assertThat(same.computed()).isZero();
      requireAsFresh(same, set);
    }
  }
}
