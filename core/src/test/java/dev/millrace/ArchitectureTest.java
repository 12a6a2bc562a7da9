package dev.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.channels.FileChannel;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The map of the packages, kept true. */
@AnalyzeClasses(packages = "dev.millrace", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule drawUsesTheJdkAlone =
      classes()
          .that()
          .resideInAPackage("dev.millrace.draw..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "dev.millrace.draw..");

  /** And Jackson, for what JSON and YAML are here. */
  @ArchTest
  static final ArchRule filesUseTheJdkAlone =
      classes()
          .that()
          .resideInAPackage("dev.millrace.file..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "com.fasterxml.jackson..", "dev.millrace.file..");

  /** One way to a checksum. */
  @ArchTest
  static final ArchRule digestsAreMadeInOnePlace =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.file..")
          .should()
          .callMethod(java.security.MessageDigest.class, "getInstance", String.class);

  @ArchTest
  static final ArchRule refusalsUseTheJdkAlone =
      classes()
          .that()
          .resideInAPackage("dev.millrace.refusal..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "dev.millrace.refusal..");

  @ArchTest
  static final ArchRule locksAreTakenInOnePlace =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.millrace.file.LockFile")
          .should()
          .callMethodWhere(named("tryLock"));

  @ArchTest
  static final ArchRule filesTakeAnothersPlaceInOnePlace =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.millrace.file.AtomicFiles")
          .should()
          .accessField(StandardCopyOption.class, "ATOMIC_MOVE");

  /** One way to append to a log and to mend its end; the journal of vectors has no lines. */
  @ArchTest
  static final ArchRule logsGrowAndAreMendedInOnePlace =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.millrace.file.AppendLog")
          .should()
          .accessField(StandardOpenOption.class, "APPEND")
          .orShould()
          .callMethodWhere(named("truncate"));

  /** One call starts what computes. */
  @ArchTest
  static final ArchRule nativesAreStartedByCompute =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.engine..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("dev.millrace.engine.Natives");

  private static DescribedPredicate<JavaMethodCall> named(String method) {
    return DescribedPredicate.describe(
        "FileChannel." + method,
        call ->
            call.getName().equals(method)
                && call.getTargetOwner().isAssignableTo(FileChannel.class));
  }

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
  static final ArchRule theEngineKnowsNoPicturesAndNoLearning =
      never(
          "engine",
          "stream",
          "vision",
          "learn",
          "probe",
          "recipe",
          "evaluation",
          "analysis",
          "inference");

  @ArchTest
  static final ArchRule visionKnowsNoLearning =
      never("vision", "learn", "probe", "recipe", "evaluation", "analysis", "inference");

  @ArchTest
  static final ArchRule streamsKnowNoTensorsAndNoLearning =
      never(
          "stream",
          "engine",
          "vision.encoder",
          "learn",
          "probe",
          "recipe",
          "evaluation",
          "analysis",
          "inference");

  @ArchTest
  static final ArchRule learningSeesNoProbe =
      never("learn", "probe", "recipe", "evaluation", "analysis", "inference");

  @ArchTest static final ArchRule methodsSeeNoRemedy = never("learn.method", "learn.remedy");

  @ArchTest static final ArchRule remediesSeeNoMethod = never("learn.remedy", "learn.method");

  @ArchTest
  static final ArchRule networksKnowNeitherMethodNorRemedy =
      never("learn.network", "learn.method", "learn.remedy", "learn.run");

  /** A probe that trains may use the optimiser and the losses, and no way of pre-training. */
  @ArchTest
  static final ArchRule probesSeeNoPretraining =
      never(
          "probe",
          "learn.method",
          "learn.remedy",
          "learn.run",
          "recipe",
          "evaluation",
          "analysis",
          "inference");

  /** Insight is mathematics: which run and which loss are meant is the recipe's matter. */
  @ArchTest
  static final ArchRule insightKnowsNoRuns =
      never(
          "insight",
          "stream",
          "vision",
          "learn",
          "probe",
          "recipe",
          "evaluation",
          "analysis",
          "inference");

  /** An encoder in use needs its file and nothing of the run that made it. */
  @ArchTest
  static final ArchRule inferenceSeesNoLearning =
      never("inference", "learn", "insight", "recipe", "evaluation", "analysis");

  /** Rooms above the recipe: none of them is needed to train. */
  @ArchTest
  static final ArchRule trainingSeesNoJudges =
      never("recipe", "evaluation", "analysis", "inference");

  @ArchTest static final ArchRule judgesSeeNoAnalysis = never("evaluation", "analysis");

  @ArchTest static final ArchRule learningSeesNoInsight = never("learn", "insight");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.millrace.(**)").should().beFreeOfCycles();

  private static ArchRule never(String from, String... to) {
    String[] packages = new String[to.length];
    for (int i = 0; i < to.length; i++) {
      packages[i] = "dev.millrace." + to[i] + "..";
    }
    return noClasses()
        .that()
        .resideInAPackage("dev.millrace." + from + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages);
  }
}
