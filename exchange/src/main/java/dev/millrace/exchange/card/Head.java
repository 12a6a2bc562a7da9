package dev.millrace.exchange.card;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.file.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The YAML head of a model card, by which hubs sort and search. */
final class Head {
  /** What hubs take as the name of a set; others stand only in the text. */
  private static final String SET = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";

  private Head() {}

  static String text(
      Card card, Map<String, String> settings, List<Card.Model> models, String name) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("license", card.license() == null ? "other" : card.license());
    if (card.license() == null) {
      head.put("license_name", "not-stated");
    }
    head.put("library_name", "millrace");
    head.put("pipeline_tag", "image-feature-extraction");
    head.put("tags", List.copyOf(tags(card, settings, models)));
    List<String> sets = card.data().stream().filter(set -> set.matches(SET)).distinct().toList();
    if (!sets.isEmpty()) {
      head.put("datasets", sets);
    }
    List<Object> results = results(card);
    if (!results.isEmpty()) {
      head.put("metrics", List.of("accuracy"));
      Map<String, Object> model = new LinkedHashMap<>();
      model.put("name", name);
      model.put("results", results);
      head.put("model-index", List.of(model));
    }
    try {
      return "---\n" + Yaml.HEAD.writeValueAsString(head) + "---\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names and numbers are always YAML", e);
    }
  }

  private static Set<String> tags(
      Card card, Map<String, String> settings, List<Card.Model> models) {
    Set<String> tags = new LinkedHashSet<>();
    tags.add("millrace");
    models.forEach(model -> tags.add(model.format()));
    tags.add(card.spec().name());
    String method = settings.getOrDefault("method", "");
    if (!method.isEmpty()) {
      tags.add("continual-learning");
      tags.add(card.labelled().contains(method) ? "supervised" : "self-supervised-learning");
      tags.add(method);
    }
    return tags;
  }

  private static List<Object> results(Card card) {
    List<Object> results = new ArrayList<>();
    for (ProbeRows.Row row : card.probes()) {
      boolean detection = row.task().equals("detection");
      Map<String, Object> task = new LinkedHashMap<>();
      task.put("type", detection ? "object-detection" : "image-classification");
      task.put("name", row.shown());
      Map<String, Object> set = new LinkedHashMap<>();
      set.put("type", row.data().replaceAll("[^A-Za-z0-9._/-]+", "-"));
      set.put("name", row.data());
      set.put("split", row.split());
      Map<String, Object> metric = new LinkedHashMap<>();
      metric.put("type", row.metric().equals("top1") ? "accuracy" : row.metric());
      metric.put("name", row.metric() + ", percent");
      metric.put("value", row.value());
      if (!row.how().settings().isEmpty()) {
        metric.put("args", row.how().settings());
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("task", task);
      result.put("dataset", set);
      result.put("metrics", List.of(metric));
      results.add(result);
    }
    return results;
  }
}
