package dev.millrace.cluster;

import dev.millrace.file.Trees;
import dev.millrace.launch.Cluster;
import dev.millrace.launch.Gang;
import dev.millrace.launch.JvmLine;
import dev.millrace.launch.RankWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Ranks as one barrier stage of a Spark. A stage that fails is not tried again by Spark, which
 * would send the first rank the arguments of a run that is not there yet: whoever calls tries
 * again.
 */
final class SparkGang implements Gang {
  private static final long LOOK_MILLIS = 200;
  private static final long CAUSE_MILLIS = 3000;
  private static final long ROOM_MILLIS = 180_000;

  private final JavaSparkContext spark;
  private final Executors executors;
  private final Cluster.Request request;
  private final int ranks;
  private final JvmLine jvm;
  private final RankLosses losses = new RankLosses();
  private final Path scratch;
  private int attempts;

  SparkGang(
      JavaSparkContext spark, Executors executors, Cluster.Request request, int ranks, JvmLine jvm)
      throws IOException {
    this.spark = spark;
    this.executors = executors;
    this.request = request;
    this.ranks = ranks;
    this.jvm = jvm;
    scratch = request.scratch().toAbsolutePath();
    Files.createDirectories(scratch);
    spark.sc().addSparkListener(losses);
  }

  @Override
  public End run(Attempt attempt, Consumer<String> said) throws IOException {
    int number = attempts++;
    if (number > 0) {
      awaitRoom();
    }
    losses.forget();
    RankErrand errand = errand(attempt, number);
    LogLines lines = new LogLines(Path.of(errand.err()));
    ClassTag<RankEnd> tag = ClassTag$.MODULE$.apply(RankEnd.class);
    RDD<RankEnd> ends =
        spark
            .parallelize(Collections.nCopies(ranks, errand), ranks)
            .rdd()
            .barrier()
            .mapPartitions(new RankTask(), false, tag);
    spark.setJobGroup("ranks", "attempt " + number + " at " + attempt.run(), true);
    JavaFutureAction<List<RankEnd>> job = JavaRDD.fromRDD(ends, tag).collectAsync();
    try {
      while (true) {
        try {
          List<RankEnd> all = job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
          lines.pass(said);
          return end(all);
        } catch (TimeoutException e) {
          lines.pass(said);
          ask(Path.of(errand.stop()));
        }
      }
    } catch (ExecutionException e) {
      lines.pass(said);
      throw lost(e.getCause(), attempt);
    } catch (InterruptedException e) {
      job.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the ranks of " + attempt.run(), e);
    }
  }

  private RankErrand errand(Attempt attempt, int number) {
    ArrayList<String> needs = new ArrayList<>();
    attempt.needs().forEach(need -> needs.add(need.toAbsolutePath().toString()));
    return new RankErrand(
        number,
        new ArrayList<>(attempt.first()),
        attempt.run().toString(),
        needs,
        scratch.resolve(number + ".err").toString(),
        scratch.resolve(number + ".stop").toString(),
        Path.of("").toAbsolutePath().toString(),
        SparkLauncher.environment(),
        jvm);
  }

  private void ask(Path file) throws IOException {
    if (request.stop().getAsBoolean() && !Files.exists(file)) {
      Files.createFile(file);
    }
  }

  private static End end(List<RankEnd> all) throws IOException {
    for (RankEnd end : all) {
      if (!end.refusal().isEmpty()) {
        throw new IOException(end.refusal());
      }
    }
    RankEnd first = all.get(0);
    if (first.code() == RankWords.LOST) {
      throw new LostException(first.where() + ", lost the others: " + first.said(), null);
    }
    return new End(first.code(), first.result());
  }

  private IOException lost(Throwable cause, Attempt attempt) {
    String words = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    if (spark.sc().isStopped()) {
      return new IOException(
          "the connection to Spark ended while the ranks of %s were at work: %s"
              .formatted(attempt.run(), words),
          cause);
    }
    try {
      for (long left = CAUSE_MILLIS; losses.first().isEmpty() && left > 0; left -= LOOK_MILLIS) {
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new LostException(losses.first().orElse(words), cause);
  }

  /** The cluster's manager starts another executor for one that is lost, if it has room. */
  private void awaitRoom() throws IOException {
    int slots = executors.await(ranks, ROOM_MILLIS);
    if (slots < ranks) {
      throw new IOException(
          "%s has room for %d of %d ranks now that an executor is lost; give the command again when there are machines enough"
              .formatted(request.master(), slots, ranks));
    }
  }

  @Override
  public void close() {
    executors.closing();
    spark.stop();
    try {
      Trees.delete(scratch);
    } catch (IOException e) {
      request.say().accept("the folder " + scratch + " is left: " + e);
    }
  }
}
