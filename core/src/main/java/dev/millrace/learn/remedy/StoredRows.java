package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.engine.Device;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.MemberList;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A vector for each picture that a run's memory holds, as the network made it when the picture's
 * chunk had been learned. Part of a checkpoint. Not thread-safe; close it to free its tensors.
 */
final class StoredRows implements AutoCloseable {
  /** Where no picture is. */
  private static final long NONE = -1;

  /** Which picture, as {@link Views#pictures} has it. */
  record Key(long chunk, long name) {}

  /**
   * What was found of a batch.
   *
   * @param rows of the batch, {@code [R] int64}, whose pictures are stored
   * @param places where, {@code [R] int64}
   */
  record Found(Tensor rows, Tensor places) {
    boolean none() {
      return rows.size(0) == 0;
    }

    /** Those of a rank's own part of the batch, their rows counted from its first. */
    Found within(Views views) {
      Tensor own = rows.sub(new Scalar(views.first()));
      Tensor here =
          own.ge(new Scalar(0.0)).logical_and_(own.lt(new Scalar((double) views.view(0).size(0))));
      return new Found(own.masked_select(here), places.masked_select(here));
    }
  }

  private final int capacity;

  /** {@code [C, 2] int64}. */
  private final Tensor keys;

  /** {@code [C, D] float32}. */
  private final Tensor rows;

  /**
   * @param capacity pictures that the memory holds at most
   * @param width of a vector
   */
  StoredRows(int capacity, int width, Device device) {
    this.capacity = capacity;
    try (PointerScope scope = new PointerScope()) {
      keys = empty(capacity, 2).to(device.torch(), ScalarType.Long).retainReference();
      keys.fill_(new Scalar((double) NONE));
      rows = zeros(capacity, width).to(device.torch(), ScalarType.Float).retainReference();
    }
  }

  /**
   * Which rows of a whole batch are of stored pictures.
   *
   * @param views of it, or of a rank's part of it
   * @return the caller's scope owns its tensors
   */
  Found find(Views views) {
    Tensor of = views.ranks().gather(views.pictures());
    Tensor alike =
        of.select(1, 0)
            .unsqueeze(1)
            .eq(keys.select(1, 0).unsqueeze(0))
            .logical_and_(of.select(1, 1).unsqueeze(1).eq(keys.select(1, 1).unsqueeze(0)));
    Tensor pairs = alike.nonzero(); // one per row at most: every picture is stored once
    return new Found(pairs.select(1, 0), pairs.select(1, 1));
  }

  /** Which pictures have a vector now, as a memory on disk takes it. */
  MemberList members() {
    return new MemberList(
        places().keySet().stream()
            .map(key -> MemberList.line(key.chunk(), key.name()))
            .collect(Collectors.toSet()));
  }

  /** Which pictures have a vector now, by the chunk and the number that each is known by. */
  BiPredicate<Integer, Long> stored() {
    Set<Key> now = places().keySet();
    return (chunk, name) -> now.contains(new Key(chunk, name));
  }

  /** The places that have a vector, ascending. */
  int[] taken() {
    return places().values().stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  /** The places that have none, ascending. */
  int[] free() {
    Set<Integer> taken = new HashSet<>(places().values());
    return IntStream.range(0, capacity).filter(place -> !taken.contains(place)).toArray();
  }

  /** Where each stored picture's vector is, as it is now: one look at all keys. */
  Map<Key, Integer> places() {
    Map<Key, Integer> places = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      LongPointer host = keys.cpu().contiguous().data_ptr_long();
      for (int place = 0; place < capacity; place++) {
        if (host.get(2L * place) != NONE) {
          places.put(new Key(host.get(2L * place), host.get(2L * place + 1)), place);
        }
      }
    }
    return places;
  }

  /** Empties a place. */
  void clear(int place) {
    keys.select(0, place).fill_(new Scalar((double) NONE));
  }

  /**
   * Stores a vector in a place.
   *
   * @param picture {@code [2] int64}
   * @param row {@code [D]}
   */
  void put(int place, Tensor picture, Tensor row) {
    keys.select(0, place).copy_(picture);
    rows.select(0, place).copy_(row);
  }

  /** The vectors at these places, {@code [R, D]}; the caller's scope owns them. */
  Tensor at(int... places) {
    Tensor at = empty(places.length, rows.size(1)).to(rows.device(), ScalarType.Float);
    for (int i = 0; i < places.length; i++) {
      at.select(0, i).copy_(rows.select(0, places[i]));
    }
    return at;
  }

  /** The vectors at these places, {@code [R, D]}; the caller's scope owns them. */
  Tensor at(Tensor places) {
    return rows.index_select(0, places);
  }

  /** Rows at norm 1, {@code [R, D]}; the caller's scope owns them. */
  static Tensor unit(Tensor rows) {
    return rows.div(
        rows.norm(new ScalarOptional(new Scalar(2.0)), new long[] {1}, true)
            .clamp_min(new Scalar(1e-12)));
  }

  /** Replaces the vectors at these places; of a place given twice, by the first. */
  void replace(Tensor places, Tensor fresh) {
    try (PointerScope scope = new PointerScope()) {
      Set<Long> done = new HashSet<>();
      Tensor host = places.cpu();
      for (long i = 0; i < places.size(0); i++) {
        long place = host.select(0, i).item_long();
        if (done.add(place)) {
          rows.select(0, place).copy_(fresh.select(0, i));
        }
      }
    }
  }

  /**
   * Follows the memory at a chunk's end: drops what left it, and adds what came from the chunk.
   *
   * @param memory that has taken in the chunk
   * @param of a batch's vectors, {@code [N, D]}
   */
  void follow(ReplayMemory memory, EndOfChunk end, Function<Views, Tensor> of) throws IOException {
    Chunk chunk = end.chunk();
    List<ImageSet> members = memory.before(chunk.index() + 1);
    Set<Key> stay = new HashSet<>();
    for (int c = 0; c < members.size(); c++) {
      for (int i = 0; i < members.get(c).size(); i++) {
        stay.add(new Key(c, Sha256.number(members.get(c).image(i).id())));
      }
    }
    List<Integer> free = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      Tensor host = keys.cpu();
      for (int place = 0; place < capacity; place++) {
        Tensor key = host.select(0, place);
        Key there = new Key(key.select(0, 0).item_long(), key.select(0, 1).item_long());
        if (there.chunk() == NONE || !stay.contains(there)) {
          keys.select(0, place).fill_(new Scalar((double) NONE));
          free.add(place);
        }
      }
    }
    Set<String> fresh = new HashSet<>();
    ImageSet own = members.get(chunk.index());
    for (int i = 0; i < own.size(); i++) {
      fresh.add(own.image(i).id());
    }
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < chunk.images().size(); i++) {
      if (fresh.contains(chunk.images().image(i).id())) {
        positions.add(i);
      }
    }
    int[] next = {0};
    end.show(
        positions.stream().mapToInt(Integer::intValue).toArray(),
        Math.min(Views.WHOLE, end.views()),
        views -> {
          try (NoGradGuard stop = new NoGradGuard()) {
            Tensor made = of.apply(views);
            for (long i = 0; i < made.size(0); i++) {
              int place = free.get(next[0]++);
              keys.select(0, place).copy_(views.pictures().select(0, i));
              rows.select(0, place).copy_(made.select(0, i));
            }
          }
        });
  }

  /** By name; live tensors. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("keys", keys);
    state.put("rows", rows);
    return state;
  }

  @Override
  public void close() {
    keys.releaseReference();
    rows.releaseReference();
  }
}
