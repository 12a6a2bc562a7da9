package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.launch.Gang;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class GangRunTest {
  private final List<String> given = new ArrayList<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream told = new PrintStream(said, true, StandardCharsets.UTF_8);
  private boolean stop;

  /** Loses a rank, is stopped while it waits, or ends. */
  private enum Fate {
    LOST,
    LOST_WHILE_STOPPED,
    STOPPED,
    DONE
  }

  private final class Fates implements Gang {
    private final Deque<Fate> fates;

    Fates(Fate... fates) {
      this.fates = new ArrayDeque<>(List.of(fates));
    }

    @Override
    public End run(Attempt attempt, Consumer<String> lines) throws IOException {
      given.add(attempt.first().get(0));
      Fate fate = fates.remove();
      stop = fate == Fate.LOST_WHILE_STOPPED;
      return switch (fate) {
        case STOPPED -> throw new CancellationException("stopped while waiting");
        case DONE -> new End(0, List.of("result"));
        default -> throw new LostException("rank 0 was killed", null);
      };
    }

    @Override
    public void close() {}
  }

  private int learn(int retries, Fate... fates) throws IOException {
    GangRun run =
        new GangRun(
            List.of("pretrain"),
            List.of("resume"),
            () -> !given.isEmpty(),
            Path.of("/run"),
            List.of(),
            "`millrace resume /run`");
    return run.learn(new Fates(fates), retries, () -> stop, told, told);
  }

  @Test
  void aLostRankCostsARetryAndOneMoreEndsTheCommandWithTheMend() throws Exception {
    assertThat(learn(2, Fate.LOST, Fate.LOST, Fate.DONE)).isZero();
    assertThat(given).containsExactly("pretrain", "resume", "resume");
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("(2 of 2)", "result");
    assertThatThrownBy(() -> learn(1, Fate.LOST, Fate.LOST))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("rank 0 was killed", "go on with `millrace resume /run`");
  }

  @Test
  void aStopIsAStopWhetherRanksAreWaitedForOrLost() throws Exception {
    assertThatThrownBy(() -> learn(3, Fate.LOST, Fate.STOPPED))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("go on with");
    assertThat(learn(3, Fate.LOST_WHILE_STOPPED)).isEqualTo(130);
  }
}
