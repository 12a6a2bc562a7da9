package dev.millrace.cluster;

import java.util.Optional;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Why a stage of ranks failed: the first of its tasks that did so by itself. Thread-safe. */
final class RankLosses extends SparkListener {
  private String first;

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (first != null) {
      return;
    }
    int rank = end.taskInfo().index();
    if (end.reason() instanceof ExceptionFailure failure) {
      // The task says which rank it is, and where.
      first = failure.description();
    } else if (end.reason() instanceof ExecutorLostFailure lost) {
      String why = lost.reason().isDefined() ? lost.reason().get() : "no reason is known";
      first =
          "rank %d, stage %d (attempt %d): executor %s of %s is lost: %s"
              .formatted(
                  rank,
                  end.stageId(),
                  end.stageAttemptId(),
                  end.taskInfo().executorId(),
                  end.taskInfo().host(),
                  why.lines().findFirst().orElse("").strip());
    } else if (end.reason() instanceof TaskFailedReason
        && !end.reason().getClass().getSimpleName().startsWith("TaskKilled")) {
      first = "rank %d: %s".formatted(rank, end.reason());
    }
  }

  /** Before an attempt. */
  synchronized void forget() {
    first = null;
  }

  synchronized Optional<String> first() {
    return Optional.ofNullable(first);
  }
}
