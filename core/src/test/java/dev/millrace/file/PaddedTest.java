package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class PaddedTest {
  @Test
  void aNumberInANameHasTheSameDigitsInEveryLocale() {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      assertThat(Padded.of(42, 5)).isEqualTo("00042");
      assertThat(Padded.of(1_234_567, 5)).isEqualTo("1234567");
      assertThat("%05d".formatted(42)).isNotEqualTo("00042"); // as it would be there
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
    assertThatThrownBy(() -> Padded.of(-1, 5)).hasMessageContaining("-1 is below 0");
  }
}
