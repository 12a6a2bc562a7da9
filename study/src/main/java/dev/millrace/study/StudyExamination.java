package dev.millrace.study;

import dev.millrace.file.Finding;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.RunExamination;
import dev.millrace.study.record.Ledger;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads every file of a study's folder again: its file, its ledger, and all of its runs. */
public final class StudyExamination {
  private static final String RUNS = "runs";

  private StudyExamination() {}

  /** Whether a folder is one of a study. */
  public static boolean isStudy(Path folder) {
    return Files.exists(StudyFolder.ledger(folder))
        || Files.exists(StudyFolder.file(folder)) && Files.isDirectory(folder.resolve(RUNS));
  }

  /**
   * Examines a study's folder.
   *
   * @throws IOException if its runs cannot be listed
   */
  public static List<Finding> of(Path folder) throws IOException {
    List<Finding> findings = new ArrayList<>();
    findings.add(file(StudyFolder.file(folder)));
    findings.add(ledger(StudyFolder.ledger(folder)));
    for (Path run : runs(folder.resolve(RUNS))) {
      String name = RUNS + "/" + run.getFileName();
      RunFolder files = RunFolder.of(run);
      try {
        for (Finding one : RunExamination.of(run)) {
          findings.add(new Finding(name + "/" + one.file(), one.ok(), one.found(), one.mend()));
        }
      } catch (IllegalArgumentException e) {
        findings.add(
            Files.exists(files.copy(files.settings()))
                ? Finding.bad(name, e.getMessage(), "do as it says")
                : Finding.ok(name, "not begun; the study makes it"));
      } catch (IOException e) {
        findings.add(Finding.bad(name, Reason.whole(e), "examine it once that is over"));
      }
    }
    return findings;
  }

  private static Finding file(Path file) {
    String name = file.getFileName().toString();
    try {
      return Finding.ok(name, Say.count(StudyFile.read(file).runs().size(), "run") + " planned");
    } catch (IOException e) {
      return Finding.bad(
          name, "cannot be read: " + Reason.of(e), "the next `millrace study run` writes it again");
    } catch (IllegalArgumentException e) {
      return Finding.bad(name, e.getMessage(), "the next `millrace study run` writes it again");
    }
  }

  private static Finding ledger(Path ledger) {
    List<Integer> damaged;
    int lines;
    try {
      damaged = Ledger.damaged(ledger);
      lines = SealedText.lines(ledger).size();
    } catch (IOException e) {
      return Finding.bad(Ledger.NAME, "cannot be read: " + Reason.of(e), "make it readable");
    }
    return damaged.isEmpty()
        ? Finding.ok(Ledger.NAME, Say.count(lines, "line"))
        : Finding.bad(
            Ledger.NAME,
            "damaged in line "
                + damaged.stream().map(String::valueOf).collect(Collectors.joining(", ")),
            "delete what is damaged, and the next `millrace study run` makes it again");
  }

  private static List<Path> runs(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }
}
