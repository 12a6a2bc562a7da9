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
import java.util.Set;
import java.util.TreeSet;
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
  private final String data;
  private final String fingerprint;

  /** Whether the run learned from the set's labels. */
  private final boolean learned;

  private final List<SplitParts> divisions;
  private final Choice choice;
  private boolean warned;

  /**
   * An examination.
   *
   * @param data what the set is called
   * @param own whether it is one of the run's
   */
  LabelExamination(
      ProbeCall call,
      String data,
      DataSet set,
      boolean own,
      List<SplitParts> divisions,
      Choice choice) {
    this.call = call;
    this.data = data;
    learned = own && PartSettings.supervised(call.settings());
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
    }
    boolean own = sources.has(call.catalogue(), data);
    return new LabelExamination(call, data, set, own, List.of(parts), (all, one) -> all);
  }

  /** Labels that a supervised run learned from judge it too kindly: said once of a set. */
  private void warnOfLabels(ProbedEncoder encoder) {
    if (warned || !learned || !encoder.ofRun()) {
      return;
    }
    List<String> asked = encoder.tasks(Kind.LABELS.tasks(call.request().tasks()), call.request());
    Set<String> splits = new TreeSet<>();
    for (SplitParts parts : divisions) {
      for (String task : choice.of(asked, parts)) {
        boolean part = ProbeTasks.of(task).judgedOnAPart();
        String split = part ? parts.split() : parts.episodeSplit();
        if (!split.equals(SplitParts.TEST)) {
          splits.add(split);
        }
      }
    }
    if (!splits.isEmpty()) {
      warned = true;
      LOG.warn(
          "{}: the encoder learned from the labels of pictures that judge it ({}), too; judge it on a set that it has not seen",
          data,
          String.join(", ", splits));
    }
  }

  @Override
  public boolean judges(ProbedEncoder encoder) {
    return true;
  }

  @Override
  public void ask(ProbedEncoder encoder, boolean again, Consumer<ProbeLog.Given> found)
      throws IOException {
    warnOfLabels(encoder);
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
