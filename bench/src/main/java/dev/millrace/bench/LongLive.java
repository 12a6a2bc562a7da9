package dev.millrace.bench;

import dev.millrace.file.Trees;
import dev.millrace.live.Live;
import dev.millrace.live.LiveEvent;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Very many small pictures through a whole live run, from acceptance to learning: what it holds in
 * memory as they go by, in its process and in the one that learns, and what its account takes on
 * disk for each.
 *
 * <pre>
 * bench/run dev.millrace.bench.LongLive --pictures 1000000
 * </pre>
 */
public final class LongLive {
  private static final int WIDTH = 32;
  private static final int HEIGHT = 24;
  private static final int DISTINCT = 64;
  private static final int LINES = 20;

  private final int count;
  private final byte[][] pictures = new byte[DISTINCT][];
  private final AtomicLong offered = new AtomicLong();

  private LongLive(int count) throws IOException {
    this.count = count;
    for (int i = 0; i < DISTINCT; i++) {
      pictures[i] = JpegFolder.bytes(i, WIDTH, HEIGHT);
    }
  }

  /** {@code --pictures N} (1000000), {@code --chunk N} pictures (20000). */
  public static void main(String[] args) throws Exception {
    Arguments given = new Arguments(args, List.of("pictures", "chunk"));
    LongLive run = new LongLive(given.number("pictures", 1_000_000));
    Path folder = Files.createTempDirectory("millrace-long-live");
    try {
      run.go(folder, given.number("chunk", 20_000));
    } finally {
      Trees.delete(folder);
    }
    System.exit(0); // libtorch's threads would keep the process
  }

  private void go(Path folder, int chunk) throws Exception {
    LiveFolder run = LiveFolder.of(folder.resolve("run"));
    System.out.println("pictures\tseconds\tlive, MB\tlearner, MB\taccount, bytes a picture");
    long began = System.nanoTime();
    try (Live live =
        Live.in(run.root())
            .source(new Endless())
            .close("count=" + chunk)
            .pretrain(tiny())
            .untilIdle(true)
            .listener(this::heard)
            .start()) {
      for (long next = count / LINES; !live.ended(); Thread.sleep(100)) {
        long now = offered.get();
        if (now >= next) {
          print(run, now, began);
          next = now + count / LINES;
        }
      }
      live.await();
    }
    print(run, offered.get(), began);
  }

  /** The least that learns: what is measured lies around it. */
  private static Map<String, Object> tiny() {
    Map<String, Object> flags = new LinkedHashMap<>();
    flags.put("width", 4);
    flags.put("size", 8);
    flags.put("batch", 256);
    flags.put("epochs", 1);
    flags.put("threads", 1);
    flags.put("schedule", "restart"); // a mean takes as many forward passes as the chunk had steps
    return flags;
  }

  private void heard(LiveEvent event) {
    if (event instanceof LiveEvent.Accepted some) {
      offered.addAndGet(some.states().values().stream().mapToInt(n -> n).sum());
    }
  }

  private static void print(LiveFolder run, long pictures, long began) throws IOException {
    long learner =
        ProcessHandle.current().children().mapToLong(one -> resident(one.pid())).max().orElse(0);
    System.out.printf(
        Locale.ROOT,
        "%d\t%.0f\t%d\t%d\t%.0f%n",
        pictures,
        (System.nanoTime() - began) * 1e-9,
        resident(ProcessHandle.current().pid()),
        learner,
        Files.size(run.account()) / (double) pictures);
  }

  /** Megabytes that a process holds; 0 where this system does not say. */
  private static long resident(long process) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (IOException e) {
      return 0; // it has ended
    }
    return 0;
  }

  /** As many pictures as asked for, each once. */
  private final class Endless implements Source {
    private int next;

    @Override
    public String name() {
      return "endless";
    }

    @Override
    public void open(Memory memory) throws IOException {
      String place = memory.place();
      next = place == null ? 0 : Integer.parseInt(place);
    }

    @Override
    public Batch poll(int most) {
      List<Arrival> arrivals = new ArrayList<>();
      for (int i = next; i < Math.min(count, next + Math.min(most, 1000)); i++) {
        byte[] one = pictures[i % DISTINCT];
        arrivals.add(
            Arrival.of(
                "%08d.jpg".formatted(i),
                ByteBuffer.allocate(one.length + Integer.BYTES).put(one).putInt(i).array()));
      }
      int end = next + arrivals.size();
      return arrivals.isEmpty() ? Batch.none() : Batch.of(arrivals, String.valueOf(end));
    }

    @Override
    public void committed(Batch batch, List<State> states) {
      next = Integer.parseInt(batch.place());
    }

    @Override
    public boolean drained() {
      return next == count;
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }
}
