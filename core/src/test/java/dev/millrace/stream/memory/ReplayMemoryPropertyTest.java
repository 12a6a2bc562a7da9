package dev.millrace.stream.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.file.Trees;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeTry;

/** What the memory promises for any stream, whatever its chunks, capacity and seed. */
class ReplayMemoryPropertyTest {
  private final List<Path> folders = new ArrayList<>();
  private Path folder;

  /** Pictures {@code first}, {@code first + 1}, …; each one's bytes are its number. */
  private record Numbered(int first, int size) implements ImageSet {
    @Override
    public String name() {
      return "numbered";
    }

    @Override
    public Image image(int index) {
      String number = Integer.toString(first + index);
      return new Image(
          number, Image.NONE, Image.NONE, () -> number.getBytes(StandardCharsets.UTF_8));
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

  @BeforeTry
  void ownFolder() throws IOException {
    folder = Files.createTempDirectory("memory");
    folders.add(folder);
  }

  @AfterProperty
  void tidyUp() throws IOException {
    for (Path old : folders) {
      Trees.delete(old);
    }
  }

  private static List<Chunk> stream(List<Integer> sizes) {
    List<Chunk> chunks = new ArrayList<>();
    int first = 0;
    for (int size : sizes) {
      chunks.add(new Chunk(chunks.size(), "part", new Numbered(first, size)));
      first += size;
    }
    return chunks;
  }

  private static List<List<String>> ids(List<ImageSet> sets) throws IOException {
    List<List<String>> ids = new ArrayList<>();
    for (ImageSet set : sets) {
      List<String> of = new ArrayList<>();
      for (int i = 0; i < set.size(); i++) {
        of.add(set.image(i).id());
        assertThat(set.image(i).bytes()).asString(StandardCharsets.UTF_8).isEqualTo(of.get(i));
      }
      ids.add(of);
    }
    return ids;
  }

  @Property(tries = 40)
  void aReservoirHoldsItsCapacityAndNoMoreAndOnlyWhatTheStreamBrought(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 12) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 20) int capacity,
      @ForAll long seed)
      throws IOException {
    int seen = 0;
    try (ReplayMemory memory = ReplayMemory.open(folder, new Reservoir(capacity), seed)) {
      for (Chunk chunk : stream(sizes)) {
        memory.absorb(chunk);
        seen += chunk.size();
        List<String> kept =
            ids(memory.before(chunk.index() + 1)).stream().flatMap(List::stream).toList();
        assertThat(kept).hasSize(Math.min(capacity, seen)).doesNotHaveDuplicates();
        int bound = seen;
        assertThat(kept).allMatch(id -> Integer.parseInt(id) < bound);
      }
    }
  }

  @Property(tries = 40)
  void aShareOfEachChunkStaysForEver(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = 30) Integer> sizes,
      @ForAll @DoubleRange(min = 0.01, max = 1) double share,
      @ForAll long seed)
      throws IOException {
    try (ReplayMemory memory = ReplayMemory.open(folder, new UniformShare(share), seed)) {
      List<List<String>> before = List.of();
      for (Chunk chunk : stream(sizes)) {
        memory.absorb(chunk);
        List<List<String>> now = ids(memory.before(chunk.index() + 1));
        assertThat(now.subList(0, chunk.index())).isEqualTo(before);
        assertThat(now.get(chunk.index()))
            .hasSize((int) Math.max(1, Math.round(share * chunk.size())))
            .doesNotHaveDuplicates();
        before = now;
      }
    }
  }

  @Property(tries = 40)
  void aMemoryReopenedAfterEachChunkEqualsOneThatStayedOpen(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = 12) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 20) int capacity,
      @ForAll long seed)
      throws IOException {
    Path reopened = folder.resolve("reopened");
    try (ReplayMemory open =
        ReplayMemory.open(folder.resolve("open"), new Reservoir(capacity), seed)) {
      for (Chunk chunk : stream(sizes)) {
        open.absorb(chunk);
        try (ReplayMemory again = ReplayMemory.open(reopened, new Reservoir(capacity), seed)) {
          again.absorb(chunk);
        }
      }
      try (ReplayMemory again = ReplayMemory.open(reopened, new Reservoir(capacity), seed)) {
        assertThat(ids(again.before(sizes.size()))).isEqualTo(ids(open.before(sizes.size())));
        again.verify();
      }
    }
  }

  @Property(tries = 3)
  void everyPictureIsKeptWithTheSameProbabilityWhateverItsPlace(
      @ForAll @Size(min = 2, max = 3) List<@IntRange(min = 3, max = 8) Integer> sizes,
      @ForAll @IntRange(min = 0, max = 1_000_000) int firstSeed)
      throws IOException {
    int capacity = 3;
    int runs = 200;
    int total = sizes.stream().mapToInt(Integer::intValue).sum();
    int[] times = new int[total];
    for (int run = 0; run < runs; run++) {
      try (ReplayMemory memory =
          ReplayMemory.open(
              folder.resolve("run" + run), new Reservoir(capacity), (long) firstSeed + run)) {
        for (Chunk chunk : stream(sizes)) {
          memory.absorb(chunk);
        }
        ids(memory.before(sizes.size()))
            .forEach(kept -> kept.forEach(id -> times[Integer.parseInt(id)]++));
      }
    }
    double expected = (double) runs * capacity / total;
    double chiSquare = 0;
    for (int count : times) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    // At most 23 degrees of freedom, where 64 is passed once in 100 000 times.
    assertThat(chiSquare).isLessThan(64);
  }
}
