package dev.millrace.bench;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs ours and the peer in turns, each measurement in a process of its own, and prints the medians
 * and their ratio: as a table, and as JSON on the last line.
 */
public final class SideBySide {
  private static final List<String> FLAGS =
      List.of("quick", "rounds", "only", "threads", "folder", "python");

  private final String python;
  private final Path scripts;
  private final boolean hasPeer;

  private SideBySide(String python, Path scripts) throws IOException, InterruptedException {
    this.python = python;
    this.scripts = scripts;
    this.hasPeer = canImport("torch, numpy, PIL");
  }

  /**
   * Compares. {@code --quick} for the main rows in three minutes, {@code --rounds N} alternations
   * (5; quick: 1), {@code --only WORD} rows whose name has it, {@code --threads N}, {@code --folder
   * DIR} of 640×480 JPEGs (else made up), {@code --python PROGRAM}.
   */
  public static void main(String[] args) throws Exception {
    Arguments given = new Arguments(Arguments.after(args, 1), FLAGS);
    boolean quick = given.has("quick");
    int rounds = given.number("rounds", quick ? 1 : 5);
    String threads =
        Integer.toString(given.number("threads", Runtime.getRuntime().availableProcessors()));
    SideBySide bench = new SideBySide(given.text("python", "python3"), Path.of(args[0], "peer"));
    if (!bench.hasPeer) {
      System.err.println(
          "the peer is left out: "
              + bench.python
              + " cannot import torch, numpy and PIL; install them with: pip install torch==2.13.0 numpy pillow (the CPU build of torch)");
    }
    String folder = given.has("folder") ? given.text("folder", "") : JpegFolder.made(64).toString();
    ArrayNode rows = JSON.createArrayNode();
    for (Comparison comparison : Comparison.all(folder, threads, quick)) {
      if (comparison.what().contains(given.text("only", ""))) {
        bench.compare(comparison, rounds, quick, rows);
      }
    }
    ObjectNode result = JSON.createObjectNode();
    result.set("rows", rows);
    System.out.println(JSON.writeValueAsString(result));
  }

  private void compare(Comparison comparison, int rounds, boolean quick, ArrayNode rows)
      throws IOException, InterruptedException {
    List<Double> ours = new ArrayList<>();
    List<Double> peer = new ArrayList<>();
    List<String> mine = new ArrayList<>(comparison.ours());
    if (quick) {
      mine.addAll(List.of("--seconds", "4"));
    }
    for (int round = 0; round < rounds; round++) {
      ours.add(OwnProcess.run(OwnProcess.ours(mine)).path(comparison.field()).asDouble());
      if (hasPeer) {
        List<String> theirs =
            new ArrayList<>(List.of(python, scripts.resolve(comparison.script()).toString()));
        theirs.addAll(comparison.peer());
        peer.add(OwnProcess.run(theirs).path(comparison.field()).asDouble());
      }
    }
    double left = OwnProcess.median(ours);
    if (!hasPeer) {
      System.out.printf(Locale.ROOT, "%-66s %9.1f%n", comparison.what(), left);
      return;
    }
    double right = OwnProcess.median(peer);
    double ratio = comparison.ratio(left, right);
    System.out.printf(
        Locale.ROOT,
        "%-66s %9.1f %9.1f   %5.2f x  (reach %.2f)%n",
        comparison.what(),
        left,
        right,
        ratio,
        comparison.reach());
    ObjectNode row =
        rows.addObject()
            .put("what", comparison.what())
            .put("ours", left)
            .put("peer", right)
            .put("ratio", ratio)
            .put("reach", comparison.reach());
    ours.forEach(row.putArray("ours_each")::add);
    peer.forEach(row.putArray("peer_each")::add);
  }

  private boolean canImport(String modules) throws IOException, InterruptedException {
    try {
      // Debian's Pillow lies where the peer's script looks for it as well.
      String test =
          "import sys; sys.path.append('/usr/lib/python3/dist-packages'); import " + modules;
      return new ProcessBuilder(python, "-c", test)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }
}
