package dev.millrace.stream.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What first-in-first-out keeps, and what a bound in bytes does to any policy. */
class BoundedMemoryTest {
  private static final int CHUNK = 12;

  @TempDir Path folder;

  private static Chunk chunk(int index) throws IOException {
    ImageSet set =
        Catalogue.standard()
            .open("generated:images=" + CHUNK + ";test=4;classes=2;size=16;seed=" + index)
            .train();
    return new Chunk(index, "chunk", set);
  }

  private static List<String> ids(ImageSet set) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      ids.add(set.image(i).id());
    }
    return ids;
  }

  private static long bytes(List<ImageSet> sets) throws IOException {
    long sum = 0;
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        sum += set.image(i).bytes().length;
      }
    }
    return sum;
  }

  @Test
  void firstInFirstOutKeepsTheNewestPictures() throws IOException {
    try (ReplayMemory memory = ReplayMemory.open(folder, new Fifo(CHUNK + 3), 1)) {
      for (int c = 0; c < 3; c++) {
        memory.absorb(chunk(c));
      }
      List<ImageSet> kept = memory.before(3);
      assertThat(kept.get(0).size()).isZero();
      assertThat(ids(kept.get(1)))
          .isEqualTo(ids(chunk(1).images()).subList(CHUNK - 3, CHUNK)); // its last ones
      assertThat(ids(kept.get(2))).isEqualTo(ids(chunk(2).images()));
      assertThat(memory.before(1).get(0).size()).isEqualTo(CHUNK); // as it was then
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reservoir", "fifo", "share"})
  void whatIsRememberedNeverHasMoreBytesThanTheBound(String policy) throws IOException {
    long whole = bytes(List.of(chunk(0).images()));
    long bound = whole + whole / 3;
    Keep keep =
        switch (policy) {
          case "fifo" -> new Fifo(Integer.MAX_VALUE);
          case "share" -> new UniformShare(0.9);
          default -> new Reservoir(Integer.MAX_VALUE);
        };
    Path dir = folder.resolve(policy);
    try (ReplayMemory memory = ReplayMemory.open(dir, new WithinBytes(keep, bound), 1)) {
      for (int c = 0; c < 4; c++) {
        memory.absorb(chunk(c));
        List<ImageSet> kept = memory.before(c + 1);
        assertThat(bytes(kept)).isLessThanOrEqualTo(bound);
        if (c > 1) { // and it is filled but for one picture
          assertThat(bytes(kept)).isGreaterThan(bound - 2 * whole / CHUNK);
        }
      }
      List<ImageSet> now = memory.before(4);
      try (ReplayMemory again = ReplayMemory.open(dir, new WithinBytes(keep, bound), 1)) {
        for (int c = 0; c < 4; c++) {
          assertThat(ids(again.before(4).get(c))).isEqualTo(ids(now.get(c)));
        }
      }
    }
  }

  /** A chunk whose pictures at every third position are as long as a bound and a byte more. */
  private static Chunk withLong(int index, int bound) throws IOException {
    Chunk plain = chunk(index);
    ImageSet set = plain.images();
    ImageSet some =
        new ImageSet() {
          @Override
          public String name() {
            return set.name();
          }

          @Override
          public int size() {
            return set.size();
          }

          @Override
          public Image image(int i) {
            Image image = set.image(i);
            return i % 3 == 0
                ? new Image(image.id(), image.label(), image.domain(), () -> new byte[bound + 1])
                : image;
          }

          @Override
          public List<String> classes() {
            return set.classes();
          }

          @Override
          public List<String> domains() {
            return set.domains();
          }
        };
    return new Chunk(index, plain.name(), some);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reservoir", "fifo", "share"})
  void aPictureLongerThanTheBoundIsLeftOutAndOthersTakeItsPlace(String policy) throws IOException {
    int bound = 1 << 20;
    int many = CHUNK / 2;
    Keep keep =
        switch (policy) {
          case "fifo" -> new Fifo(many);
          case "share" -> new UniformShare(0.5);
          default -> new Reservoir(many);
        };
    Path dir = folder.resolve(policy);
    try (ReplayMemory memory = ReplayMemory.open(dir, new WithinBytes(keep, bound), 1)) {
      for (int c = 0; c < 2; c++) {
        memory.absorb(withLong(c, bound));
        List<ImageSet> kept = memory.before(c + 1);
        assertThat(kept.stream().mapToInt(ImageSet::size).sum())
            .isEqualTo(policy.equals("share") ? (c + 1) * many : many);
        assertThat(bytes(kept)).isLessThan(bound);
      }
    }
  }

  @Test
  void aBoundBelowAnyPictureKeepsNone() throws IOException {
    Keep keep = new WithinBytes(new Reservoir(5), 1);
    try (ReplayMemory memory = ReplayMemory.open(folder, keep, 1)) {
      memory.absorb(chunk(0));
      assertThat(memory.before(1).get(0).size()).isZero();
    }
  }
}
