package dev.millrace.vision.decode;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes every picture of a set once, to know the bad ones before training meets them. */
public final class PictureCheck {
  private static final Logger LOG = LoggerFactory.getLogger(PictureCheck.class);

  private PictureCheck() {}

  /**
   * What was found; in the set's order, whatever the number of threads.
   *
   * @param good indices of the pictures that decode, ascending
   * @param bad the others with their reasons, in index order
   * @param narrow how many of the good have 16 bits per sample and use less than a sixteenth of
   *     their range, so that they are nearly black
   * @param turned indices of the good that EXIF or TIFF turns upright, or mirrors, ascending
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box every index
  public record Result(int[] good, List<Bad> bad, int narrow, int[] turned) {
    /** Makes the list immutable; the array is not copied. */
    public Result {
      bad = List.copyOf(bad);
    }
  }

  /**
   * A picture that cannot be used.
   *
   * @param id {@link Image#id()}
   * @param reason why, for a person
   */
  public record Bad(String id, String reason) {}

  /**
   * Reads and decodes every picture.
   *
   * @param set what to check
   * @param threads how many pictures at a time, at least 1
   * @throws IllegalArgumentException if threads is below 1
   */
  public static Result check(ImageSet set, int threads) {
    return check(set, threads, (index, width, height, bytes) -> {});
  }

  /** Told of each good picture's size, on any thread and in any order. */
  @FunctionalInterface
  public interface SizeListener {
    /** The picture at an index of the set has that many columns, rows and encoded bytes. */
    void on(int index, int width, int height, int bytes);
  }

  /**
   * Like {@link #check(ImageSet, int)}, telling the pictures' sizes.
   *
   * @param sizes must be thread-safe; may throw a {@link CancellationException} to end the check
   * @throws CancellationException as the listener threw it
   */
  public static Result check(ImageSet set, int threads, SizeListener sizes) {
    Result found = look(set, threads, sizes);
    warn(set, found.narrow());
    return found;
  }

  /** Warns of pictures of a set that are nearly black, as {@link Result#narrow}. */
  public static void warn(ImageSet set, int narrow) {
    if (narrow > 0) {
      LOG.warn(
          "{}: {} of {} pictures have 16 bits per sample but use less than 1/16 of their range, and are nearly black to Millrace; stretch their range before",
          set.name(),
          narrow,
          set.size());
    }
  }

  /** Like {@link #check(ImageSet, int, SizeListener)}, of a part of a set: warns of nothing. */
  public static Result look(ImageSet set, int threads, SizeListener sizes) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + "; expected at least 1");
    }
    String[] reasons = new String[set.size()];
    AtomicInteger next = new AtomicInteger();
    AtomicInteger narrow = new AtomicInteger();
    boolean[] turned = new boolean[set.size()];
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < reasons.length; i = next.getAndIncrement()) {
            reasons[i] = reason(set.image(i), i, sizes, narrow, turned);
          }
        };
    run(work, Math.max(1, Math.min(threads, reasons.length)));

    int[] good = new int[reasons.length];
    int n = 0;
    List<Bad> bad = new ArrayList<>();
    for (int i = 0; i < reasons.length; i++) {
      if (reasons[i] == null) {
        good[n++] = i;
      } else {
        bad.add(new Bad(set.image(i).id(), reasons[i]));
      }
    }
    return new Result(
        Arrays.copyOf(good, n),
        bad,
        narrow.get(),
        IntStream.range(0, turned.length).filter(i -> turned[i]).toArray());
  }

  /**
   * Why a picture cannot be used; null if it is good.
   *
   * @throws UncheckedIOException of a {@link SourceException}, which is no picture's fault
   */
  public static String reason(Image image) {
    return reason(
        image, 0, (index, width, height, bytes) -> {}, new AtomicInteger(), new boolean[1]);
  }

  /** Null if the picture is good. Whatever one picture does is its own fault, not the set's. */
  private static String reason(
      Image image, int index, SizeListener sizes, AtomicInteger narrow, boolean[] turned) {
    Decoder.Checked checked;
    int length;
    try {
      byte[] encoded = image.bytes();
      length = encoded.length;
      checked = Decoder.check(encoded);
    } catch (BadPictureException e) {
      return e.reason();
    } catch (CancellationException e) {
      throw e;
    } catch (SourceException e) {
      throw new UncheckedIOException(e);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof SourceException) {
        throw e;
      }
      return "cannot be read: " + Reason.of(e);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      return "cannot be read: " + Reason.of(e);
    }
    if (checked.narrow()) {
      narrow.incrementAndGet();
    }
    turned[index] = checked.turned();
    sizes.on(index, checked.width(), checked.height(), length);
    return null;
  }

  /** Runs a task that takes its own share of work, on this many threads. */
  static void run(Runnable work, int threads) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(pool.submit(work));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while checking pictures", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CancellationException given) {
        throw given;
      }
      if (e.getCause() instanceof UncheckedIOException source) {
        throw new UncheckedIOException(Reason.whole(source.getCause()), source.getCause());
      }
      throw new IllegalStateException("checking pictures failed: " + e.getCause(), e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
