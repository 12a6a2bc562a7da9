package dev.millrace.app;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.inference.Encoder;
import dev.millrace.insight.Sharpness;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A program that uses the Java API and exits whenever it likes; a process of {@link ExitIT}. */
final class Host {
  private Host() {}

  /** Arguments: what to compute, where, and the milliseconds after which the program exits. */
  public static void main(String[] args) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Path path = Path.of(args[1]);
    Runnable work =
        () -> {
          try {
            work(args[0], path, begun);
          } catch (Exception e) {
            System.err.println("ended by " + e);
          }
        };
    int threads = args[0].equals("encoder") ? 16 : 1;
    for (int i = 0; i < threads; i++) {
      new Thread(work, "work-" + i).start();
    }
    begun.await();
    Thread.sleep(Long.parseLong(args[2]));
    System.exit(3);
  }

  private static void work(String what, Path path, CountDownLatch begun) throws Exception {
    switch (what) {
      case "pretrain" -> {
        Settings settings =
            Settings.defaults("generated:images=2000,test=8,size=32")
                .with(Map.of("width", 16, "size", 32, "batch", 64, "epochs", 50, "queue", 256));
        RunEvent.Listener learning =
            event -> {
              if (event instanceof RunEvent.ChunkOpened) {
                begun.countDown();
              }
            };
        Millrace.Outcome outcome = Millrace.pretrain(settings, path, learning, () -> false);
        System.err.println("ended by itself, stopped: " + outcome.stopped());
      }
      case "insight" -> {
        InsightRequest few = InsightRequest.of(2, "sharpness");
        InsightRequest many =
            few.with(few.loss().with(new Sharpness.Settings(1e-3, 200, 500, 0, 200)));
        begun.countDown();
        Insights.of(path, many, new InsightListener() {});
      }
      default -> {
        try (Encoder encoder = Encoder.load(path)) {
          begun.countDown();
          java.awt.image.BufferedImage picture = new java.awt.image.BufferedImage(64, 64, 1);
          while (true) {
            encoder.embedImages(List.of(picture, picture));
          }
        }
      }
    }
  }
}
