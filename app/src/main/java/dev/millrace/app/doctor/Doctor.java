package dev.millrace.app.doctor;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.NativeCache;
import dev.millrace.engine.Processor;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What this machine has, what is wrong, and how to mend it. */
@Command(
    name = "doctor",
    description =
        "Checks this machine: JDK, natives, threads, bf16, cards, disk, data; or, given a path, reads all files there again; says how to mend what is wrong.")
public final class Doctor extends ComputingCommand implements Callable<Integer> {
  private static final double FREE_GIB = 2;

  /**
   * @param name what was looked at
   * @param ok whether Millrace can work with it
   * @param found what there is
   * @param mend what to do; empty if nothing
   */
  record Check(String name, boolean ok, String found, String mend) {
    private Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", name);
      json.put("ok", ok);
      json.put("found", found);
      json.put("mend", mend);
      return json;
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description =
          "a run, a study's folder, an index, an embedding, an exported model, an encoder file or a cache: each of its files is held to its checksum")
  private Path path;

  @Override
  public Integer call() throws IOException {
    return tell(path == null ? machine() : files(path));
  }

  private static List<Check> files(Path path) throws IOException {
    return PathExamination.of(path).stream()
        .map(f -> new Check(f.file(), f.ok(), f.found(), f.mend()))
        .toList();
  }

  private List<Check> machine() {
    List<Check> checks = new ArrayList<>();
    checks.add(jdk());
    checks.add(threads());
    Check natives = natives();
    checks.add(natives);
    checks.add(bf16());
    checks.add(cards(natives.ok()));
    checks.add(disk("free disk, here", Path.of("").toAbsolutePath()));
    checks.add(cache());
    checks.add(data());
    return checks;
  }

  private int tell(List<Check> checks) {
    boolean ok = checks.stream().allMatch(Check::ok);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("ok", ok);
    json.put("checks", checks.stream().map(Check::json).toList());
    common.print(
        json,
        checks.stream()
            .map(
                c ->
                    String.format(
                        "%-5s %-28s %s%s",
                        c.ok() ? "ok" : "WRONG",
                        c.name(),
                        c.found(),
                        c.mend().isEmpty() ? "" : "; " + c.mend()))
            .toList());
    return ok ? 0 : 1;
  }

  private static Check jdk() {
    int feature = Runtime.version().feature();
    return new Check(
        "JDK",
        feature >= 17,
        Runtime.version() + " from " + System.getProperty("java.vendor"),
        feature >= 17 ? "" : "install a JDK 17 or newer, for example from https://adoptium.net");
  }

  private Check threads() {
    int cores = Runtime.getRuntime().availableProcessors();
    String slow = cores >= 2 ? "" : "one core is slow: allow the process more";
    return new Check("threads", true, cores + " cores, using " + common.threads(), slow);
  }

  @SuppressWarnings("CatchAndPrintStackTrace")
  private static Check natives() {
    long began = System.nanoTime();
    try {
      List<Path> damaged = NativeCache.damaged(); // before a damaged one could crash the process
      if (!damaged.isEmpty()) {
        return new Check(
            "natives",
            false,
            "damaged: " + damaged.stream().map(Path::toString).collect(Collectors.joining(", ")),
            "remove " + NativeCache.folder() + "; the next start unpacks them again");
      }
      Compute.begin(new Device("cpu"));
      return new Check(
          "natives",
          true,
          String.format(
              Locale.ROOT,
              "whole in %s, libtorch loaded in %.1f s",
              NativeCache.folder(),
              (System.nanoTime() - began) * 1e-9),
          "");
    } catch (IOException | RuntimeException | LinkageError e) {
      // Whatever keeps the natives from loading is this check's finding.
      return new Check(
          "natives",
          false,
          "libtorch does not load on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": "
              + (e instanceof UncheckedIOException ? Reason.whole(e.getCause()) : e),
          "there are natives for Linux x86-64, macOS arm64 and Windows x86-64; build on the machine itself, and check the free disk of the cache");
    }
  }

  private static Check bf16() {
    try {
      String found = Processor.bf16();
      if (found == null) {
        return new Check("bf16", true, "unknown on this system", "compare --precision fp32");
      }
      boolean fast = !found.startsWith("none");
      return new Check(
          "bf16",
          true,
          found,
          fast ? "" : "nothing to mend: runs take fp32 by themselves, which is faster here");
    } catch (IOException e) {
      return new Check("bf16", true, "unknown: " + Reason.whole(e), "compare --precision fp32");
    }
  }

  private Check cards(boolean natives) {
    if (!natives) {
      return new Check("NVIDIA cards", false, "unknown", "see natives, above");
    }
    try {
      String cards = Device.told();
      new Device(common.device()).require();
      return new Check("NVIDIA cards", true, cards, "");
    } catch (IllegalArgumentException e) {
      return new Check("NVIDIA cards", false, "not " + common.device(), e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      return new Check("NVIDIA cards", false, "unknown: " + e.getMessage(), "see natives, above");
    }
  }

  private static Check cache() {
    String name = "free disk, cache of natives";
    try {
      return disk(name, NativeCache.folder());
    } catch (IOException e) {
      return new Check(name, false, Reason.whole(e), "give this user a writable home folder");
    }
  }

  private static Check disk(String name, Path folder) {
    // Not by a file store: in a changed root the mount point of a folder may be unknown.
    double free = folder.toFile().getUsableSpace() / (double) (1L << 30);
    if (free == 0 && !Files.isReadable(folder)) {
      return new Check(name, false, folder + " cannot be read", "give this user a readable folder");
    }
    boolean enough = free >= FREE_GIB;
    return new Check(
        name,
        enough,
        String.format(Locale.ROOT, "%.1f GiB in %s", free, folder),
        enough ? "" : "free at least " + (int) FREE_GIB + " GiB");
  }

  private static Check data() {
    String root = System.getenv("MILLRACE_DATA");
    if (root == null || root.isBlank()) {
      return new Check(
          "MILLRACE_DATA",
          true,
          "not set",
          "set it to the folder of the known sets to use them by name; folders and archives work without it");
    }
    boolean there = Files.isDirectory(Path.of(root));
    return new Check(
        "MILLRACE_DATA",
        there,
        root + (there ? "" : " is not a folder"),
        there ? "" : "set it to the folder that holds the known sets");
  }
}
