package dev.millrace.cluster;

import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.launch.ChildProcess;
import dev.millrace.launch.Command;
import dev.millrace.launch.JvmLine;
import dev.millrace.launch.RankWords;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskKilledException;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * A rank's task: all of a stage begin together. The first starts its process, which reads the data
 * and makes the run's folder; once that waits for the others, and has bound a port, the other tasks
 * hear of it and start theirs. A rank is a process of its own, so that a crash of native code takes
 * no executor along, and runs with Millrace's options of the JVM. One that fails by itself fails
 * its task, with which Spark ends all others.
 */
final class RankTask extends AbstractFunction1<Iterator<RankErrand>, Iterator<RankEnd>>
    implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String MAIN = "dev.millrace.ranks.RankMain";
  private static final String BETWEEN = "\t";
  private static final long LOOK_MILLIS = 100;
  private static final int LOOKS_A_SECOND = 10;

  /** A share that keeps the lock of a machine that is gone lets go of it sooner. */
  private static final long FREE_MILLIS = 180_000;

  @Override
  public Iterator<RankEnd> apply(Iterator<RankErrand> errands) {
    try {
      RankEnd end = end(errands.next(), BarrierTaskContext.get());
      return CollectionConverters.asScala(List.of(end).iterator());
    } catch (IOException e) {
      throw new UncheckedIOException(Reason.of(e), e);
    } catch (InterruptedException e) {
      throw new TaskKilledException(String.valueOf(e.getMessage()));
    }
  }

  private static RankEnd end(RankErrand errand, BarrierTaskContext task)
      throws IOException, InterruptedException {
    int rank = task.partitionId();
    String where =
        "rank %d, attempt %d, %s".formatted(rank, errand.attempt(), RunErrand.where(task));
    String stage = task.stageId() + "." + task.stageAttemptNumber() + "." + errand.attempt();
    String address = OwnAddress.towardsDriver();
    JvmLine jvm = RunErrand.jvm(errand.jvm());
    String unseen = unseen(errand, jvm, where);
    String refusal = refusal(task.allGather(stage + BETWEEN + address + BETWEEN + unseen), stage);
    if (!refusal.isEmpty()) {
      return RankEnd.none(where, unseen.isEmpty() && rank > 0 ? "" : refusal);
    }
    if (rank == 0) {
      if (errand.attempt() > 0) {
        awaitFree(Path.of(errand.run(), LockFile.OF_FOLDER), task, where);
      }
      ArrayList<String> first = new ArrayList<>(errand.first());
      first.add("--ranks-address");
      first.add(address);
      RankChild child = new RankChild(start(errand, jvm, first), where, errand.err());
      return minded(child, task, errand, stage);
    }
    String meeting = meeting(task.allGather(stage + BETWEEN), stage);
    if (meeting.isEmpty()) {
      return RankEnd.none(where, "");
    }
    List<String> words =
        List.of(errand.run(), "" + rank, "" + task.numPartitions(), meeting, address);
    JvmLine other = jvm.with(MAIN, jvm.equals(errand.jvm()) ? null : JvmLine.place(MAIN));
    return minded(new RankChild(start(errand, other, words), where, null), task, errand, null);
  }

  private static String unseen(RankErrand errand, JvmLine jvm, String where)
      throws InterruptedException {
    String unseen = RunErrand.unseen(errand.needs(), errand.environment(), where);
    if (!unseen.isEmpty()) {
      return unseen;
    }
    return jvm == null
        ? "%s does not see %s; install Millrace there under the same path, or submit the one jar that holds all of it"
            .formatted(where, RunErrand.missing(errand.jvm()))
        : "";
  }

  /** Why the ranks cannot begin, as each finds it alike; empty if they can. */
  private static String refusal(String[] all, String stage) {
    Set<Boolean> loopback = new HashSet<>();
    Set<String> addresses = new HashSet<>();
    for (String one : all) {
      String[] parts = one.split(BETWEEN, -1);
      if (!parts[0].equals(stage)) {
        return "tasks of stages and attempts %s and %s are in one barrier"
            .formatted(stage, parts[0]);
      }
      if (!parts[2].isEmpty()) {
        return parts[2];
      }
      loopback.add(OwnAddress.isLoopback(parts[1]));
      addresses.add(parts[1]);
    }
    return loopback.size() > 1
        ? "the ranks' addresses towards the driver are %s, of which some are loopbacks that no other machine reaches; give the driver's by MILLRACE_JAVA_OPTIONS=-Dspark.driver.host=ADDRESS"
            .formatted(addresses)
        : "";
  }

  /**
   * Waits for the first rank of the attempt before: one on a machine that is cut off ends by
   * itself, but later than the driver gives it up. Who still works on the run then is refused by
   * name.
   */
  private static void awaitFree(Path lock, BarrierTaskContext task, String where)
      throws IOException, InterruptedException {
    for (int looks = 0; !LockFile.isFree(lock) && looks < FREE_MILLIS / LOOK_MILLIS; looks++) {
      if (looks == 0) {
        System.out.println(where + ": waiting for the attempt before to end");
      }
      if (task.isInterrupted()) {
        throw new InterruptedException("the task was ended");
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static String meeting(String[] all, String stage) {
    String[] first = all[0].split(BETWEEN, -1);
    return first[0].equals(stage) ? first[1] : "";
  }

  private static ChildProcess start(RankErrand errand, JvmLine jvm, List<String> words)
      throws IOException {
    Path folder = Path.of(errand.folder());
    return ChildProcess.start(
        jvm,
        new Command("rank", words, List.of(), null, null),
        errand.environment(),
        Files.isDirectory(folder) ? folder : null);
  }

  /**
   * Waits for the end of a process.
   *
   * @param stage the first rank's, which tells the others by it where they meet; null for others
   * @throws IOException if the process was lost or failed for a reason of its own
   */
  private static RankEnd minded(
      RankChild child, BarrierTaskContext task, RankErrand errand, String stage)
      throws IOException, InterruptedException {
    boolean first = stage != null;
    boolean told = !first;
    boolean asked = false;
    ChildProcess process = child.process();
    try {
      Silence silence = new Silence(child);
      while (!process.ended(LOOK_MILLIS)) {
        if (task.isInterrupted()) {
          throw new InterruptedException("the task was ended");
        }
        silence.look();
        if (!told && !child.meeting().isEmpty()) {
          told = true;
          task.allGather(stage + BETWEEN + child.meeting());
        }
        if (first && !asked && Files.exists(Path.of(errand.stop()))) {
          asked = true;
          process.stop();
        }
      }
      RankEnd end = child.end();
      if (!RankWords.own(end.code()) || !first && end.code() != 0 && end.code() != RankWords.LOST) {
        throw new IOException(
            "%s, %s%s"
                .formatted(
                    end.where(),
                    RankWords.how(end.code()),
                    end.said().isEmpty() ? "" : "; it said: " + end.said()));
      }
      if (!told) {
        task.allGather(stage + BETWEEN);
      }
      return end;
    } finally {
      process.kill();
      process.ended(Long.MAX_VALUE);
    }
  }

  /** Finds a process that hangs; looks are counted, so that a suspended machine is none. */
  private static final class Silence {
    private final RankChild child;
    private long heard;
    private int looks;

    Silence(RankChild child) {
      this.child = child;
    }

    void look() throws IOException {
      long now = child.timesHeard();
      looks = now == heard ? looks + 1 : 0;
      heard = now;
      if (looks > child.patience() * LOOKS_A_SECOND) {
        throw new IOException(
            "%s, was not heard of for %d s and was ended"
                .formatted(child.where(), child.patience()));
      }
    }
  }
}
