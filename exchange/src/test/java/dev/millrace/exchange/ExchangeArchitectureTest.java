package dev.millrace.exchange;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The map of this module's packages, kept true. */
@AnalyzeClasses(
    packages = "dev.millrace.exchange",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ExchangeArchitectureTest {
  @ArchTest
  static final ArchRule formatsKnowNoRunsNoDataAndNotEachOther =
      noClasses()
          .that()
          .resideInAnyPackage("..exchange.onnx..", "..exchange.torchscript..", "..exchange.card..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.learn..",
              "dev.millrace.probe..",
              "dev.millrace.recipe..",
              "dev.millrace.evaluation..",
              "dev.millrace.analysis..",
              "dev.millrace.inference..",
              "dev.millrace.stream..",
              "dev.millrace.exchange.model..");

  @ArchTest
  static final ArchRule onnxRuntimeAndProtobufAreOnePackagesMatter =
      noClasses()
          .that()
          .resideOutsideOfPackage("..exchange.onnx..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.onnxruntime..", "com.google.protobuf..", "onnx..");

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
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.millrace.exchange.(**)").should().beFreeOfCycles();
}
