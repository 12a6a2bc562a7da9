package dev.millrace.serve;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.millrace.serve",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ServeArchitectureTest {
  @ArchTest
  static final ArchRule theClockIsHandedIn =
      noClasses()
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.time.Clock.class, "systemUTC");

  @ArchTest
  static final ArchRule servingSeesNoTrainingLoopAndNoCommand =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.app..",
              "dev.millrace.study..",
              "dev.millrace.learn.method..",
              "dev.millrace.learn.optim..",
              "dev.millrace.learn.remedy..");

  @ArchTest
  static final ArchRule whyAFileFailedIsAskedOfReason =
      noClasses()
          .should()
          .callMethod(java.io.IOException.class, "getMessage")
          .orShould()
          .callMethod(java.nio.file.FileSystemException.class, "getMessage");
}
