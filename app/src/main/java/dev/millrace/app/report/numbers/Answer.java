package dev.millrace.app.report.numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The study's question answered: does pre-training on the stream cost quality, and which remedy
 * buys it back at what price?
 *
 * @param sentence the answer in a sentence
 * @param details one line a stream
 */
public record Answer(String sentence, List<String> details) {
  /** The answer that a study's numbers give. */
  public static Answer of(Study study) {
    Claims claims = new Claims(study);
    List<String> details = new ArrayList<>();
    List<Cell> equal = new ArrayList<>();
    List<Cell> worse = new ArrayList<>();
    List<Cell> open = new ArrayList<>();
    for (Cell cell : study.sequential()) {
      Spread gap = claims.gap(cell);
      switch (claims.equalToJoint(cell, cell)) {
        case HELD -> equal.add(cell);
        case DID_NOT_HOLD -> worse.add(cell);
        case UNDECIDED -> open.add(cell);
        default -> {
          details.add(
              claims.where(cell) + ": not measured yet (needs ST and JT of the same seed).");
          continue;
        }
      }
      details.add(detail(study, claims, cell, gap));
    }
    return new Answer(sentence(claims, equal, worse, open), details);
  }

  private static String sentence(
      Claims claims, List<Cell> equal, List<Cell> worse, List<Cell> open) {
    String margin = Wording.number(Claims.MARGIN, 0) + " points";
    if (equal.isEmpty() && worse.isEmpty() && open.isEmpty()) {
      return "Not enough data for an answer yet: no sequential run and joint run of the same data,"
          + " method and seed are both done.";
    }
    if (equal.isEmpty() && worse.isEmpty()) {
      return "These runs do not decide it: the seeds differ by more than the gap to joint training"
          + " leaves room for, there is only one, or nothing was learned: "
          + list(claims, open)
          + ".";
    }
    String undecided = open.isEmpty() ? "" : "; not decided: " + list(claims, open);
    if (worse.isEmpty()) {
      return "Yes, here: self-supervised pre-training on the stream ends within "
          + margin
          + " of joint training: "
          + list(claims, equal)
          + undecided
          + ".";
    }
    if (equal.isEmpty()) {
      return "No, not here: plain streaming ends more than "
          + margin
          + " below joint training: "
          + list(claims, worse)
          + undecided
          + ". "
          + bought(claims, worse);
    }
    return "It depends on the stream: plain streaming is as good as joint training, within "
        + margin
        + ", for "
        + list(claims, equal)
        + "; it is worse for "
        + list(claims, worse)
        + undecided
        + ". "
        + bought(claims, worse);
  }

  private static String bought(Claims claims, List<Cell> worse) {
    List<String> back = new ArrayList<>();
    for (Cell cell : worse) {
      Optional<Cell> best = claims.bestRemedy(cell);
      if (best.isPresent() && claims.equalToJoint(best.get(), cell) == Verdict.HELD) {
        back.add(
            claims.where(cell)
                + " with "
                + Wording.remedy(best.get().remedy())
                + " ("
                + Wording.signedSpread(claims.gap(best.get()), 1)
                + ")");
      }
    }
    return back.isEmpty()
        ? "No remedy that was measured surely brings it back."
        : "What a remedy brings back: " + String.join("; ", back) + ".";
  }

  private static String list(Claims claims, List<Cell> cells) {
    List<String> words = new ArrayList<>();
    for (Cell cell : cells) {
      words.add(claims.where(cell) + " (" + Wording.signedSpread(claims.gap(cell), 1) + ")");
    }
    return String.join(", ", words);
  }

  private static String detail(Study study, Claims claims, Cell cell, Spread gap) {
    List<Task> tasks = study.tasks(cell.data());
    Accuracy accuracy = new Accuracy(study);
    Costs costs = new Costs(study);
    StringBuilder text = new StringBuilder(claims.where(cell));
    text.append(": plain sequential training averages ")
        .append(Wording.spread(accuracy.of(cell, tasks), 1))
        .append(" % over ")
        .append(Wording.count(tasks.size(), "task"))
        .append(": ")
        .append(Wording.signedSpread(gap, 1))
        .append(" points from joint training over ")
        .append(Wording.count(gap.n(), "seed"));
    if (claims.learnedNothing(cell)) {
      text.append(" (no better than an untrained encoder on its own data)");
    }
    if (gap.n() < 2) {
      text.append(" (one seed: how far it moves from seed to seed is unknown)");
    } else if (gap.deviation() > Math.abs(gap.mean())) {
      text.append(" (the seeds differ by more than the gap)");
    }
    claims
        .bestRemedy(cell)
        .ifPresentOrElse(
            best -> {
              Spread cpu = costs.ofSequential(best, Costs.Measure.CPU);
              Spread bytes = costs.total(best, Costs.Measure.BYTES);
              Spread gain = accuracy.gain(best, tasks);
              text.append(". The best remedy, ")
                  .append(Wording.remedy(best.remedy()))
                  .append(
                      gain.mean() > 0
                          ? ", changes that by "
                          : ", does not help: it changes that by ")
                  .append(Wording.signedSpread(gain, 1))
                  .append(" to ")
                  .append(Wording.signedSpread(claims.gap(best), 1))
                  .append(" points (")
                  .append(Wording.count(claims.gap(best).n(), "seed"))
                  .append("), for ")
                  .append(Claims.percent(cpu))
                  .append(" of ST's processor time and ")
                  .append(
                      bytes.measured()
                          ? Wording.bytes(bytes.mean()) + " kept"
                          : "an unknown number of bytes kept");
            },
            () -> text.append(". No remedy was measured yet"));
    return text.append('.').toString();
  }
}
