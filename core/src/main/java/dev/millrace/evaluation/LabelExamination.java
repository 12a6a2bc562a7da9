package dev.millrace.evaluation;

import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tasks on labels of one set, divided once or by domain. */
final class LabelExamination implements Examination {
  private static final Logger LOG = LoggerFactory.getLogger(LabelExamination.class);

  /** Which of some tasks a division is asked. */
  @FunctionalInterface
  interface Choice {
    /** Some of the tasks. */
    List<String> of(List<String> tasks, SplitParts parts);
  }

  private final ProbeCall call;
  private final String fingerprint;
  private final List<SplitParts> divisions;
  private final Choice choice;

  LabelExamination(ProbeCall call, DataSet set, List<SplitParts> divisions, Choice choice) {
    this.call = call;
    this.divisions = List.copyOf(divisions);
    this.choice = choice;
    fingerprint = ProbeLog.data(set);
  }

  /** A whole set, that must be able to answer every task. */
  static LabelExamination whole(ProbeCall call, String data) throws IOException {
    ProbeRequest request = call.request();
    Settings settings = call.settings();
    Sources sources = new Sources(settings, call.run(), request.pictures().layout());
    DataSet set = sources.open(call.catalogue(), data, Need.LABELS);
    SplitParts parts = SplitParts.whole(data, set, request.pictures().images());
    List<Task> tasks = Kind.LABELS.tasks(request.tasks()).stream().map(ProbeTasks::of).toList();
    tasks.forEach(task -> task.require(parts));
    if (tasks.stream().anyMatch(Task::judgedOnAPart)) {
      parts.reportHeldOut();
      tasks.forEach(task -> task.report(request.settings(), parts));
      warnOfLabels(settings, data, parts);
    }
    return new LabelExamination(call, set, List.of(parts), (all, one) -> all);
  }

  /** Labels that a supervised run learned from judge it too kindly. */
  private static void warnOfLabels(Settings settings, String data, SplitParts parts) {
    boolean own =
        settings.data().sets().contains(data) || settings.history().extensions().contains(data);
    if (parts.heldOut() && own && PartSettings.supervised(settings)) {
      LOG.warn(
          "{}: the encoder learned from the labels of the pictures that are held out, too; judge it on a set that it has not seen",
          data);
    }
  }

  @Override
  public boolean judges(ProbedEncoder encoder) {
    return true;
  }

  @Override
  public void ask(ProbedEncoder encoder, boolean again, Consumer<ProbeLog.Given> found)
      throws IOException {
    ProbeRequest request = call.request();
    List<String> tasks = encoder.tasks(Kind.LABELS.tasks(request.tasks()), request);
    try (Judge judge = new Judge(call.settings(), request, encoder, call.listener())) {
      for (SplitParts parts : divisions) {
        List<ProbeResult> own = new ArrayList<>();
        for (String task : choice.of(tasks, parts)) {
          ProbeLog.Given given =
              call.answers()
                  .ask(
                      ProbeLog.question(call.settings(), request, fingerprint, parts, task),
                      encoder,
                      again,
                      () -> ProbeTasks.of(task).judge(judge, parts));
          own.addAll(given.results());
          found.accept(given);
        }
        if (request.features() != null && !encoder.baseline(request)) {
          FeatureFiles.write(request.features(), judge, parts, own);
        }
      }
    }
  }
}
