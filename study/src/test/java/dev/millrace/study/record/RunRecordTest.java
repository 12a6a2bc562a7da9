package dev.millrace.study.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.Json;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunRecordTest {
  @ParameterizedTest
  @CsvSource({
    "given, supervised, full, supervised-full",
    "given, supervised-mlp, full, supervised-mlp-full",
    "given, supervised, chunk, supervised",
    "given, supervised-full, full, supervised-full",
    "given, supervised, , supervised",
    "joint, supervised, full, supervised",
    "instance, supervised, full, supervised",
    "given, moco-v2, , moco-v2",
  })
  void aHeadOverAllClassesOfGivenSetsIsARowOfItsOwnAsTheDataDecidedIt(
      String stream, String method, String head, String row) throws IOException {
    ObjectNode line = Json.JSON.createObjectNode();
    line.put("data", "five").put("stream", stream).put("method", method).put("remedy", "st");
    line.put("head", head);
    assertThat(Json.SNAKE_CASE.treeToValue(line, RunRecord.class).cell().method()).isEqualTo(row);
  }
}
