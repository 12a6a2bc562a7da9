package dev.millrace.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

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

  /** Whoever changes one sub-command need not read another. */
  @ArchTest
  static final ArchRule roomsDoNotSeeEachOther =
      slices()
          .matching("dev.millrace.app.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAPackage("dev.millrace.app.."), resideInAPackage("dev.millrace.app.shared"));

  @ArchTest
  static final ArchRule roomsDoNotSeeTheRoot =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.app.*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.millrace.app");
}
