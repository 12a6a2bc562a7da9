package dev.millrace.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever people read, whoever chose the names in it. */
final class PrintableStreamTest {
  /** A line of another's, a colour, a tab, a turned direction, half a letter. */
  static final String NASTY = "a\nmillrace: all good\r\u001b[31mred\tb\u202egnp.\ud800\u2028";

  static final String SHOWN =
      "a\\nmillrace: all good\\r\\u001b[31mred\\tb\\u202egnp.\\ud800\\u2028";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream to =
      new PrintableStream(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void aLineStaysOneLineWhateverStandsInIt() {
    to.println("picture " + NASTY);
    to.println((Object) NASTY);
    assertThat(printed()).isEqualTo("picture " + SHOWN + "\n" + SHOWN + "\n");
  }

  @Test
  void aFormatKeepsItsOwnLineBreaksAndNobodyElses() {
    to.printf(Locale.ROOT, "%s is bad%n%5.1f of %-3s|%n", NASTY, 1.25, Path.of("b\tc"));
    to.printf("%d%%%n", 7);
    assertThat(printed()).isEqualTo(SHOWN + " is bad\n  1.3 of b\\tc|\n7%\n");
  }

  @Test
  void jsonStaysTheSameJson() throws Exception {
    ObjectMapper json = new ObjectMapper();
    to.println(json.writeValueAsString(Map.of("name", NASTY)));
    assertThat(printed().lines()).hasSize(1);
    assertThat(json.readTree(printed()).path("name").asText()).isEqualTo(NASTY);
  }

  @Test
  void aTraceIsALinePerFrameAndOneForItsMessage() {
    String trace = PrintableStream.trace(new IllegalStateException(NASTY));
    assertThat(trace.lines().toList())
        .startsWith("java.lang.IllegalStateException: " + SHOWN)
        .anyMatch(line -> line.startsWith("\tat " + PrintableStreamTest.class.getName()));
  }

  /** {@code print} writes as it stands, which is for those who draw over lines. */
  @Test
  void nobodyElsePrintsPastTheMechanism() {
    ArchRuleDefinition.noClasses()
        .that()
        .doNotBelongToAnyOf(TerminalLine.class, PrintableStream.class)
        .and()
        .doNotHaveFullyQualifiedName("dev.millrace.study.Board")
        .should()
        .callMethod(PrintStream.class, "print", String.class)
        .orShould()
        .callMethod(PrintStream.class, "print", Object.class)
        .orShould()
        .callMethod(PrintStream.class, "print", char[].class)
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.millrace"));
  }
}
