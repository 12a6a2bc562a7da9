package dev.millrace.ranks;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.millrace.launch.RankWords;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Ranks;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.ReduceOp;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ranks over libtorch's c10d: Gloo's collectives, whose addresses are told by a file, or from
 * machine to machine by the first rank. Gloo adds in the order of a ring, so sums are the same bits
 * in every rank and from run to run for one number of ranks. Each attempt has a store of its own.
 * Not thread-safe; libtorch must be loaded; close it to give sockets and threads back.
 */
public final class C10dRanks implements Ranks, AutoCloseable {
  /**
   * A call may wait for all that the first rank does between steps; who is dead is found sooner.
   */
  private static final long PATIENCE_MILLIS = 24L * 3600 * 1000;

  private static final long MEETING_MILLIS = TimeUnit.SECONDS.toMillis(RankWords.MEETING);

  private static final String TOKEN = "millrace/meeting";
  private static final int PORTS = 0xffff;

  private final Store store;
  private final String address;
  private final int index;
  private final int count;
  private ProcessGroupGloo group;

  private C10dRanks(Store store, String address, int index, int count) {
    this.store = store;
    this.address = address;
    this.index = index;
    this.count = count;
  }

  /**
   * One of the ranks; all of an attempt give the same file.
   *
   * @param store the file that they find each other by; there must be none, and nobody else may
   *     write into its folder
   * @param address of this machine that the others reach; no name, which may mean another
   * @param index 0 … count − 1
   */
  public static C10dRanks at(Path store, String address, int index, int count) {
    try (PointerScope scope = new PointerScope()) {
      FileStore file = new FileStore(store.toString(), count);
      file.setTimeout(new Milliseconds(MEETING_MILLIS));
      file.retainReference();
      return new C10dRanks(file, address, index, count);
    } catch (RuntimeException e) {
      throw new LostRankException("the ranks cannot meet by %s: %s".formatted(store, first(e)), e);
    }
  }

  /**
   * The first of ranks on several machines. It binds a free port, whose number is known then, and
   * is open to whoever reaches this machine until it is closed.
   *
   * @param address as of {@link #at}
   * @param token that the others show they mean this attempt of this run; it keeps nobody out
   */
  static C10dRanks first(String address, int count, String token) {
    return tcp(new Meeting(address, 0, token), address, 0, count);
  }

  /**
   * Another of them.
   *
   * @param meeting what the first has published
   * @param address of this machine, as of {@link #at}
   */
  static C10dRanks beside(Meeting meeting, String address, int index, int count) {
    return tcp(meeting, address, index, count);
  }

  private static C10dRanks tcp(Meeting meeting, String address, int index, int count) {
    try (PointerScope scope = new PointerScope()) {
      TCPStoreOptions options = new TCPStoreOptions();
      options.port((short) meeting.port());
      options.isServer(index == 0);
      options.waitWorkers(false);
      options.timeout(new Milliseconds(MEETING_MILLIS));
      TCPStore store = new TCPStore(meeting.address(), options);
      if (index == 0) {
        store.set(TOKEN, meeting.token());
      } else if (!store.get_to_str(TOKEN).equals(meeting.token())) {
        throw new LostRankException(
            "%s, port %d, is of another attempt or run"
                .formatted(meeting.address(), meeting.port()),
            null);
      }
      store.retainReference();
      return new C10dRanks(store, address, index, count);
    } catch (LostRankException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new LostRankException(
          "the ranks cannot meet at %s, port %d: %s"
              .formatted(meeting.address(), meeting.port(), first(e)),
          e);
    }
  }

  /** The port that the first of ranks on several machines has bound. */
  int port() {
    // A number of 16 bits, of which Java's short takes the first for a sign.
    return ((TCPStore) store).getPort() & PORTS;
  }

  /** Waits until all ranks are there; to be called once, by each. */
  public C10dRanks meet() {
    try (PointerScope scope = new PointerScope()) {
      ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create();
      options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(address)));
      options.threads(2);
      options.timeout(new Milliseconds(MEETING_MILLIS));
      group = new ProcessGroupGloo(store, index, count, options);
      group.retainReference();
      group.setTimeout(new Milliseconds(PATIENCE_MILLIS));
    } catch (RuntimeException e) {
      throw new LostRankException("the ranks do not meet: " + first(e), e);
    }
    any(false);
    return this;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public void sum(Tensor tensor) {
    reduce(tensor, ReduceOp.RedOpType.SUM);
  }

  @Override
  public void mean(Tensor tensor) {
    sum(tensor);
    try (NoGradGuard stop = new NoGradGuard()) {
      tensor.div_(new Scalar((double) count));
    }
  }

  private void reduce(Tensor tensor, ReduceOp.RedOpType by) {
    if (tensor.numel() == 0) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      AllreduceOptions options = new AllreduceOptions().reduceOp(new ReduceOp(by));
      options.timeout(new Milliseconds(PATIENCE_MILLIS));
      wait(() -> group.allreduce(new TensorVector(tensor.detach()), options));
    }
  }

  @Override
  public void spread(Tensor tensor) {
    if (tensor.numel() == 0) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      wait(() -> group.broadcast(new TensorVector(tensor.detach())));
    }
  }

  @Override
  public Tensor gather(Tensor rows) {
    long many = rows.size(0);
    Tensor own = rows.detach().contiguous();
    boolean narrow = own.scalar_type().intern() == ScalarType.BFloat16;
    Tensor sent = narrow ? own.to(ScalarType.Float) : own;
    long[] sizes = sent.sizes().vec().get();
    sizes[0] = many * count;
    Tensor all = sent.new_empty(sizes);
    wait(() -> group._allgather_base(all, sent));
    Tensor typed = narrow ? all.to(ScalarType.BFloat16) : all;
    if (!rows.requires_grad()) {
      return typed;
    }
    TensorVector parts = new TensorVector();
    long from = index * many;
    parts.push_back(typed.narrow(0, 0, from));
    parts.push_back(rows);
    parts.push_back(typed.narrow(0, from + many, typed.size(0) - from - many));
    return cat(parts, 0);
  }

  @Override
  public Tensor total(Tensor scalar) {
    Tensor own = scalar.detach();
    Tensor all = own.clone();
    sum(all);
    return scalar.add(all.sub(own));
  }

  @Override
  public int most(int here) {
    try (PointerScope scope = new PointerScope()) {
      Tensor flag = zeros(1);
      flag.fill_(new Scalar((double) here));
      reduce(flag, ReduceOp.RedOpType.MAX);
      return (int) flag.item_float();
    }
  }

  private static void wait(Supplier<Work> begun) {
    // Work knows the group's sockets, and must not outlive them in the hands of a collector.
    try (PointerScope scope = new PointerScope()) {
      begun.get()._wait();
    } catch (RuntimeException e) {
      throw new LostRankException("a rank is gone: " + first(e), e);
    }
  }

  private static String first(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    if (group != null) {
      group.releaseReference();
      group = null;
    }
    store.releaseReference();
  }
}
