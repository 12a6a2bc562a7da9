package dev.millrace.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the command leaves to others. */
@AnalyzeClasses(packages = "dev.millrace", importOptions = ImportOption.DoNotIncludeTests.class)
class CommandArchitectureTest {
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
  static final ArchRule nothingBelowKnowsTheCommand =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.app..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.app..", "picocli..");
}
