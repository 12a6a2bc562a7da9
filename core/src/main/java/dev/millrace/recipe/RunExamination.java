package dev.millrace.recipe;

import dev.millrace.file.AppendLog;
import dev.millrace.file.Finding;
import dev.millrace.file.Reason;
import dev.millrace.file.Seal;
import dev.millrace.file.SealedText;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.KeptLying;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.learn.run.RunState;
import dev.millrace.stream.memory.Keep;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Reads every file of a run again and says of each whether it is as it was written, and what to do
 * if not. Changes nothing; needs nothing native.
 */
public final class RunExamination {
  private final RunDirectory directory;
  private final RunFolder folder;
  private final Path run;
  private final List<Finding> findings = new ArrayList<>();

  private RunExamination(RunDirectory directory) {
    this.directory = directory;
    folder = directory.folder();
    run = directory.root();
  }

  /**
   * Examines a run.
   *
   * @throws IllegalArgumentException if there is no run at the path
   * @throws IOException if another process works on it
   */
  public static List<Finding> of(Path run) throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      return new RunExamination(directory).examine();
    }
  }

  private List<Finding> examine() throws IOException {
    Settings settings = settings();
    seal();
    chunks(settings);
    checkpoints();
    logs();
    state();
    lines(folder.probes(), "probe again: its question is then asked again");
    whole(
        folder.checks(),
        name ->
            name.endsWith(".bad.json")
                ? "delete it; bad pictures of the chunk must then stay as they were"
                : ShellWords.resume(run) + " checks the pictures again");
    orders();
    whole(folder.insightParts(), name -> "delete it and run `millrace insight` again");
    memory(settings);
    return findings;
  }

  private Settings settings() {
    try {
      Settings settings = RunFiles.settings(run);
      boolean edited = !Seal.of(run).fits(directory.settings());
      findings.add(
          Finding.ok(
              RunFolder.SETTINGS,
              edited
                  ? "edited since it was written, where no result depends on it"
                  : "the settings that the run was made with"));
      return settings;
    } catch (IOException | IllegalArgumentException e) {
      findings.add(Finding.bad(RunFolder.SETTINGS, Reason.of(e), "do as it says"));
      return null;
    }
  }

  private void seal() {
    try {
      Seal seal = directory.seal();
      if (seal.names().isEmpty()) {
        findings.add(
            Finding.bad(
                Seal.NAME,
                "missing, or of an older version: no checksums to hold the files to",
                ShellWords.resume(run) + " makes it from the files as they are"));
        return;
      }
      findings.add(Finding.ok(Seal.NAME, seal.names().size() + " checksums"));
      for (Finding one : seal.examine(this::mend)) {
        if (!one.file().equals(RunFolder.SETTINGS)) {
          findings.add(one);
        }
      }
    } catch (IOException e) {
      findings.add(
          Finding.bad(
              Seal.NAME, Reason.of(e), "delete it; " + ShellWords.resume(run) + " makes it again"));
    }
  }

  private String mend(String name) {
    Path file = run.resolve(name);
    if (file.startsWith(folder.copies())) {
      return "copy %s over it".formatted(run.resolve(folder.copies().relativize(file)));
    }
    if (file.equals(folder.stream())) {
      return "copy %s over it".formatted(folder.copy(file));
    }
    if (file.equals(folder.finish())) {
      return "delete it: it only says how fast the call was that finished the run";
    }
    if (file.equals(folder.insight())) {
      return "delete it and run `%s` again"
          .formatted(ShellWords.of("millrace", "insight", ShellWords.place(run)));
    }
    return file.equals(folder.init())
        ? "bring it back from a copy of yours; only the untrained encoder is judged by it once the run has made a step"
        : ShellWords.resume(run) + " makes it again";
  }

  private void state() {
    String name = folder.name(folder.stateFile());
    try {
      RunState state = folder.state();
      if (state != null) {
        findings.add(
            Finding.ok(
                name,
                "the encoder has learned %d of %d chunks"
                    .formatted(state.learned(), state.chunks())));
      }
    } catch (IOException e) {
      findings.add(
          Finding.bad(
              name,
              "damaged: its line cannot be read",
              ShellWords.resume(run) + " writes it again"));
    }
  }

  private void chunks(Settings settings) throws IOException {
    for (int i = 0; settings != null && i < settings.stream().chunks(); i++) {
      String chunk = folder.name(folder.chunk(i));
      if (letGo(settings, i)) {
        findings.add(Finding.ok(chunk, "its encoder was removed by --keep-chunks or prune"));
      }
      states(chunk, Checkpoints.ofChunk(run, i));
      states(folder.name(folder.trunk(i)), Checkpoints.ofTrunk(run, i));
    }
  }

  private boolean letGo(Settings settings, int chunk) {
    try {
      return chunk < KeptChunks.learned(run, settings)
          && KeptChunks.letGo(run, directory.seal(), chunk);
    } catch (IOException e) {
      return false; // said of the seal already
    }
  }

  private void checkpoints() throws IOException {
    states(folder.name(folder.checkpoints()), recorded());
  }

  private Checkpoints recorded() {
    return new Checkpoints(directory.checkpoints(), 1, "", Map::of);
  }

  private void states(String name, Checkpoints checkpoints) throws IOException {
    int before = findings.size();
    int found =
        checkpoints.verify(
            sentence -> {
              int mend = sentence.lastIndexOf("; ");
              findings.add(
                  mend < 0
                      ? Finding.bad(name, sentence, "read it again, or bring it back from a copy")
                      : Finding.bad(
                          name, sentence.substring(0, mend), sentence.substring(mend + 2)));
            });
    if (found > 0 && findings.size() == before) {
      findings.add(Finding.ok(name, found + (found == 1 ? " state" : " states") + " with record"));
    }
  }

  private void logs() {
    Map<String, AppendLog.Mark> marks;
    try {
      marks = recorded().lastMarks();
    } catch (IOException e) {
      return; // said of the checkpoints already
    }
    if (marks != null) {
      marks.forEach(this::log);
    }
  }

  private void log(String name, AppendLog.Mark mark) {
    String mend = ShellWords.resume(run) + " keeps what can be read of it";
    try {
      findings.add(
          AppendLog.fits(run.resolve(name), mark)
              ? Finding.ok(name, mark.bytes() + " bytes that the last checkpoint counts on")
              : Finding.bad(name, "bytes that the last checkpoint counts on are not there", mend));
    } catch (IOException e) {
      findings.add(Finding.bad(name, "cannot be read: " + Reason.of(e), mend));
    }
  }

  private void lines(Path file, String mend) throws IOException {
    String name = folder.name(file);
    int number = 0;
    List<String> damaged = new ArrayList<>();
    for (String line : SealedText.lines(file)) {
      number++;
      if (SealedText.open(line) == null) {
        damaged.add(Integer.toString(number));
      }
    }
    if (!damaged.isEmpty()) {
      findings.add(Finding.bad(name, "damaged in line " + String.join(", ", damaged), mend));
    } else if (number > 0) {
      findings.add(Finding.ok(name, number + " lines"));
    }
  }

  /** Files that carry their own checksum. */
  private void whole(Path place, UnaryOperator<String> mend) throws IOException {
    if (!Files.isDirectory(place)) {
      return;
    }
    try (Stream<Path> files = Files.list(place)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        String name = folder.name(file);
        findings.add(
            SealedText.open(text) == null || !text.stripTrailing().endsWith("}")
                ? Finding.bad(name, "damaged: it does not fit its own checksum", mend.apply(name))
                : Finding.ok(name, "as it was written"));
      }
    }
  }

  /** In which chunks are read along. */
  private void orders() throws IOException {
    if (!Files.isDirectory(folder.checks())) {
      return;
    }
    try (Stream<Path> files = Files.list(folder.checks())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".lying")).sorted().toList()) {
        String name = folder.name(file);
        findings.add(
            KeptLying.isWhole(file)
                ? Finding.ok(name, "as it was written")
                : Finding.bad(
                    name,
                    "damaged: it does not fit its own checksum",
                    "bring it back from a copy of yours, or delete it if the set was not packed anew since the chunk began"));
      }
    }
  }

  private void memory(Settings settings) {
    Keep keep = settings == null ? null : PartSettings.keep(RemedyParts.replay(settings));
    if (keep == null || !Files.isDirectory(directory.memory())) {
      return;
    }
    try (ReplayMemory memory =
        ReplayMemory.look(directory.memory(), keep, settings.stream().seed())) {
      memory.verify();
      findings.add(Finding.ok(folder.name(folder.memory()), memory.bytes() + " bytes"));
    } catch (IOException | RuntimeException e) {
      findings.add(
          Finding.bad(
              folder.name(folder.memory()),
              Reason.of(e),
              "bring memory/ back from a copy of yours, or train the run again"));
    }
  }
}
