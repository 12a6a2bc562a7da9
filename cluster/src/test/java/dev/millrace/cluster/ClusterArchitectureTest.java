package dev.millrace.cluster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What an executor has to load. */
@AnalyzeClasses(
    packages = {"dev.millrace.cluster", "dev.millrace.launch"},
    importOptions = ClusterArchitectureTest.Product.class)
class ClusterArchitectureTest {
  /** All but tests. */
  static final class Product implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  /** An executor has the jars of this module and of the core, Spark's, and no other. */
  @ArchTest
  static final ArchRule tasksNeedNoLibraryButSpark =
      classes()
          .that()
          .resideInAPackage("dev.millrace.cluster..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "scala..",
              "org.apache.spark..",
              "dev.millrace.cluster..",
              "dev.millrace.launch..",
              "dev.millrace.file..",
              "dev.millrace.refusal..");

  @ArchTest
  static final ArchRule launchersKnowNoCluster =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.launch..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "dev.millrace.cluster..");
}
