package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class AwayTest {
  private static String reason(Image.Content content) {
    return PictureCheck.reason(new Image("a.jpg", Image.NONE, Image.NONE, content));
  }

  @Test
  void noPictureIsBadBecauseItsPlaceDoesNotAnswerHoweverThatIsSaid() {
    SourceException away = new SourceException("the disk is away");
    assertThatThrownBy(
            () ->
                reason(
                    () -> {
                      throw away;
                    }))
        .hasCause(away);
    assertThatThrownBy(
            () ->
                reason(
                    () -> {
                      throw new UncheckedIOException(away);
                    }))
        .hasCause(away);
    assertThat(
            reason(
                () -> {
                  throw new UncheckedIOException(new IOException("torn"));
                }))
        .contains("cannot be read");
  }
}
