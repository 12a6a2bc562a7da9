package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.List;

/**
 * The study's question answered: does pre-training on the stream cost quality, and which remedy
 * buys it back at what price?
 *
 * @param sentences the answer, one for each schedule of the learning rate
 * @param details one line a stream
 */
public record Answer(List<String> sentences, List<String> details) {
  private Answer(String sentence, List<String> details) {
    this(List.of(sentence), details);
  }

  /** The whole answer. */
  public String sentence() {
    return String.join(" ", sentences);
  }

  /** The answer that a study's numbers give. */
  public static Answer of(Study study) {
    Schedules schedules = new Schedules(study);
    List<String> sentences = new ArrayList<>();
    List<String> details = new ArrayList<>();
    for (String schedule : schedules.all()) {
      String under = sentences.isEmpty() ? "" : "Under the schedule " + schedule + ": ";
      Answer answer = new Writer(schedules.under(schedule)).answer();
      sentences.add(under + answer.sentence());
      answer.details.forEach(detail -> details.add(under + detail));
    }
    return new Answer(List.copyOf(sentences), details);
  }

  /** Writes it. */
  private static final class Writer {
    private final Study study;
    private final Gaps gaps;
    private final List<Cell> reached = new ArrayList<>();
    private final List<Cell> worse = new ArrayList<>();
    private final List<Cell> open = new ArrayList<>();

    Writer(Study study) {
      this.study = study;
      gaps = new Gaps(study);
    }

    Answer answer() {
      List<String> details = new ArrayList<>();
      for (Cell cell : study.sequential()) {
        switch (gaps.judged(cell)) {
          case EQUAL, ABOVE -> reached.add(cell);
          case BELOW -> worse.add(cell);
          case OPEN -> open.add(cell);
          default -> {
            details.add(
                Claims.where(study, cell)
                    + ": not measured yet (needs ST and JT of the same seed, on one kind of"
                    + " device).");
            continue;
          }
        }
        details.add(detail(cell));
      }
      return new Answer(sentence(), details);
    }

    private String sentence() {
      String margin = Wording.points(study.primary().margin());
      if (reached.isEmpty() && worse.isEmpty() && open.isEmpty()) {
        return "Not enough data for an answer yet: no sequential run and joint run of the same"
            + " data, method and seed are both done.";
      }
      String undecided = open.isEmpty() ? "" : " Not decided: " + list(open) + ".";
      if (reached.isEmpty() && worse.isEmpty()) {
        int most = open.stream().mapToInt(cell -> gaps.gap(cell).n()).max().orElse(0);
        return "These runs do not decide it"
            + (most < Family.SEEDS
                ? ": a verdict asks for "
                    + Family.SEEDS
                    + " independent "
                    + Gaps.UNIT
                    + "s, and there "
                    + (most == 1 ? "is 1" : "are " + most)
                : ": the intervals are wider than what is to be told apart, or nothing was learned")
            + ". Gaps to joint training, ± 95 % t-interval: "
            + list(open)
            + ".";
      }
      if (worse.isEmpty()) {
        return (open.isEmpty() ? "Yes, here" : "Where it is decided, yes")
            + ": self-supervised pre-training on the stream ends within "
            + margin
            + " of joint training or above it: "
            + list(reached)
            + "."
            + undecided;
      }
      if (reached.isEmpty()) {
        return (open.isEmpty() ? "No, not here" : "Not everywhere")
            + ": plain streaming ends below joint training on "
            + list(worse)
            + ". "
            + bought()
            + undecided;
      }
      return "It depends on the stream: plain streaming is as good as joint training, within "
          + margin
          + (reached.stream().allMatch(cell -> gaps.judged(cell) == Relation.EQUAL)
              ? ", for "
              : " or above it, for ")
          + list(reached)
          + "; it is worse for "
          + list(worse)
          + "."
          + undecided
          + " "
          + bought();
    }

    private String bought() {
      List<String> back = new ArrayList<>();
      for (Cell cell : worse) {
        for (String remedy : gaps.remedies()) {
          if (gaps.bringsBack(cell.with(remedy))) {
            back.add(
                study.names().remedy(remedy)
                    + " mends it on "
                    + Claims.where(study, cell)
                    + " and ends "
                    + Wording.besideJoint(gaps.gap(cell.with(remedy))));
          }
        }
      }
      return back.isEmpty()
          ? "No remedy that was measured surely brings it back."
          : String.join("; ", back) + ".";
    }

    private String list(List<Cell> cells) {
      List<String> words = new ArrayList<>();
      for (Cell cell : cells) {
        Spread gap = gaps.gap(cell);
        words.add(
            Claims.where(study, cell)
                + " ("
                + Wording.signedInterval(gap, 1)
                + (gap.n() < 2 ? ", one " + Gaps.UNIT : "")
                + ")");
      }
      return String.join(", ", words);
    }

    /** A mean and its interval, from whose sign alone nothing follows. */
    private static String besideSequential(Spread gain) {
      return "is "
          + Wording.interval(gain.size(), 1)
          + " points "
          + (gain.mean() < 0 ? "below" : "above")
          + " ST"
          + (gain.half(0.95) < Math.abs(gain.mean()) ? "" : ", which may be nothing,");
    }

    private String detail(Cell cell) {
      Endpoint endpoint = new Endpoint(study);
      Costs costs = new Costs(study);
      Spread gap = gaps.gap(cell);
      StringBuilder text = new StringBuilder(Claims.where(study, cell));
      text.append(": plain sequential training reaches ")
          .append(Wording.spread(endpoint.of(cell), 1))
          .append(" % (")
          .append(endpoint.words(cell.data()))
          .append("), ")
          .append(Wording.besideJoint(gap))
          .append(", ")
          .append(Wording.over(gap, Gaps.UNIT));
      gaps.obstacle(cell).ifPresent(why -> text.append(" (").append(why).append(")"));
      gaps.bestRemedy(cell)
          .ifPresentOrElse(
              best -> {
                Spread cpu = costs.ofSequential(best, Costs.Measure.CPU);
                Spread bytes = costs.total(best, Costs.Measure.BYTES);
                Spread gain = endpoint.gain(best);
                text.append(". The remedy with the best mean, ")
                    .append(study.names().remedy(best.remedy()))
                    .append(", ")
                    .append(gain.measured() ? besideSequential(gain) + " and ends " : "ends ")
                    .append(Wording.besideJoint(gaps.gap(best)))
                    .append(" (")
                    .append(Wording.over(gaps.gap(best), Gaps.UNIT))
                    .append("), for ")
                    .append(CostClaim.percent(cpu))
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
}
