package dev.millrace.live;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Arrivals, their account and their learning, kept apart. */
@AnalyzeClasses(
    packages = "dev.millrace.live",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LiveArchitectureTest {
  @ArchTest
  static final ArchRule noPartAsksAClockItself =
      noClasses()
          .that()
          .doNotHaveSimpleName("Live") // the edge, which hands the clock in
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.time.Clock.class, "systemUTC")
          .orShould()
          .callMethod(java.time.InstantSource.class, "system");

  @ArchTest
  static final ArchRule theAccountKnowsNeitherSourcesNorLearning =
      noClasses()
          .that()
          .resideInAnyPackage("dev.millrace.live.account..", "dev.millrace.live.spool..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.live.source..",
              "dev.millrace.live.learn..",
              "dev.millrace.recipe..",
              "dev.millrace.live.encoder..");

  @ArchTest
  static final ArchRule sourcesAcceptNothingThemselves =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.live.source..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.live.spool..", "dev.millrace.live.learn..");
}
