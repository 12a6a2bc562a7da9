package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClosingTest {
  private final List<String> closed = new ArrayList<>();

  private AutoCloseable one(String name, Throwable failure) {
    return () -> {
      closed.add(name);
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (Exception) failure;
      }
    };
  }

  @Test
  void whatCannotBeClosedKeepsNothingElseOpen() {
    List<AutoCloseable> all =
        Arrays.asList(
            one("a", null),
            one("b", new IOException("the disk")),
            null,
            one("c", new UnsatisfiedLinkError("the library")),
            one("d", new IllegalStateException("the state")),
            one("e", null));
    assertThatThrownBy(() -> Closing.all(all))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("the library", "the state"));
    assertThat(closed).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void theFailureThatCameFirstStaysTheOneThatIsThrown() {
    IOException failure = new IOException("no such file");
    Closing.after(failure, List.of(one("a", new IOException("the disk")), one("b", null)));
    assertThat(closed).containsExactly("a", "b");
    assertThat(failure.getSuppressed())
        .extracting(Throwable::getMessage)
        .containsExactly("the disk");
  }

  @Test
  void anInterruptShortensNoWaitAndIsNotLost() {
    CountDownLatch end = new CountDownLatch(1);
    Thread worker =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(200);
              } catch (InterruptedException e) {
                return;
              }
              end.countDown();
            });
    worker.start();
    Thread.currentThread().interrupt();
    Closing.await(nanos -> end.await(nanos, TimeUnit.NANOSECONDS));
    assertThat(end.getCount()).isZero();
    assertThat(Closing.within(1, nanos -> new CountDownLatch(1).await(nanos, TimeUnit.NANOSECONDS)))
        .as("a time is a time")
        .isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }
}
