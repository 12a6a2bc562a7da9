package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class PositionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void onTheTrunkItIsWrittenAndSummedAsOlderVersionsDid() throws Exception {
    Position place = new Position(1, 2, 3, 4, 5);
    String old = "{\"chunk\":1,\"epoch\":2,\"step\":3,\"total\":4,\"passes\":5}";
    assertThat(JSON.writeValueAsString(place)).isEqualTo(old);
    assertThat(place).hasToString("Position[chunk=1, epoch=2, step=3, total=4, passes=5]");
    assertThat(JSON.readValue(old, Position.class)).isEqualTo(place);
  }

  @Test
  void anotherPartIsWrittenAndReadAgain() throws Exception {
    Position rest = new Position(1, 2, 3, 4, 5).on(Position.Part.REST);
    assertThat(JSON.readValue(JSON.writeValueAsString(rest), Position.class)).isEqualTo(rest);
    assertThat(rest.toString()).endsWith("part=REST]");
    assertThat(rest.learned()).isEqualTo(2);
    assertThat(rest.isBetweenChunks()).isTrue();
    assertThat(rest.on(Position.Part.BRANCH).learned()).isEqualTo(1);
    assertThat(rest.nextChunk()).isEqualTo(new Position(2, 0, 0, 4, 5));
  }
}
