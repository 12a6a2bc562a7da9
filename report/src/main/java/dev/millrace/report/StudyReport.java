package dev.millrace.report;

import dev.millrace.file.AtomicFiles;
import dev.millrace.report.numbers.NoiseFloor;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.plot.Figure;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The report of a study, made at any time from what is there: {@code LEDGER.jsonl}, and the planned
 * runs where they are known, which tell what is still missing.
 *
 * @param file the page
 * @param planned how many runs there shall be; without a plan, how many the ledger knows
 * @param done how many finished
 * @param failed how many failed and were not mended
 */
public record StudyReport(Path file, int planned, int done, int failed) {
  /** The page's name in the study's folder. */
  public static final String FILE = "report.html";

  /** The folder of plots in the study's folder. */
  public static final String PLOTS = "plots";

  /**
   * Writes the page and its plots from the ledger alone.
   *
   * @return the page
   * @throws IOException if the folder is not there, or a file cannot be read or written
   */
  public static Path write(Path folder) throws IOException {
    return write(
            folder,
            folder.toAbsolutePath().normalize().getFileName().toString(),
            List.of(),
            List.of(),
            Primary.DEFAULT,
            Optional.empty())
        .file();
  }

  /**
   * Writes the page and its plots, over those of before.
   *
   * @param name what the study is called
   * @param planned every run that there shall be; empty if unknown: then nothing is pending
   * @param protocol the questions for every run, in words, one line each; empty if unknown
   * @param primary what claims are judged by
   * @param second what rows are held against joint training by beside it, if anything
   * @throws IOException if the folder is not there, or a file cannot be read or written
   */
  public static StudyReport write(
      Path folder,
      String name,
      List<Study.Planned> planned,
      List<String> protocol,
      Primary primary,
      Optional<Primary> second)
      throws IOException {
    Study study = new Study(Records.read(folder), planned, primary, Names.read(folder));
    NoiseFloor floor = new NoiseFloor(study);
    StudyPage page = StudyPage.of("Study: " + name, study, floor.beside(), floor, protocol, second);
    Path plots = folder.resolve(PLOTS);
    Set<String> names = new HashSet<>();
    Files.createDirectories(plots);
    for (Figure figure : page.figures()) {
      String plot = figure.name() + ".svg";
      for (int again = 2; !names.add(plot); again++) {
        plot = figure.name() + "-" + again + ".svg";
      }
      Files.writeString(plots.resolve(plot), figure.file());
    }
    forgetOthers(plots, names);
    Path file = folder.resolve(FILE);
    AtomicFiles.write(file, page.page().html().getBytes(StandardCharsets.UTF_8));
    return new StudyReport(file, study.planned(), study.doneOfPlan(), study.failedOfPlan());
  }

  /** Plots of an earlier report that this one does not have would tell what is no longer so. */
  private static void forgetOthers(Path plots, Set<String> names) throws IOException {
    if (!Files.isDirectory(plots)) {
      return;
    }
    try (var files = Files.newDirectoryStream(plots, "*.svg")) {
      for (Path file : files) {
        if (!names.contains(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
  }
}
