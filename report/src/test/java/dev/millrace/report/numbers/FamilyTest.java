package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class FamilyTest {
  private static final int STUDIES = 2000;

  private static Relation one(double margin, double... numbers) {
    List<Double> list = new ArrayList<>();
    for (double number : numbers) {
      list.add(number);
    }
    return new Family<>(Map.of("it", Spread.of(list)), margin).relation("it");
  }

  /**
   * The share of made-up studies in which any comparison came out as it should not.
   *
   * @param truth true difference of comparison i
   */
  private static double share(
      int comparisons, int seeds, ToDoubleFunction<Integer> truth, Relation... wrong) {
    Random random = new Random(20_261_128);
    int found = 0;
    for (int study = 0; study < STUDIES; study++) {
      Map<Integer, Spread> numbers = new LinkedHashMap<>();
      for (int i = 0; i < comparisons; i++) {
        List<Double> gaps = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
          gaps.add(truth.applyAsDouble(i) + 0.5 * random.nextGaussian());
        }
        numbers.put(i, Spread.of(gaps));
      }
      Family<Integer> family = new Family<>(numbers, 1);
      found +=
          numbers.keySet().stream().anyMatch(i -> List.of(wrong).contains(family.relation(i)))
              ? 1
              : 0;
    }
    return found / (double) STUDIES;
  }

  @Test
  void whatIsAtTheMarginIsFoundEqualInAtMostSixStudiesOfAHundred() {
    for (int seeds : new int[] {5, 10}) {
      assertThat(share(1, seeds, i -> 1, Relation.EQUAL)).isLessThanOrEqualTo(0.06);
      assertThat(share(1, seeds, i -> -1, Relation.EQUAL)).isLessThanOrEqualTo(0.06);
      assertThat(share(8, seeds, i -> i % 2 == 0 ? 1 : -1, Relation.EQUAL))
          .isLessThanOrEqualTo(0.06);
    }
    // By the size of its chance and not because nothing is ever found equal.
    assertThat(share(1, 10, i -> 1, Relation.EQUAL)).isGreaterThan(0.03);
    assertThat(share(1, 10, i -> 0, Relation.EQUAL)).isGreaterThan(0.9);
  }

  @Test
  void whereNothingDiffersADifferenceIsFoundInAtMostSixStudiesOfAHundred() {
    Relation[] differs = {Relation.ABOVE, Relation.BELOW};
    for (int seeds : new int[] {5, 10}) {
      for (int comparisons : new int[] {1, 4, 12}) {
        assertThat(differs(comparisons, seeds, differs)).isLessThanOrEqualTo(0.06);
      }
    }
    assertThat(differs(1, 10, differs)).isGreaterThan(0.03);
    assertThat(share(4, 10, i -> i == 0 ? -2 : 0, Relation.BELOW)).isGreaterThan(0.9);
  }

  /** No margin, so that nothing hides a difference by being equal. */
  private static double differs(int comparisons, int seeds, Relation... wrong) {
    Random random = new Random(7);
    int found = 0;
    for (int study = 0; study < STUDIES; study++) {
      Map<Integer, Spread> numbers = new LinkedHashMap<>();
      for (int i = 0; i < comparisons; i++) {
        List<Double> gaps = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
          gaps.add(random.nextGaussian());
        }
        numbers.put(i, Spread.of(gaps));
      }
      Family<Integer> family = new Family<>(numbers, 0);
      found +=
          numbers.keySet().stream().anyMatch(i -> List.of(wrong).contains(family.side(i))) ? 1 : 0;
    }
    return found / (double) STUDIES;
  }

  /** The share of made-up studies in which the first of some comparisons comes out so. */
  private static double firstOf(
      int comparisons, int seeds, double gap, double deviation, Relation sought) {
    Random random = new Random(31);
    int found = 0;
    for (int study = 0; study < 4 * STUDIES; study++) {
      Map<Integer, Spread> numbers = new LinkedHashMap<>();
      for (int i = 0; i < comparisons; i++) {
        List<Double> gaps = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
          // All others are at the margin or at none, so that Holm's first step is the hard one.
          double truth = i == 0 ? gap : sought == Relation.EQUAL ? 1 : 0;
          gaps.add(truth + (i == 0 ? deviation : 1e-3) * random.nextGaussian());
        }
        if (i > 0) { // with a mean that shows nothing, whatever was drawn
          double off = gaps.stream().mapToDouble(x -> x).average().orElseThrow();
          gaps.replaceAll(x -> x - off + (sought == Relation.EQUAL ? 1 : 0));
        }
        numbers.put(i, Spread.of(gaps));
      }
      Family<Integer> family = new Family<>(numbers, sought == Relation.EQUAL ? 1 : 0);
      found += family.relation(0) == sought ? 1 : 0;
    }
    return found / (4.0 * STUDIES);
  }

  @Test
  void thePowerThatIsPrintedIsTheShareOfStudiesThatFindWhatIsThere() {
    for (int seeds : new int[] {5, 8}) {
      for (int comparisons : new int[] {1, 8, 17}) {
        for (double deviation : new double[] {0.3, 0.5, 0.8}) {
          Power power = new Power(seeds, deviation, comparisons, 1);
          assertThat(firstOf(comparisons, seeds, 0, deviation, Relation.EQUAL))
              .as(power.toString())
              .isCloseTo(power.ofEqual(), within(0.02));
        }
        double gap = new Power(seeds, 0.8, comparisons, 0).smallestGap();
        assertThat(firstOf(comparisons, seeds, gap, 0.8, Relation.ABOVE))
            .isCloseTo(Power.USUAL, within(0.02));
      }
    }
  }

  @Test
  void moreSeedsTellMoreAndMoreComparisonsLess() {
    Power one = new Power(5, 0.8, 8, 1);
    assertThat(new Power(8, 0.8, 8, 1).smallestGap()).isLessThan(one.smallestGap());
    assertThat(new Power(8, 0.8, 8, 1).ofEqual()).isGreaterThan(one.ofEqual());
    assertThat(new Power(5, 0.8, 17, 1).smallestGap()).isGreaterThan(one.smallestGap());
    assertThat(new Power(5, 0.8, 17, 1).ofEqual()).isLessThan(one.ofEqual());
    assertThat(new Power(5, 1.6, 8, 1).smallestGap())
        .isCloseTo(2 * one.smallestGap(), within(1e-4));
    assertThat(new Power(5, 0.8, 8, 0).ofEqual()).isZero();
  }

  @Test
  void powerIsByTheComparisonsOwnDeviationAmongThoseThatAreTested() {
    Map<String, Spread> numbers = new LinkedHashMap<>();
    numbers.put("a", new Spread(5, 0, 1));
    numbers.put("b", new Spread(9, 4, 2));
    numbers.put("c", new Spread(3, 0, 50));
    Family<String> family = new Family<>(numbers, 1);
    assertThat(family.power("a")).contains(new Power(5, 1, 2, 1));
    assertThat(family.power("b")).contains(new Power(9, 2, 2, 1));
    assertThat(family.power("c")).isEmpty();
    assertThat(family.power("d")).isEmpty();
  }

  @Test
  void fewerThanFiveSeedsDecideNothingHoweverClearTheyLook() {
    assertThat(one(1, 9, 9.1, 9, 9.1)).isEqualTo(Relation.OPEN);
    assertThat(one(1, 0, 0.01, 0, 0.01)).isEqualTo(Relation.OPEN);
    assertThat(one(1, 9, 9.1, 9, 9.1, 9)).isEqualTo(Relation.ABOVE);
    assertThat(one(1, 0, 0.01, 0, 0.01, 0)).isEqualTo(Relation.EQUAL);
    assertThat(one(1)).isEqualTo(Relation.NOT_MEASURED);
  }

  @Test
  void aSmallDifferenceWithinTheMarginIsEqualAndStillHasItsSide() {
    Spread small = Spread.of(List.of(0.40, 0.41, 0.42, 0.40, 0.41));
    Family<String> family = new Family<>(Map.of("it", small), 1);
    assertThat(family.relation("it")).isEqualTo(Relation.EQUAL);
    assertThat(family.side("it")).isEqualTo(Relation.ABOVE);
  }

  @Test
  void aDifferenceThatOneComparisonShowsIsNotEnoughAmongTwenty() {
    Spread clear = Spread.of(List.of(1.0, 2.0, 0.3, 1.4, 0.9)); // p = 0.015
    Map<Integer, Spread> many = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      many.put(i, i == 0 ? clear : Spread.of(List.of(-1.0, 1.0, -0.5, 0.5, 0.1)));
    }
    assertThat(one(0, 1.0, 2.0, 0.3, 1.4, 0.9)).isEqualTo(Relation.ABOVE);
    assertThat(new Family<>(many, 0).relation(0)).isEqualTo(Relation.OPEN);
  }

  @Test
  void intervalsHaveTheFactorsOfTheTables() {
    assertThat(StudentT.factor(0.95, 2)).isCloseTo(12.706, within(5e-4));
    assertThat(StudentT.factor(0.95, 5)).isCloseTo(2.776, within(5e-4));
    assertThat(StudentT.factor(0.90, 5)).isCloseTo(2.132, within(5e-4));
    assertThat(StudentT.factor(0.95, 1)).isNaN();
    assertThat(Spread.of(List.of(1.0, 3.0)).half(0.95)).isCloseTo(12.706, within(5e-4));
  }

  @Test
  void holmMultipliesTheSmallestByAllAndTheNextByOneLess() {
    Map<String, Double> p = new LinkedHashMap<>();
    p.put("a", 0.01);
    p.put("b", 0.04);
    p.put("c", Double.NaN);
    p.put("d", 0.03);
    Map<String, Double> corrected = Holm.corrected(p);
    assertThat(corrected.get("a")).isCloseTo(0.03, within(1e-12));
    assertThat(corrected.get("d")).isCloseTo(0.06, within(1e-12));
    assertThat(corrected.get("b")).isCloseTo(0.06, within(1e-12));
    assertThat(corrected.get("c")).isNaN();
  }
}
