package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A run that learns chunks of a {@link MemorySpool} and remembers all their pictures. */
final class MemoryRun implements LearnedRun {
  final Set<String> memory = new HashSet<>();
  int learned;
  int begun;
  private int before;
  private final MemorySpool spool;
  private Set<String> beganWith = Set.of();

  MemoryRun(MemorySpool spool) {
    this.spool = spool;
  }

  /** Begins the next chunk with its pictures as they are now. */
  void begin(int chunk) {
    begun = chunk;
    beganWith = Set.copyOf(pictures(chunk).keySet());
  }

  /** The chunk that was begun is learned. */
  void end() {
    if (begun > learned) {
      assertThat(pictures(begun).keySet()).as("pictures of the chunk").isEqualTo(beganWith);
      memory.addAll(beganWith);
      before = learned;
      learned = begun;
    }
  }

  /** What was learned last is taken back. */
  void goBack() {
    memory.removeAll(beganWith);
    learned = before;
    begun = before;
  }

  private Map<String, byte[]> pictures(int chunk) {
    return spool.chunks.getOrDefault(chunk, Map.of());
  }

  @Override
  public Held hold() {
    return new Held() {
      @Override
      public int learned() {
        return learned;
      }

      @Override
      public int begun() {
        return begun;
      }

      @Override
      public boolean needs(int chunk) {
        return false;
      }

      @Override
      public void drop(Predicate<String> names) {
        assertThat(begun).as("no chunk is half learned").isEqualTo(learned);
        spool.call();
        memory.removeIf(names);
        spool.call();
      }

      @Override
      public void close() {
        // Nothing is locked.
      }
    };
  }

  @Override
  public void dropVectors() {
    spool.call();
  }
}
