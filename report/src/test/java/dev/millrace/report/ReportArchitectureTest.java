package dev.millrace.report;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Numbers, plots and page, kept apart. */
@AnalyzeClasses(
    packages = "dev.millrace.report",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ReportArchitectureTest {
  @ArchTest
  static final ArchRule plotsUseTheJdkWithoutAwt =
      classes()
          .that()
          .resideInAPackage("dev.millrace.report.plot..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java.lang..",
              "java.util..",
              "java.io..",
              "java.nio..",
              "dev.millrace.file..",
              "dev.millrace.report.plot..");

  /** Java's file exceptions say the file and not the reason: {@code Reason} knows both. */
  @ArchTest
  static final ArchRule whyAFileFailedIsAskedOfReason =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.file..")
          .should()
          .callMethod(java.io.IOException.class, "getMessage")
          .orShould()
          .callMethod(java.nio.file.FileSystemException.class, "getMessage");

  @ArchTest
  static final ArchRule numbersKnowNoPageNoPlotAndNoTraining =
      classes()
          .that()
          .resideInAPackage("dev.millrace.report.numbers..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "com.fasterxml.jackson..",
              "org.apache.commons.statistics..",
              "dev.millrace.study.record..",
              "dev.millrace.report.numbers..");

  @ArchTest
  static final ArchRule theReportIsMadeOfFilesAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.app",
              "dev.millrace.study",
              "dev.millrace.recipe..",
              "dev.millrace.evaluation..",
              "dev.millrace.analysis..",
              "dev.millrace.inference..",
              "dev.millrace.learn..",
              "dev.millrace.probe..",
              "dev.millrace.insight..",
              "org.bytedeco..");
}
