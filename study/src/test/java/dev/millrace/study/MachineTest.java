package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.Json;
import dev.millrace.study.record.RunRecord;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineTest {
  private static List<String> about(String model, String flags) {
    return List.of(
        "processor\t: 0",
        "cpu family\t: 25",
        "model\t\t: " + model,
        "model name\t: AMD EPYC",
        "stepping\t: 1",
        "flags\t\t: fpu sse2 " + flags,
        "processor\t: 1",
        "model\t\t: 99");
  }

  private static String kind(ObjectNode machine) throws IOException {
    return Json.SNAKE_CASE.treeToValue(machine, RunRecord.Machine.class).kind();
  }

  private static ObjectNode machine(List<String> about) {
    return Machine.processor(about).put("cpus", 2).put("threads", 1).put("device", "cpu");
  }

  @Test
  void processorsOfOneNameAreToldApartByGenerationAndVectors() throws IOException {
    ObjectNode old = machine(about("1", "avx2"));
    ObjectNode wide = machine(about("17", "avx2 avx512f avx512_bf16"));
    assertThat(kind(old)).isEqualTo("AMD EPYC 25/1/1, AVX2, 2 processors");
    assertThat(kind(wide)).isEqualTo("AMD EPYC 25/17/1, AVX-512 BF16, 2 processors");
    assertThat(Machine.alike(old, wide)).isFalse();
    assertThat(Machine.alike(wide, machine(about("17", "avx2 avx512f avx512_bf16")))).isTrue();
    assertThat(Machine.alike(wide, machine(about("17", "avx2 avx512f")))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "avx2 avx512f avx512_bf16 amx_bf16, AMX",
    "avx2 avx512f, AVX-512",
    "avx2, AVX2",
    "sse4_2,",
  })
  void theWidestInstructionsAreNamed(String flags, String vector) {
    assertThat(Machine.processor(about("1", flags)).path("vector").asText(null)).isEqualTo(vector);
  }

  @Test
  void anOlderLineTellsWhatItHas() throws IOException {
    ObjectNode older = Json.JSON.createObjectNode();
    older.put("cpu", "AMD EPYC").put("cpus", 2).put("threads", 1);
    assertThat(kind(older)).isEqualTo("AMD EPYC, 2 processors");
    assertThat(Machine.alike(older, machine(about("17", "avx2")))).isTrue();
    assertThat(Machine.alike(older, machine(about("17", "avx2")).put("threads", 2))).isFalse();
  }

  @Test
  void aSystemThatDoesNotTellHasTheArchitecture() {
    assertThat(Machine.processor(List.of()).fieldNames()).toIterable().containsExactly("cpu");
    assertThat(Machine.processor(List.of("Features : asimd")).path("cpu").asText())
        .isEqualTo(System.getProperty("os.arch"));
  }
}
