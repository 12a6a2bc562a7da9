package dev.millrace.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.millrace.draw.Draw;
import dev.millrace.file.Trees;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * What a chunk costs as their number grows, and as that of the classes does: processor seconds of
 * the whole process, with pictures so small that learning them costs next to nothing.
 *
 * <pre>
 * bench/run dev.millrace.bench.ManyChunks chunks --chunks 1000 --pictures 60
 * bench/run dev.millrace.bench.ManyChunks class --classes 20000
 * bench/run dev.millrace.bench.ManyChunks union --classes 20000
 * bench/run dev.millrace.bench.ManyChunks distant --classes 20000
 * </pre>
 */
public final class ManyChunks {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private ManyChunks() {}

  /** The first argument says what is measured. */
  public static void main(String[] args) throws IOException {
    String what = args.length == 0 ? "" : args[0];
    Arguments flags =
        new Arguments(
            Arguments.after(args, Math.min(1, args.length)),
            List.of("chunks", "classes", "pictures", "until"));
    Path work = Files.createTempDirectory("millrace-many");
    try {
      switch (what) {
        case "chunks" -> chunks(work, flags);
        case "class", "union", "distant" -> classes(work, what, flags);
        default ->
            throw new IllegalArgumentException(
                "expected chunks, class, union or distant first, found `" + what + "`");
      }
    } finally {
      Trees.delete(work);
    }
  }

  private static void chunks(Path work, Arguments flags) throws IOException {
    int chunks = flags.number("chunks", 1000);
    int pictures = flags.number("pictures", 60);
    Path set = work.resolve("set.tar");
    tar(set, 1, chunks * pictures);
    Map<String, Object> changes = new HashMap<>();
    changes.put("stream", "instance");
    changes.put("chunks", chunks);
    changes.put("batch", pictures);
    run(work, List.of(set.toString()), changes, Math.max(1, chunks / 10), chunks, flags);
  }

  private static void classes(Path work, String what, Arguments flags) throws IOException {
    int classes = flags.number("classes", 20_000);
    int chunks = flags.number("chunks", 8);
    Path set = work.resolve("set.tar");
    tar(set, classes, 5 * classes);
    Map<String, Object> changes = new HashMap<>();
    changes.put("stream", what.equals("distant") ? "distant" : "class");
    changes.put("chunks", chunks);
    changes.put("batch", 256);
    List<String> data = List.of(set.toString());
    if (what.equals("distant")) {
      Path hierarchy = work.resolve("classes.txt");
      Files.write(
          hierarchy,
          (Iterable<String>)
              Stream.iterate(0, c -> c < classes, c -> c + 1)
                      .map(c -> "c%05d: g%d/s%d".formatted(c, c % 40, c % 1600))
                  ::iterator);
      changes.put("hierarchy", hierarchy.toString());
    }
    if (what.equals("union")) {
      Path other = work.resolve("other.tar");
      Files.copy(set, other);
      data = List.of(set.toString(), other.toString());
    }
    run(work, data, changes, 1, chunks, flags);
  }

  private static void run(
      Path work,
      List<String> data,
      Map<String, Object> changes,
      int every,
      int chunks,
      Arguments flags)
      throws IOException {
    Map<String, Object> all =
        new HashMap<>(
            Map.of(
                "data", data, "width", 4, "size", 8, "epochs", 1, "queue", 64, "dim", 16, "replay",
                0.1, "threads", 1));
    all.put("schedule", "restart"); // a mean's forward passes would outlast a chunk's only step
    all.putAll(changes);
    int until = flags.number("until", chunks);
    Meter meter = new Meter(every, until);
    Path run = work.resolve("run");
    Millrace.pretrain(Settings.defaults().with(all), run, meter, meter);
    try (Stream<Path> files = Files.list(RunFolder.of(run).memory())) {
      long bytes = 0;
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
      System.out.printf(Locale.ROOT, "replay memory on disk: %.1f MB%n", bytes * 1e-6);
    }
  }

  /** Prints what the chunks cost, and stops once enough are learned. */
  private static final class Meter implements RunEvent.Listener, BooleanSupplier {
    private final int every;
    private final int until;
    private int learned;
    private double before;

    Meter(int every, int until) {
      this.every = every;
      this.until = until;
      this.before = seconds();
    }

    private static double seconds() {
      return PROCESS.getProcessCpuTime() * 1e-9;
    }

    @Override
    public void on(RunEvent event) {
      if (event instanceof RunEvent.ChunkOpened && learned == 0) {
        System.out.printf(Locale.ROOT, "until the first chunk: %.1f s%n", seconds() - before);
        before = seconds();
      } else if (event instanceof RunEvent.ChunkLearned && ++learned % every == 0) {
        System.out.printf(
            Locale.ROOT,
            "chunk %d: %.3f s per chunk, heap up to %d MB%n",
            learned,
            (seconds() - before) / every,
            heap());
        before = seconds();
      }
    }

    private static long heap() {
      return ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
              .mapToLong(pool -> pool.getPeakUsage().getUsed())
              .sum()
          >> 20;
    }

    @Override
    public boolean getAsBoolean() {
      return learned >= until;
    }
  }

  /** Pictures of 8 × 8 in folders of classes. */
  private static void tar(Path file, int classes, int pictures) throws IOException {
    byte[] head = "P6 8 8 255\n".getBytes(StandardCharsets.US_ASCII);
    try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
        TarArchiveOutputStream out = new TarArchiveOutputStream(raw)) {
      for (int p = 0; p < pictures; p++) {
        byte[] bytes = java.util.Arrays.copyOf(head, head.length + 192);
        Draw draw = Draw.of(0, "pixels", p);
        for (int i = head.length; i < bytes.length; i++) {
          bytes[i] = (byte) draw.at(i).below(256);
        }
        TarArchiveEntry entry = new TarArchiveEntry("c%05d/%07d.ppm".formatted(p % classes, p));
        entry.setSize(bytes.length);
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
      }
    }
  }
}
