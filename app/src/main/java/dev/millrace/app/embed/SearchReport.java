package dev.millrace.app.embed;

import dev.millrace.exchange.search.Hit;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.exchange.search.Recall;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a search found, in words and as JSON.
 *
 * @param hits of each query, in their order
 * @param recall null where it was not asked for
 * @param out the page; null if there is none
 */
record SearchReport(
    PictureSearch search,
    List<Path> queries,
    List<List<Hit>> hits,
    Recall recall,
    boolean exact,
    Path out) {
  /** For programs. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("images", search.size());
    json.put("dim", search.dim());
    json.put("quarantined", search.bad().size());
    json.put("encoder_sha256", search.encoderSha256());
    json.put("index", search.folder().toString());
    json.put("built", search.built());
    json.put("computed", search.computed());
    json.put("exact", exact);
    List<Object> all = new ArrayList<>();
    for (int q = 0; q < queries.size(); q++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("query", queries.get(q).toString());
      one.put("hits", hits.get(q));
      all.add(one);
    }
    json.put("queries", all);
    json.put("recall", recall == null ? null : json(recall));
    json.put("out", out == null ? null : out.toString());
    return json;
  }

  private static Map<String, Object> json(Recall recall) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("k", recall.k());
    json.put("queries", recall.queries());
    json.put("value", recall.value());
    json.put("index_seconds", recall.indexSeconds());
    json.put("exact_seconds", recall.exactSeconds());
    return json;
  }

  /** For a person. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (int q = 0; q < queries.size(); q++) {
      lines.add(queries.get(q).toString());
      for (Hit hit : hits.get(q)) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %7.4f  %-20s %s",
                hit.cosine(),
                hit.label() == null ? "-" : hit.label(),
                hit.path()));
      }
    }
    if (recall != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "recall@%d: %.4f over %d pictures; %.2f ms a query, exact %.2f ms",
              recall.k(),
              recall.value(),
              recall.queries(),
              1e3 * recall.indexSeconds(),
              1e3 * recall.exactSeconds()));
    }
    lines.add(
        "index of %d pictures%s: %s"
            .formatted(
                search.size(),
                search.bad().isEmpty() ? "" : ", " + search.bad().size() + " left out",
                search.folder()));
    if (out != null) {
      lines.add("page: " + out);
    }
    return lines;
  }
}
