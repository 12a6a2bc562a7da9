package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NativeCallTest {
  @AfterEach
  void clear() {
    Thread.interrupted();
  }

  @Test
  void anInterruptOfTheCallerIsAStopAndIsGivenBackAtTheEnd() throws IOException {
    Thread.currentThread().interrupt();
    boolean seen =
        NativeCall.run(
            call -> {
              while (!call.ending()) {
                Thread.onSpinWait();
              }
              // What computes and saves is not interrupted itself.
              return !Thread.currentThread().isInterrupted();
            });
    assertThat(seen).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void anInterruptThatComesWhileTheCallRunsReachesItToo() throws Exception {
    Thread caller = Thread.currentThread();
    assertThatThrownBy(
            () ->
                NativeCall.run(
                    call -> {
                      caller.interrupt();
                      while (true) {
                        call.check();
                        Thread.onSpinWait();
                      }
                    }))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  /** Each thread that computes has memory and native threads of its own, and keeps them. */
  @Test
  void callsOneAfterAnotherComputeOnOneThread() throws IOException {
    Thread first = NativeCall.run(call -> Thread.currentThread());
    for (int i = 0; i < 20; i++) {
      assertThat(NativeCall.<Thread>run(call -> Thread.currentThread())).isSameAs(first);
    }
  }

  @Test
  void whatIsReportedRunsOnTheCallersThreadAndItsExceptionsComeBack() throws IOException {
    Thread caller = Thread.currentThread();
    String thread =
        NativeCall.run(
            call -> {
              StringBuilder name = new StringBuilder();
              call.report(() -> name.append(Thread.currentThread() == caller));
              assertThatThrownBy(
                      () ->
                          call.report(
                              () -> {
                                throw new IllegalArgumentException("no");
                              }))
                  .isInstanceOf(IllegalArgumentException.class);
              return name.toString();
            });
    assertThat(thread).isEqualTo("true");
  }

  @Test
  void failuresAreThoseOfTheBody() {
    assertThatThrownBy(
            () ->
                NativeCall.run(
                    call -> {
                      throw new IOException("disk");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk");
    assertThatThrownBy(
            () ->
                NativeCall.run(
                    call -> {
                      throw new StackOverflowError("deep");
                    }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(ProcessEnd.working()).isFalse();
  }

  @Test
  void aCallWithinACallIsAPartOfIt() throws IOException {
    boolean same =
        NativeCall.run(
            outer -> {
              Thread thread = Thread.currentThread();
              return NativeCall.run(inner -> inner == outer && Thread.currentThread() == thread);
            });
    assertThat(same).isTrue();
  }

  /** Like those of the API: reports, and a question whether to stop. */
  public interface Listener {
    default void done(String what, int count) {}

    default boolean stop() {
      return false;
    }
  }

  @Test
  void aListenersReportsRunOnTheCallersThreadAndItsStopIsAskedOnTheCalls() throws IOException {
    Thread caller = Thread.currentThread();
    List<String> heard = new ArrayList<>();
    List<Thread> asked = new ArrayList<>();
    Listener own =
        new Listener() {
          @Override
          public void done(String what, int count) {
            assertThat(Thread.currentThread()).isSameAs(caller);
            heard.add(what + count);
          }

          @Override
          public boolean stop() {
            asked.add(Thread.currentThread());
            return heard.size() == 2;
          }
        };
    NativeCall.run(
        call -> {
          Listener reporting = call.reporting(Listener.class, own);
          reporting.done("set", 1);
          assertThat(reporting.stop()).isFalse();
          reporting.done("set", 2);
          assertThat(reporting.stop()).isTrue();
          assertThat(asked).containsOnly(Thread.currentThread());
          return null;
        });
    assertThat(heard).containsExactly("set1", "set2");
  }

  @Test
  void anInterruptIsAStopOfTheListenerAndWhatItThrowsComesBackAsItIs() throws IOException {
    Thread caller = Thread.currentThread();
    NativeCall.run(
        call -> {
          Listener reporting =
              call.reporting(
                  Listener.class,
                  new Listener() {
                    @Override
                    public void done(String what, int count) {
                      throw new IllegalStateException(what);
                    }
                  });
          assertThatThrownBy(() -> reporting.done("full", 0))
              .isInstanceOf(IllegalStateException.class)
              .hasMessage("full");
          assertThat(reporting.stop()).isFalse();
          caller.interrupt();
          while (!reporting.stop()) {
            Thread.onSpinWait();
          }
          return null;
        });
    assertThat(Thread.interrupted()).isTrue();
  }
}
