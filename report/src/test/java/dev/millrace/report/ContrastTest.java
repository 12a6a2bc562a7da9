package dev.millrace.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.report.plot.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The colours of the pages, from their style sheets, by WCAG 2. */
class ContrastTest {
  /** Grounds on which text stands: the page's, and that of holes and pictures. */
  private static final String[] GROUNDS = {"ground", "hole"};

  private static final String[] SHEETS = {
    "report/src/main/resources/dev/millrace/report/report.css",
    "app/src/main/resources/dev/millrace/app/embed/search.css"
  };

  private static String css() throws IOException {
    StringBuilder css = new StringBuilder(Figure.css());
    for (String sheet : SHEETS) {
      css.append(Files.readString(Path.of("..", sheet)));
    }
    return css.toString();
  }

  /** Light, dark and paper, each with its colours by name. */
  private static Map<String, Map<String, String>> themes() throws IOException {
    Map<String, Map<String, String>> themes = new LinkedHashMap<>();
    Matcher root =
        Pattern.compile("(@media [^{]*\\{)?:root\\{(.*?)}", Pattern.DOTALL).matcher(css());
    while (root.find()) {
      Map<String, String> colours = new LinkedHashMap<>();
      Matcher one = Pattern.compile("--(\\w+):(#[0-9a-f]{3,6});?").matcher(root.group(2));
      while (one.find()) {
        colours.put(one.group(1), one.group(2));
      }
      themes.put(root.group(1) == null ? "light" : root.group(1), colours);
    }
    assertThat(themes).hasSize(3);
    return themes;
  }

  private static TreeSet<String> used(String property) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Matcher matcher = Pattern.compile(property + ":var\\(--(\\w+)\\)").matcher(css());
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  @Test
  void everyTextHasAContrastOfFourAndAHalfInLightAndDarkAndOnPaper() throws Exception {
    TreeSet<String> texts = used("[{;]color");
    assertThat(texts).contains("ink", "soft", "link", "good", "bad").doesNotContain("c0", "c2");
    for (var theme : themes().entrySet()) {
      for (String text : texts) {
        for (String ground : GROUNDS) {
          assertThat(contrast(theme.getValue().get(text), theme.getValue().get(ground)))
              .as(text + " on " + ground + ", " + theme.getKey())
              .isGreaterThanOrEqualTo(4.5);
        }
      }
    }
  }

  @Test
  void everyLineAndMarkHasAContrastOfThree() throws Exception {
    TreeSet<String> marks = used("stroke");
    marks.removeAll(java.util.Set.of("rule", "ground"));
    assertThat(marks).contains("c0", "c7", "axis", "ink");
    for (var theme : themes().entrySet()) {
      for (String mark : marks) {
        assertThat(contrast(theme.getValue().get(mark), theme.getValue().get("ground")))
            .as(mark + ", " + theme.getKey())
            .isGreaterThanOrEqualTo(3);
      }
    }
  }

  private static double contrast(String a, String b) {
    double x = luminance(a);
    double y = luminance(b);
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  }

  private static double luminance(String colour) {
    String full = colour.length() == 4 ? colour.replaceAll("([0-9a-f])", "$1$1") : colour;
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(full.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
