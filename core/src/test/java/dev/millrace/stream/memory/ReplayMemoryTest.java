package dev.millrace.stream.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayMemoryTest {
  @TempDir Path dir;
  private boolean sourceGone;

  private final class Source implements ImageSet {
    private final int first;
    private final int size;

    private Source(int first, int size) {
      this.first = first;
      this.size = size;
    }

    @Override
    public String name() {
      return "source";
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public Image image(int index) {
      int n = first + index;
      return new Image(
          "p" + n,
          n % 2,
          Image.NONE,
          () -> {
            if (sourceGone) {
              throw new IOException("gone");
            }
            return ("picture " + n).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          });
    }

    @Override
    public List<String> classes() {
      return List.of("even", "odd");
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  private Chunk chunk(int index, int size) {
    return new Chunk(index, "part " + index, new Source(index * size, size));
  }

  private static List<String> ids(List<ImageSet> sets) {
    List<String> ids = new ArrayList<>();
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        ids.add(set.image(i).id());
      }
    }
    return ids;
  }

  @Test
  void aShareIsReadableWhenTheSourceIsGone() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.1), 7)) {
      memory.absorb(chunk(0, 40));
      memory.absorb(chunk(1, 40));
    }
    sourceGone = true;
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.1), 7)) {
      memory.absorb(chunk(1, 40)); // known, so the source is not asked
      List<ImageSet> sets = memory.before(2);
      assertThat(sets).hasSize(2).allMatch(set -> set.size() == 4);
      Image image = sets.get(1).image(3);
      assertThat(new String(image.bytes(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("picture " + image.id().substring(1));
      assertThat(sets.get(0).classes()).containsExactly("even", "odd");
      memory.verify();
      assertThat(memory.bytes()).isPositive();
    }
  }

  @Test
  void aReservoirIsBoundedAndAnEarlierMomentStaysAsItWas() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new Reservoir(10), 3)) {
      memory.absorb(chunk(0, 8));
      memory.absorb(chunk(1, 8));
      List<String> then = ids(memory.before(2));
      assertThat(ids(memory.before(1))).hasSize(8);
      for (int c = 2; c < 9; c++) {
        memory.absorb(chunk(c, 8));
        assertThat(ids(memory.before(c + 1))).hasSize(10).doesNotHaveDuplicates();
      }
      assertThat(ids(memory.before(2))).isEqualTo(then);
    }
  }

  @Test
  void everyPictureOfTheStreamIsKeptEquallyOften() throws Exception {
    int[] times = new int[20];
    int runs = 300;
    for (int seed = 0; seed < runs; seed++) {
      try (ReplayMemory memory =
          ReplayMemory.open(dir.resolve("run" + seed), new Reservoir(5), seed)) {
        memory.absorb(chunk(0, 10));
        memory.absorb(chunk(1, 10));
        ids(memory.before(2)).forEach(id -> times[Integer.parseInt(id.substring(1))]++);
      }
    }
    double chiSquare = 0;
    for (int count : times) {
      chiSquare += (count - runs / 4.0) * (count - runs / 4.0) / (runs / 4.0);
    }
    assertThat(chiSquare).isLessThan(40); // 19 degrees of freedom: p = 0.003
  }

  @Test
  void equalSeedsGiveEqualBytesAlsoAfterAnInterruption() throws Exception {
    Path straight = dir.resolve("straight");
    Path broken = dir.resolve("broken");
    ReplayMemory one = ReplayMemory.open(straight, new Reservoir(6), 3);
    one.absorb(chunk(0, 9));
    one.absorb(chunk(1, 9));
    ReplayMemory two = ReplayMemory.open(broken, new Reservoir(6), 3);
    two.absorb(chunk(0, 9));
    two.absorb(chunk(1, 9));
    Files.delete(broken.resolve("kept-00001.json"));
    Files.writeString(broken.resolve("chunk-00002.mem.tmp"), "half");
    two = ReplayMemory.open(broken, new Reservoir(6), 3);
    two.absorb(chunk(1, 9));
    for (String name :
        List.of("chunk-00000.mem", "chunk-00001.mem", "kept-00000.json", "kept-00001.json")) {
      assertThat(broken.resolve(name)).hasSameBinaryContentAs(straight.resolve(name));
    }
    assertThat(broken.resolve("chunk-00002.mem.tmp")).doesNotExist();
  }

  @Test
  void aFlippedByteIsNamedByFileAndRecord() throws Exception {
    ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(1), 3);
    memory.absorb(chunk(0, 3));
    Path file = dir.resolve("chunk-00000.mem");
    byte[] bytes = Files.readAllBytes(file);
    bytes[10] ^= 1;
    Files.write(file, bytes);
    ImageSet set = memory.before(1).get(0);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chunk-00000.mem")
        .hasMessageContaining("record 0 (p0)");
    assertThatThrownBy(() -> ReplayMemory.open(dir, new UniformShare(0.5), 3).before(1))
        .hasMessageContaining("was filled under");
  }
}
