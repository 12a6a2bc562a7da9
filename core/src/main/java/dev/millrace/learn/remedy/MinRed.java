package dev.millrace.learn.remedy;

import dev.millrace.draw.Draw;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.Lengths;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Replay from a minimum-redundancy memory: Purushwalkam, Morgado, Gupta, "The Challenges of
 * Continuous Self-Supervised Learning", ECCV 2022. Of all pictures those stay whose features are
 * least alike ({@link LeastAlike}). The features of a picture are those of the encoder, the sum of
 * its whole views at norm 1, taken when its chunk has been learned, with running statistics;
 * whenever it is replayed they move half of the way to the present ones, which are a step's, made
 * with the batch's. The paper shrinks its buffer at every batch; here it happens at a chunk's end,
 * of the memory and as many drawn pictures of the chunk as it holds. Who is in memory, and with
 * which features, is part of a checkpoint.
 */
public final class MinRed implements Remedy {
  /** The most pictures that such a memory may hold: each is compared with each. */
  public static final int MOST = 4096;

  private static final float HALF = 0.5f;

  private final ReplayMemory memory;
  private final int capacity;
  private final long bytes;
  private final long seed;
  private final Network network;
  private final StoredRows stored;

  /** Of this step: where features lie that were replayed, and what they are now. */
  private Tensor replayed;

  private Tensor present;

  /**
   * An empty memory.
   *
   * @param memory on disk; closed with the remedy
   * @param capacity pictures that stay at most, 1 … {@link #MOST}
   * @param bytes of encoded pictures that stay at most
   * @param network that is trained; stays the caller's
   */
  public MinRed(ReplayMemory memory, int capacity, long bytes, long seed, Network network) {
    this.memory = memory;
    this.capacity = capacity;
    this.bytes = bytes;
    this.seed = seed;
    this.network = network;
    stored = new StoredRows(capacity, network.encoder().spec().dim(), network.device());
  }

  @Override
  public String name() {
    return "minred";
  }

  @Override
  public List<ImageSet> replayed(int chunk) throws IOException {
    BiPredicate<Integer, Long> stays = stored.stored();
    List<ImageSet> members = new ArrayList<>();
    for (ImageSet all : memory.before(chunk)) {
      int past = members.size();
      int[] stay =
          IntStream.range(0, all.size())
              .filter(i -> stays.test(past, Sha256.number(all.image(i).id())))
              .toArray();
      members.add(all.subset(all.name(), stay));
    }
    return members;
  }

  @Override
  public void letGo(int chunk) throws IOException {
    memory.letGo(chunk);
  }

  @Override
  public long rememberedBytes(int chunk) throws IOException {
    BiPredicate<Integer, Long> stays = stored.stored();
    return memory.memberBytes(chunk, (of, id) -> stays.test(of, Sha256.number(id)));
  }

  /** No term of the loss: it looks at the features of what is replayed. */
  @Override
  public Optional<Tensor> penalty(Views views, Outputs made) {
    StoredRows.Found found = stored.find(views);
    replayed = null;
    if (!found.none()) {
      Tensor sum = null;
      for (Tensor features : Views.whole(made.features())) {
        Tensor all = views.ranks().gather(features.detach());
        Tensor rows = StoredRows.unit(all.index_select(0, found.rows()));
        sum = sum == null ? rows : sum.add(rows);
      }
      replayed = found.places();
      present = StoredRows.unit(stored.at(replayed).lerp(StoredRows.unit(sum), new Scalar(HALF)));
    }
    return Optional.empty();
  }

  @Override
  public void afterUpdate(Tensor encoder, double unitStep) {
    if (replayed != null) {
      stored.replace(replayed, present);
    }
  }

  @Override
  public void endChunk(EndOfChunk end) throws IOException {
    ImageSet images = end.chunk().images();
    Lengths lengths = new Lengths(end.chunk(), bytes);
    int[] drawn =
        end.learned()
            ? fitting(
                lengths,
                Draw.of(seed, "minred", end.chunk().index())
                    .sample(images.size(), Math.min(images.size(), capacity)))
            : new int[0];
    Arrays.sort(drawn);
    if (drawn.length == 0) {
      memory.absorb(end.chunk(), drawn, stored.members());
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> fresh = new ArrayList<>();
      List<Tensor> names = new ArrayList<>();
      end.show(
          drawn,
          Math.min(Views.WHOLE, end.views()),
          views -> {
            end.passed(Passes.forwards(views.rows() * views.views().size()));
            fresh.add(features(views).retainReference());
            names.add(views.pictures().clone().retainReference());
          });
      int[] places = stored.taken();
      Tensor keys = torch.cat(new TensorVector(names.toArray(Tensor[]::new)));
      Tensor own = torch.cat(new TensorVector(fresh.toArray(Tensor[]::new)));
      fresh.forEach(Tensor::releaseReference);
      names.forEach(Tensor::releaseReference);
      Tensor all = torch.cat(new TensorVector(stored.at(places), own));
      LeastAlike among = new LeastAlike(rows(all.matmul(all.t())));
      long[] each = lengths(end, places, drawn, lengths);
      long sum = Arrays.stream(each).sum();
      while (among.left() > capacity || sum > bytes) {
        sum -= each[among.drop()];
      }
      int[] kept =
          IntStream.range(0, drawn.length)
              .filter(i -> !among.isGone(places.length + i))
              .map(i -> drawn[i])
              .toArray();
      for (int i = 0; i < places.length; i++) {
        if (among.isGone(i)) {
          stored.clear(places[i]);
        }
      }
      int[] free = stored.free();
      int next = 0;
      for (int i = 0; i < drawn.length; i++) {
        if (!among.isGone(places.length + i)) {
          stored.put(free[next++], keys.select(0, i), own.select(0, i));
        }
      }
      memory.absorb(end.chunk(), kept, stored.members());
    }
  }

  private static StoredRows.Key key(int chunk, ImageSet set, int picture) {
    return new StoredRows.Key(chunk, Sha256.number(set.image(picture).id()));
  }

  private Tensor features(Views views) {
    Tensor sum = null;
    for (Tensor view : views.views()) {
      Tensor one = StoredRows.unit(network.features(view, Mode.EVALUATION).detach());
      sum = sum == null ? one : sum.add(one);
    }
    return StoredRows.unit(sum);
  }

  /**
   * Without those that no memory can hold: they may be the least alike, and drive out all others.
   */
  private int[] fitting(Lengths lengths, int[] drawn) {
    if (bytes == Long.MAX_VALUE) {
      return drawn;
    }
    int[] fitting = lengths.fitting(drawn);
    lengths.log();
    return fitting;
  }

  /** Bytes of the members at these places, then of the pictures at these positions. */
  private long[] lengths(EndOfChunk end, int[] places, int[] drawn, Lengths own)
      throws IOException {
    long[] lengths = new long[places.length + drawn.length];
    if (bytes == Long.MAX_VALUE) {
      return lengths;
    }
    long[] ofPlace = new long[capacity];
    List<ImageSet> past = memory.before(end.chunk().index());
    Map<StoredRows.Key, Integer> stay = stored.places();
    for (int c = 0; c < past.size(); c++) {
      for (int i = 0; i < past.get(c).size(); i++) {
        Integer place = stay.get(key(c, past.get(c), i));
        if (place != null) {
          ofPlace[place] = past.get(c).image(i).bytes().length;
        }
      }
    }
    for (int i = 0; i < places.length; i++) {
      lengths[i] = ofPlace[places[i]];
    }
    for (int i = 0; i < drawn.length; i++) {
      lengths[places.length + i] = own.of(drawn[i]);
    }
    return lengths;
  }

  private static float[][] rows(Tensor square) {
    Tensor host = square.cpu().contiguous();
    int n = (int) host.size(0);
    float[][] rows = new float[n][n];
    for (int i = 0; i < n; i++) {
      host.data_ptr_float().position((long) i * n).get(rows[i]);
    }
    return rows;
  }

  @Override
  public Map<String, Tensor> state() {
    return stored.state();
  }

  @Override
  public void close() throws IOException {
    stored.close();
    memory.close();
  }
}
