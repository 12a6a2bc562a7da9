package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.vision.decode.BadPictureException;
import org.junit.jupiter.api.Test;

class DecodingLookTest {
  @Test
  void aPictureIsToBlameForWhatItsBytesDoAndNotForTheMemory() {
    assertThat(new DecodingLook(false).at(new byte[] {1, 2, 3}).fault()).isNotEmpty();
    DecodingLook bad =
        new DecodingLook(
            false,
            bytes -> {
              throw new BadPictureException("cut off");
            });
    assertThat(bad.at(new byte[1]).fault()).isEqualTo("cut off");
    DecodingLook odd =
        new DecodingLook(
            false,
            bytes -> {
              throw new ArrayIndexOutOfBoundsException("at 7");
            });
    assertThat(odd.at(new byte[1]).fault()).contains("at 7");
    DecodingLook full =
        new DecodingLook(
            false,
            bytes -> {
              throw new OutOfMemoryError("Java heap space");
            });
    assertThatThrownBy(() -> full.at(new byte[1])).isInstanceOf(OutOfMemoryError.class);
  }
}
