package dev.millrace.app.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LiveCommandTest {
  private static final String TOKEN = "a-token-of-a-test-0123";

  private static void refused(String host, int port, String token, String... words) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveCommand.at(host, port, token))
        .withMessageStartingWith("--serve")
        .withMessageContainingAll(words)
        .satisfies(e -> assertThat(e).hasMessageNotContainingAny("--host", "--port", "--token"));
  }

  @Test
  void whereItCannotServeIsSaidByTheWordsOfThisCommand() {
    refused("0.0.0.0", 8080, "", "0.0.0.0", "MILLRACE_TOKEN");
    refused("127.0.0.1", 99999, "", "99999 is no port");
    refused("127.0.0.1", 8080, "short", "MILLRACE_TOKEN is too short");
    assertThat(LiveCommand.at("0.0.0.0", 8080, TOKEN).host()).isEqualTo("0.0.0.0");
    assertThat(LiveCommand.at("127.0.0.1", 0, "").token()).isEmpty();
  }
}
