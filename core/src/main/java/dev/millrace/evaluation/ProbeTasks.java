package dev.millrace.evaluation;

import dev.millrace.refusal.Choice;
import java.util.List;

/** The downstream tasks on labels, in the order of help and tables; one more is a line here. */
public final class ProbeTasks {
  public static final String KNN = "knn";
  public static final String LINEAR = "linear";
  public static final String FEW_SHOT = "few-shot";
  static final String FINETUNE = "finetune";

  private static final List<Task> TASKS =
      List.of(new KnnTask(), new LinearTask(), new FewShotTask(), new FineTuneTask());

  /** Their names. */
  static final List<String> ALL = TASKS.stream().map(Task::name).toList();

  private ProbeTasks() {}

  /** A task by its name. */
  static Task of(String name) {
    Choice.check("--task", name, ALL.toArray(String[]::new));
    return TASKS.get(ALL.indexOf(name));
  }

  /** Those of some tasks that are done on frozen features, in seconds; no net is trained. */
  public static List<String> frozen(List<String> tasks) {
    return tasks.stream().filter(name -> ALL.contains(name) && of(name).frozen()).toList();
  }
}
