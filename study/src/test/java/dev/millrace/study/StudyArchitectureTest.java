package dev.millrace.study;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Runs, records and report, kept apart. */
@AnalyzeClasses(
    packages = "dev.millrace.study",
    importOptions = ImportOption.DoNotIncludeTests.class)
class StudyArchitectureTest {
  /** Whoever reads a ledger needs no run, no command and nothing native. */
  @ArchTest
  static final ArchRule recordsAreMadeOfFilesAlone =
      classes()
          .that()
          .resideInAPackage("dev.millrace.study.record..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "com.fasterxml.jackson..",
              "dev.millrace.file..",
              "dev.millrace.study.record..");

  @ArchTest
  static final ArchRule studiesKnowNeitherReportNorCommand =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.report..", "dev.millrace.app..", "picocli..");

  /** Java's file exceptions say the file and not the reason: {@code Reason} knows both. */
  @ArchTest
  static final ArchRule whyAFileFailedIsAskedOfReason =
      noClasses()
          .should()
          .callMethod(java.io.IOException.class, "getMessage")
          .orShould()
          .callMethod(java.nio.file.FileSystemException.class, "getMessage");
}
