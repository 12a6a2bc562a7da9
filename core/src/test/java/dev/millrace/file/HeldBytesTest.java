package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class HeldBytesTest {
  private static final int KB = 1 << 10;

  private static InputStream of(int bytes) {
    return new ByteArrayInputStream(new byte[bytes]);
  }

  @Test
  void whatOneHoldsIsFreeForOthersOnlyWhenItIsClosed() throws IOException {
    HeldBytes all = new HeldBytes(256 * KB, 100 * KB);
    try (HeldBytes.Held second = all.hold()) {
      try (HeldBytes.Held first = all.hold()) {
        assertThat(first.read(of(190 * KB), -1, 200 * KB)).hasSize(190 * KB);
        assertThat(second.read(of(10), 10, 20)).hasSize(10);
        assertThatExceptionOfType(HeldBytes.NoRoomException.class)
            .isThrownBy(() -> second.read(of(10), 10, 20));
      }
      assertThat(second.read(of(10), 10, 20)).hasSize(10);
    }
  }

  @Test
  void bytesCountBeforeTheyAreRead() throws IOException {
    HeldBytes all = new HeldBytes(64 * KB, 1);
    InputStream endless =
        new InputStream() {
          private long read;

          @Override
          public int read() {
            assertThat(++read).isLessThanOrEqualTo(128 * KB);
            return 0;
          }
        };
    try (HeldBytes.Held one = all.hold()) {
      assertThatExceptionOfType(HeldBytes.NoRoomException.class)
          .isThrownBy(() -> one.read(endless, -1, Long.MAX_VALUE));
    }
  }

  @Test
  void aStreamBeyondTheLimitIsRefusedWhateverItClaims() throws IOException {
    HeldBytes all = new HeldBytes(1, 100 * KB);
    try (HeldBytes.Held one = all.hold()) {
      assertThat(one.read(of(100 * KB), 100 * KB, 100 * KB)).as("the largest").hasSize(100 * KB);
    }
    try (HeldBytes.Held one = all.hold()) {
      assertThatExceptionOfType(HeldBytes.TooLargeException.class)
          .isThrownBy(() -> one.read(of(0), 11, 10))
          .withMessage("it is above 10 bytes");
      assertThatExceptionOfType(HeldBytes.TooLargeException.class)
          .isThrownBy(() -> one.read(of(11), -1, 10));
    }
  }
}
