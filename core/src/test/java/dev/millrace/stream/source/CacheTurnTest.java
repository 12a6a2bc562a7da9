package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTurnTest {
  @TempDir Path cache;
  @TempDir Path folder;

  @Test
  void ofManyOneIsAtWorkAtATimeAndOneAloneMakesIt() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger made = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      Future<?>[] all =
          IntStream.range(0, 8)
              .mapToObj(
                  i ->
                      pool.submit(
                          () -> {
                            try (CacheTurn turn = CacheTurn.take(cache, "a set", () -> false)) {
                              assertThat(inside.incrementAndGet()).isOne();
                              assertThat(turn.lock().isOpen()).isTrue();
                              if (!Files.exists(folder.resolve("made"))) {
                                made.incrementAndGet();
                                Files.createFile(folder.resolve("made"));
                              }
                              Thread.sleep(20);
                              inside.decrementAndGet();
                            }
                            return null;
                          }))
              .toArray(Future<?>[]::new);
      for (Future<?> one : all) {
        one.get(1, TimeUnit.MINUTES);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(made).hasValue(1);
    try (CacheTurn other = CacheTurn.take(cache, "a set", () -> false);
        CacheTurn another = CacheTurn.take(cache, "another", () -> false)) {
      assertThat(other.lock()).isNotNull();
      assertThat(another.lock()).isNotNull();
      assertThatThrownBy(() -> CacheTurn.take(cache, "a set", () -> true))
          .isInstanceOf(CancellationException.class);
    }
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void whoWaitedForAnArchiveTakesWhatTheOtherUnpacked() throws Exception {
    Path tar = ArchiveTest.archive(folder.resolve("a.tar.gz"), Map.of("1.jpg", new byte[] {1}));
    UnpackedTar.of(tar, cache, () -> false).close();
    Path unpacked = new TarCache(cache).tars().get(0);
    Path aside = Files.move(unpacked, folder.resolve("aside"));
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (CacheTurn turn =
        CacheTurn.take(cache, "unpacking " + unpacked.getFileName(), () -> false)) {
      Future<UnpackedTar> waiting = pool.submit(() -> UnpackedTar.of(tar, cache, () -> false));
      Thread.sleep(300);
      assertThat(waiting.isDone()).isFalse();
      Files.move(aside, unpacked);
      Object key = Files.readAttributes(unpacked, "unix:ino").get("ino");
      turn.close();
      waiting.get(1, TimeUnit.MINUTES).close();
      assertThat(Files.readAttributes(unpacked, "unix:ino").get("ino")).isEqualTo(key);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void whereNoLockCanBeHadTheTurnComesAllTheSame() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    try (CacheTurn turn = CacheTurn.take(file, "a set", () -> false)) {
      assertThat(turn.lock()).isNull();
    }
  }
}
