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
    String undecided = open.isEmpty() ? "" : " Not decided: " + list(claims, open) + ".";
    if (worse.isEmpty()) {
      return "Yes, here: self-supervised pre-training on the stream ends within "
          + margin
          + " of joint training: "
          + list(claims, equal)
          + "."
          + undecided;
    }
    if (equal.isEmpty()) {
      return (open.isEmpty() ? "No, not here" : "Not everywhere")
          + ": plain streaming ends more than "
          + margin
          + " below joint training on "
          + list(claims, worse)
          + ". "
          + bought(claims, worse)
          + undecided;
    }
    return "It depends on the stream: plain streaming is as good as joint training, within "
        + margin
        + ", for "
        + list(claims, equal)
        + "; it is worse for "
        + list(claims, worse)
        + "."
        + undecided
        + " "
        + bought(claims, worse);
  }

  private static String bought(Claims claims, List<Cell> worse) {
    List<String> back = new ArrayList<>();
    for (Cell cell : worse) {
      Optional<Cell> best = claims.bestRemedy(cell);
      if (best.isPresent() && claims.equalToJoint(best.get(), cell) == Verdict.HELD) {
        back.add(
            Wording.remedy(best.get().remedy())
                + " mends it on "
                + claims.where(cell)
                + " and ends "
                + Wording.besideJoint(claims.gap(best.get())));
      }
    }
    return back.isEmpty()
        ? "No remedy that was measured surely brings it back."
        : String.join("; ", back) + ".";
  }

  private static String list(Claims claims, List<Cell> cells) {
    List<String> words = new ArrayList<>();
    for (Cell cell : cells) {
      Spread gap = claims.gap(cell);
      words.add(
          claims.where(cell)
              + " ("
              + Wording.signedSpread(gap, 1)
              + (gap.n() < 2 ? ", one seed" : "")
              + ")");
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
        .append(", ")
        .append(Wording.besideJoint(gap))
        .append(" over ")
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
              text.append(gain.mean() > 0 ? ". The best remedy, " : ". No remedy helps: the best, ")
                  .append(Wording.remedy(best.remedy()))
                  .append(gain.mean() > 0 ? ", adds " : ", takes away ")
                  .append(Wording.spread(gain.size(), 1))
                  .append(" points and ends ")
                  .append(Wording.besideJoint(claims.gap(best)))
                  .append(" (")
                  .append(Wording.count(claims.gap(best).n(), "seed"))
                  .append("), for ")
                  .append(Claims.percent(cpu))
                  .append(" of ST's processor time and ")
                  .append(
                      bytes.measured()
                          ? Wording.bytes(bytes.mean()) + " of past pictures kept"
                          : "an unknown number of bytes of past pictures kept");
            },
            () -> text.append(". No remedy was measured yet"));
    return text.append('.').toString();
  }
}
