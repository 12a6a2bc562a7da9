package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One process's worth of a study.
 *
 * @param run the run that is made or compared
 * @param reference what it is compared with; null for a run that is made
 * @param id that the ledger knows it by
 */
record Work(PlannedRun run, PlannedRun reference, String id) {
  boolean comparison() {
    return reference != null;
  }

  String shown() {
    return run.shown() + (comparison() ? ", compared with joint" : "");
  }

  /** What its process is told. */
  Job job(StudyRunner.Means means, StudyFolder folder) {
    return job(
        comparison() ? Job.COMPARE : Job.RUN,
        id,
        run,
        comparison() ? folder.run(reference) : null,
        means,
        folder);
  }

  /** What a process of a kind is told. */
  static Job job(
      String kind,
      String id,
      PlannedRun run,
      Path reference,
      StudyRunner.Means means,
      StudyFolder folder) {
    Map<String, Object> settings = new LinkedHashMap<>(run.settings().asMap());
    settings.put("threads", means.threads());
    settings.put("device", means.device());
    return new Job(
        kind,
        id,
        folder.run(run).toAbsolutePath().toString(),
        reference == null ? null : reference.toAbsolutePath().toString(),
        run.data(),
        settings,
        run.questions(),
        run.insight(),
        folder.result(id).toAbsolutePath().toString());
  }

  /**
   * What the ledger says of it, without what was found.
   *
   * @param error why it failed; null if it is done
   */
  ObjectNode line(int attempts, String error) {
    ObjectNode line = JSON.createObjectNode();
    line.put("kind", comparison() ? "comparison" : "run").put("id", id);
    line.put("status", error == null ? "done" : "failed");
    line.put("attempts", attempts).put("error", error);
    if (comparison()) {
      line.put("run", run.id()).put("reference", reference.id());
    }
    line.put("data", run.data()).put("stream", run.stream());
    line.put("chunks", run.settings().stream().chunks());
    line.put("method", run.method()).put("remedy", run.remedy()).put("seed", run.seed());
    if (!run.joint()) {
      line.put("order_seed", run.settings().stream().ordering());
    }
    if (!comparison()) {
      Map<String, Object> settings = new LinkedHashMap<>(run.settings().asMap());
      settings.keySet().removeAll(List.of("threads", "device"));
      line.set("settings", JSON.valueToTree(settings));
    }
    return line;
  }
}
