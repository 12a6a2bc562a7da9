package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Answer;
import dev.millrace.app.report.numbers.Study;
import dev.millrace.app.report.plot.Figure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A page as a whole: what is to be said first, then sections. */
record Page(String html, List<Figure> figures) {
  /** Words that the page uses from its first line on. */
  private static final String TERMS =
      """
      <dl>
      <dt>SSL</dt><dd>self-supervised pre-training, which sees no labels</dd>
      <dt>SL, SL + MLP</dt><dd>supervised pre-training on the same pictures; with a projector of \
      two layers as SSL has</dd>
      <dt>ST</dt><dd>sequential training, chunk after chunk; past chunks are not seen again</dd>
      <dt>ST + replay</dt><dd>a share of past pictures is kept and mixed in</dd>
      <dt>ST + MAS</dt><dd>changes of weights that past chunks relied on are penalised</dd>
      <dt>ST + both</dt><dd>replay and MAS</dd>
      <dt>JT</dt><dd>joint training on everything at once, in as many epochs</dd>
      </dl>
      """;

  /** The report of a study: the answer first. */
  static Page of(String name, Study study, List<String> protocol) {
    Answer answer = Answer.of(study);
    return of(
        "Study: " + name,
        """
        <p class="soft">Is self-supervised pre-training on a stream as good as on everything at once, \
        and which remedy buys back what it costs?</p>
        <p class="answer">%s</p>
        %s%s<p class="soft">%s</p>
        """
            .formatted(
                Html.escape(answer.sentence()),
                answer.details().isEmpty() ? "" : Html.list(answer.details()),
                TERMS,
                Html.escape(RunSection.counts(study))),
        "Made by Millrace from the study's ledger alone. The plots are also in the folder plots"
            + " beside this file, as SVG.",
        List.of(
            ClaimSection.of(study),
            AccuracySection.of(study),
            ForgettingSection.of(study),
            LikenessSection.of(study, "joint training"),
            ChunkMeasureSection.sharpness(study),
            LandscapeSection.of(study),
            ChunkMeasureSection.health(study),
            CostSection.of(study),
            RunSection.of(study, protocol)));
  }

  /**
   * Any page.
   *
   * @param firstHtml what stands below its title
   */
  static Page of(String title, String firstHtml, String last, List<Section> sections) {
    StringBuilder nav = new StringBuilder("<nav aria-label=\"Contents\"><ul>\n");
    StringBuilder main = new StringBuilder();
    for (Section section : sections) {
      nav.append(
          String.format(
              "<li><a href=\"#%s\">%s</a></li>%n", section.id(), Html.escape(section.title())));
      main.append(
          String.format(
              "<section aria-labelledby=\"%s\">%n<h2 id=\"%s\">%s</h2>%n%s</section>%n",
              section.id(), section.id(), Html.escape(section.title()), section.html()));
    }
    String html =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>%1$s</title>
        <style>
        %2$s%3$s</style>
        </head>
        <body>
        <header>
        <h1>%1$s</h1>
        %4$s%5$s</ul></nav>
        </header>
        <main>
        %6$s</main>
        <footer><p>%7$s</p></footer>
        </body>
        </html>
        """
            .formatted(
                Html.escape(title), Figure.css(), css(), firstHtml, nav, main, Html.escape(last));
    return new Page(
        html, sections.stream().flatMap(section -> section.figures().stream()).toList());
  }

  private static String css() {
    try (InputStream in = Page.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
