package dev.millrace.report;

import dev.millrace.report.numbers.Answer;
import dev.millrace.report.numbers.Claim;
import dev.millrace.report.numbers.Claims;
import dev.millrace.report.numbers.NoiseFloor;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.plot.Figure;
import dev.millrace.study.record.Primary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The page of a study: the answer in a sentence, one picture, the verdicts on the paper's claims
 * with a picture each; all else is folded.
 *
 * @param figures every plot of the page
 */
record StudyPage(Page page, List<Figure> figures) {
  private static final String PAPER =
      "<p class=\"soft\">Is self-supervised pre-training on a stream as good as on everything at"
          + " once, and which remedy buys back what it costs? The question of <cite>How Well Does"
          + " Self-Supervised Pre-Training Perform with Streaming Data?</cite> (Hu et al., ICLR"
          + " 2022, arXiv 2104.12081), called the paper below.</p>\n";

  /** Sections that only some studies are made for: of others nothing is missing. */
  private static final Set<String> OF_SOME =
      Set.of(NoiseSection.ID, BoardSection.METHODS, BoardSection.REMEDIES);

  /** Words that the page uses. */
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
      <dt>JT, warm-started</dt><dd>at each chunk joint training on everything so far, begun from \
      the last such model, in as many steps as ST makes; every picture is kept</dd>
      </dl>
      """;

  /**
   * @param name what the study is called
   * @param whole with the labels of data that are repetitions in another rounding alone
   * @param study without them
   * @param floor how far such repetitions lie apart
   * @param protocol the questions for every run, in words
   * @param second what rows are held against joint training by beside the primary endpoint
   */
  static StudyPage of(
      String name,
      Study whole,
      Study study,
      NoiseFloor floor,
      List<String> protocol,
      Optional<Primary> second) {
    Answer answer = Answer.of(study);
    Section picture = SummarySection.of(study);
    List<Claim> judged = new Claims(study).all();
    Map<String, List<Claim>> beside = Claims.beside(study);
    Section verdicts = ClaimSection.verdicts(study, judged, beside);
    Section claims = ClaimSection.of(judged, beside);
    List<Section> all =
        new ArrayList<>(List.of(claims, BoardSection.methods(study), BoardSection.remedies(study)));
    second.ifPresent(endpoint -> all.add(SecondSection.of(study, endpoint)));
    all.addAll(
        List.of(
            AccuracySection.of(study),
            NoiseSection.of(whole, floor),
            TrendSection.of(study),
            ForgettingSection.of(study, Charts.byPlace(study.names())),
            LikenessSection.of(study, "joint training", Charts.byPlace(study.names())),
            SharpnessSection.of(study, Charts.byPlace(study.names())),
            LandscapeSection.of(study, Charts.byPlace(study.names())),
            ChunkMeasureSection.health(study, Charts.byPlace(study.names())),
            GainSection.of(study),
            CostSection.of(study),
            RunSection.of(whole, protocol)));
    List<Section> measured = new ArrayList<>(all.stream().filter(Section::measured).toList());
    String missing =
        all.stream()
            .filter(section -> !section.measured() && !OF_SOME.contains(section.id()))
            .map(Section::title)
            .collect(Collectors.joining("; "));
    StringBuilder first = new StringBuilder(PAPER);
    for (String sentence : answer.sentences()) {
      first.append("<p class=\"answer\">").append(Html.escape(sentence)).append("</p>\n");
    }
    first
        .append(picture.html())
        .append("<p class=\"soft\">")
        .append(Html.escape(RunSection.counts(whole)))
        .append("</p>\n<h2>The paper's five claims here</h2>\n")
        .append(verdicts.html())
        .append(missing.isEmpty() ? "" : Html.note("Not measured so far: " + missing + "."))
        .append("<p class=\"soft onpaper\">What is folded is printed where it is open.</p>\n");
    if (!answer.details().isEmpty()) {
      first.append(
          Html.fold(
              "<h2 id=\"streams\">Stream by stream</h2> <span class=\"soft\">what streaming costs"
                  + " on each, and the best remedy with its price</span>",
              "streams-all",
              Html.list(answer.details())));
    }
    first.append(
        Html.fold(
            "<h2 id=\"words\">Words</h2> <span class=\"soft\">SSL, SL, ST, JT, replay, MAS</span>",
            "words-all",
            TERMS));
    List<Figure> figures = new ArrayList<>(picture.figures());
    figures.addAll(verdicts.figures());
    measured.forEach(section -> figures.addAll(section.figures()));
    return new StudyPage(
        Page.folded(
            name,
            first.toString(),
            "Made by Millrace from the study's ledger alone. The plots are also in the folder plots"
                + " beside this file, as SVG.",
            measured),
        figures);
  }
}
