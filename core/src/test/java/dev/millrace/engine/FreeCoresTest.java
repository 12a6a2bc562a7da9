package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FreeCoresTest {
  @Test
  void candidatesAreAllCoresAllButOneAndHalvesOfThem() {
    assertThat(FreeCores.candidates(1)).containsExactly(1);
    assertThat(FreeCores.candidates(2)).containsExactly(2, 1);
    assertThat(FreeCores.candidates(16)).containsExactly(16, 15, 8, 4, 2, 1);
    assertThat(FreeCores.candidates(96)).startsWith(96, 95, 48).endsWith(3, 1);
  }

  @Test
  void allCoresAreUsedUnlessFewerAreClearlyFaster() {
    List<Integer> candidates = List.of(4, 3, 2, 1);
    assertThat(FreeCores.fastest(candidates, new long[] {100, 110, 120, 200})).isEqualTo(4);
    assertThat(FreeCores.fastest(candidates, new long[] {100, 90, 88, 200})).isEqualTo(4);
    assertThat(FreeCores.fastest(candidates, new long[] {100, 70, 90, 200})).isEqualTo(3);
    assertThat(FreeCores.fastest(candidates, new long[] {600, 300, 200, 100})).isEqualTo(1);
  }

  @Test
  void theChoiceIsOneOfTheCandidatesAndStaysForTheProcess() {
    FreeCores.Choice choice = FreeCores.choice();
    assertThat(FreeCores.candidates(choice.cores())).contains(choice.threads());
    assertThat(FreeCores.choice()).isSameAs(choice);
    assertThat(choice.fewer()).isEqualTo(choice.threads() < choice.cores());
  }
}
