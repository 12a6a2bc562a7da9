package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import dev.millrace.study.record.RunRecord;
import dev.millrace.study.record.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointTest {
  private static final String SSL = "moco-v2";
  private static final Cell ST = new Cell("set", "distant", SSL, "st");
  private static final Cell JT = new Cell("set", "joint", SSL, "jt");

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Study study() throws IOException {
    return study(Primary.DEFAULT);
  }

  private Study study(Primary primary) throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(), primary, LedgerFile.NAMES);
  }

  private void noisyJoint(double... alternating) {
    for (int seed = 0; seed < 6; seed++) {
      int sign = seed % 2 == 0 ? 1 : -1;
      LedgerFile.Run run = ledger.run("set", "joint", SSL, "jt", seed);
      for (int task = 0; task < alternating.length; task++) {
        run.result(
            "linear",
            List.of("set", "flowers", "pets").get(task),
            40 + 20 * task + sign * alternating[task]);
      }
      run.result("knn", "set", 10 + sign);
    }
  }

  @Test
  void aNoisyTaskWeighsLessByTheVarianceOfEqualRunsWhereTheStudyNamesNone() throws Exception {
    noisyJoint(1, 1, 3);
    Study study = study();
    Endpoint endpoint = new Endpoint(study);
    List<Task> tasks = endpoint.tasks("set");
    assertThat(tasks).extracting(Task::data).containsExactly("set", "flowers", "pets");
    assertThat(endpoint.noise("set", tasks.get(2)).deviation())
        .isCloseTo(3 * endpoint.noise("set", tasks.get(0)).deviation(), within(1e-9));
    assertThat(endpoint.weight("set", tasks.get(0))).isCloseTo(9 / 19.0, within(1e-9));
    assertThat(endpoint.of(JT).mean()).isCloseTo((9 * 40 + 9 * 60 + 80) / 19.0, within(1e-9));
    assertThat(endpoint.words("set")).isEqualTo("linear on set 47 %, flowers 47 %, pets 5 %");
  }

  @Test
  void ofTwoTasksTheQuieterWeighsNoMoreThanOneOfTheNoiseBetweenThem() throws Exception {
    noisyJoint(1, 3);
    Endpoint endpoint = new Endpoint(study());
    double share = endpoint.weight("set", endpoint.tasks("set").get(0));
    assertThat(share).isCloseTo((1 / 4.0) / (1 / 4.0 + 1 / 9.0), within(1e-9));
  }

  @Test
  void noiseIsThatOfRunsOfOneOrderAndNotWhatOrdersDo() throws Exception {
    noisyJoint(1);
    for (int seed = 0; seed < 6; seed++) { // each of an order of its own
      ledger.run("set", "distant", SSL, "st", seed).result("linear", "set", 20 + 10 * seed);
    }
    Endpoint.Noise joint = noise();
    assertThat(joint.freedom()).isEqualTo(5);
    assertThat(joint.deviation()).isCloseTo(Math.sqrt(6 / 5.0), within(1e-9));
    for (int seed = 0; seed < 6; seed++) { // two orders, each in three seeds
      ledger
          .run("set", "class", SSL, "st", seed)
          .with("order_seed", 100 + seed % 2)
          .result("linear", "set", 30 + 20 * (seed % 2));
    }
    assertThat(noise().freedom()).isEqualTo(9);
    assertThat(noise().deviation()).isCloseTo(Math.sqrt(6 / 9.0), within(1e-9));
  }

  private Endpoint.Noise noise() throws IOException {
    Endpoint endpoint = new Endpoint(study());
    return endpoint.noise("set", endpoint.tasks("set").get(0));
  }

  @Test
  void tasksOutsideTheNamedEndpointAreNotInIt() throws Exception {
    ledger
        .run("set", "distant", SSL, "st", 1)
        .result("knn", "set", 40)
        .result("linear", "set", 50)
        .result("knn", "flowers", 90);
    assertThat(new Endpoint(study(new Primary(List.of("own"), List.of("knn"), 1))).of(ST).mean())
        .isEqualTo(40);
    assertThat(new Endpoint(study()).of(ST).mean()).isEqualTo(50);
  }

  @Test
  void anEndpointOfSeveralMeasuresIsTheirMeanHoweverNoisyOneIs() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      int sign = seed % 2 == 0 ? 1 : -1;
      ledger
          .run("set", "joint", SSL, "jt", seed)
          .result("knn", "set", 40 + 5 * sign)
          .result("linear", "set", 50 + 0.2 * sign)
          .result("few-shot", "set", 90);
    }
    Study study = study(new Primary(List.of("own"), List.of("knn", "linear"), 1));
    Endpoint endpoint = new Endpoint(study);
    RunRecord first = study.seeds(JT).values().iterator().next();
    assertThat(endpoint.value(first)).isCloseTo((45 + 50.2) / 2, within(1e-9));
    assertThat(endpoint.words("set")).isEqualTo("kNN on set 50 %; linear on set 50 %");
  }
}
