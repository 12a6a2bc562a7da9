package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of the pages for those who add something. */
class AddingTest {
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final Pattern LINE =
      Pattern.compile("```\n((?:Method|Remedy)Part.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"adding-a-method.md, SimSiam", "adding-a-remedy.md, Anchor"})
  void thePagesExampleAndItsLineInTheListCompile(String page, String name) throws IOException {
    Path docs = Path.of("docs");
    String text =
        Files.readString((Files.exists(docs) ? docs : Path.of("..").resolve(docs)).resolve(page));
    Matcher code = CODE.matcher(text);
    assertThat(code.find()).isTrue();
    Path file = Files.writeString(folder.resolve(name + ".java"), code.group(1));
    Matcher line = LINE.matcher(text);
    assertThat(line.find()).isTrue();
    String room = code.group(1).replaceAll("(?s)package (.*?);.*", "$1");
    Path listed =
        Files.writeString(
            folder.resolve("Line.java"),
            "package dev.millrace.recipe;\nimport %s.%s;\nclass Line { final Object line = %s; }\n"
                .formatted(room, name, line.group(1)));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    boolean compiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of(
                    "-proc:none", "-d", folder.resolve("out").toString(), "-classpath", classes),
                null,
                compiler
                    .getStandardFileManager(null, null, null)
                    .getJavaFileObjects(file.toFile(), listed.toFile()))
            .call();
    assertThat(compiled).as(said.toString()).isTrue();
  }
}
