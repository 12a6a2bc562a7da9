package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a planned study could tell, before its runs: the power of its gaps to joint training, for
 * several deviations between seeds, by the numbers of seeds and comparisons that it plans.
 */
public final class PlannedPower {
  /** Percentage points; what studies of this kind have been seen to have. */
  private static final double[] DEVIATIONS = {0.3, 0.6, 1, 2};

  /**
   * Comparisons of one family that have as many seeds as each other.
   *
   * @param family of which all are, in words
   * @param comparisons how many of the family have so many seeds
   * @param tests how many comparisons the family has, at whatever number of seeds that decides
   * @param seeds of each
   */
  public record Group(String family, int comparisons, int tests, int seeds) {
    /** The smallest true gap that 80 % of studies tell from 0, in units of the deviation. */
    public double smallestGap() {
      return new Power(seeds, 1, tests, 0).smallestGap();
    }

    /**
     * The share of studies that find equal what is equal, 0 to 1.
     *
     * @param deviation between seeds, in the unit of the margin
     */
    public double ofEqual(double deviation, double margin) {
      return new Power(seeds, deviation, tests, margin).ofEqual();
    }
  }

  private final double margin;
  private final List<Group> groups = new ArrayList<>();
  private int few;

  /** Of the runs that a study plans, whichever are made. */
  public PlannedPower(Study study) {
    margin = study.primary().margin();
    Schedules schedules = new Schedules(study);
    for (String schedule : schedules.all()) {
      Study under = schedules.under(schedule);
      Gaps gaps = new Gaps(under);
      String suffix = schedules.all().size() == 1 ? "" : ", " + schedule;
      group("gaps of ST to JT" + suffix, under, gaps.plain());
      group("gaps of remedies to JT" + suffix, under, gaps.cured());
    }
  }

  private void group(String family, Study study, Set<Cell> rows) {
    TreeMap<Integer, Integer> sizes = new TreeMap<>();
    rows.forEach(row -> sizes.merge(study.plannedSeeds(row), 1, Integer::sum));
    few +=
        sizes.headMap(Family.SEEDS).entrySet().stream()
            .filter(size -> size.getKey() > 0)
            .mapToInt(Map.Entry::getValue)
            .sum();
    int tests = sizes.tailMap(Family.SEEDS).values().stream().mapToInt(n -> n).sum();
    sizes
        .tailMap(Family.SEEDS)
        .forEach((n, comparisons) -> groups.add(new Group(family, comparisons, tests, n)));
  }

  /** What can be tested, family by family, by the number of seeds. */
  public List<Group> groups() {
    return List.copyOf(groups);
  }

  /** In words, a line each; none for a study that holds nothing against joint training. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (!groups.isEmpty()) {
      lines.add(
          "power: the gap that 80 %% of such studies tell from 0, and how many find equality within %s where there is none, if seeds lie apart by"
              .formatted(Wording.points(margin)));
      StringBuilder head = new StringBuilder("  %-44s %5s".formatted("", "seeds"));
      for (double deviation : DEVIATIONS) {
        head.append(" %13s".formatted(Wording.points(deviation)));
      }
      lines.add(head.toString());
      for (Group group : groups) {
        StringBuilder line =
            new StringBuilder(
                "  %-44s %5s"
                    .formatted(
                        group.family()
                            + ": "
                            + (group.comparisons() == group.tests()
                                ? "" + group.tests()
                                : group.comparisons() + " of " + group.tests()),
                        group.seeds()));
        for (double deviation : DEVIATIONS) {
          line.append(
              String.format(
                  Locale.ROOT,
                  " %6.1f, %3.0f %%",
                  deviation * group.smallestGap(),
                  100 * group.ofEqual(deviation, margin)));
        }
        lines.add(line.toString());
      }
    }
    if (few > 0) {
      lines.add(
          "  %s fewer than %s seeds and decide nothing"
              .formatted(few == 1 ? "1 gap to JT has" : few + " gaps to JT have", Family.SEEDS));
    }
    return lines;
  }
}
