package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  @TempDir Path folder;
  @TempDir Path cache;

  @BeforeEach
  void pictures() throws IOException {
    for (String name : List.of("p/1.jpg", "p/2.jpg", "p/a,\"b.jpg")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "bytes of " + name);
    }
  }

  private DataSet open(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    return new Catalogue(null, cache).open(file.toString());
  }

  @Test
  void aTableListsPicturesWithClassDomainAndPart() throws IOException {
    DataSet set =
        open(
            "list.csv",
            "\uFEFFpath,label,domain,split,note\r\n"
                + "p/2.jpg,dog,photo,train,x\r\n"
                + "\"p/a,\"\"b.jpg\",\"the\ncat\",sketch,train,\r\n"
                + "p/1.jpg,dog,,test,\n");
    assertThat(ShardsTest.words(set.train()))
        .containsExactly("p/2.jpg dog photo", "p/a,\"b.jpg the\ncat sketch");
    assertThat(ShardsTest.words(set.test())).containsExactly("p/1.jpg dog -");
    assertThat(set.test().image(0).bytes()).asString().isEqualTo("bytes of p/1.jpg");
    assertThat(set.train().image(1).content().size()).isEqualTo(19);
  }

  @Test
  void linesOfJsonListThemToo() throws IOException {
    DataSet set =
        open(
            "list.jsonl",
            "{\"path\": \"p/1.jpg\", \"label\": 3}\n\n{\"file_name\": \"p/2.jpg\", \"label\": null}\n");
    assertThat(ShardsTest.words(set.train())).containsExactly("p/1.jpg 3 -", "p/2.jpg - -");
    assertThat(set.about().notes()).containsExactly("1 of 2 pictures have no class: p/2.jpg");
  }

  @Test
  void linesOfJsonMayBeginWithAByteOrderMark() throws IOException {
    DataSet set = open("list.jsonl", "\uFEFF{\"path\": \"p/1.jpg\"}\n{\"path\": \"p/2.jpg\"}\n");
    assertThat(ShardsTest.words(set.train())).containsExactly("p/1.jpg - -", "p/2.jpg - -");
  }

  @Test
  void aFileThatIsMissingIsListedAndMetByItsName() throws IOException {
    DataSet set = open("list.csv", "path\np/1.jpg\np/gone.jpg\n");
    assertThat(ShardsTest.words(set.train())).containsExactly("p/1.jpg - -", "p/gone.jpg - -");
    assertThatThrownBy(() -> set.train().image(1).bytes()).hasMessageContaining("gone.jpg");
  }

  @Test
  void whatCannotBeUnderstoodIsRefusedByItsLine() throws IOException {
    assertThatThrownBy(() -> open("a.csv", "name,label\nx,1\n"))
        .hasMessageContaining("line 1 of")
        .hasMessageContaining("no name of a column of paths");
    assertThatThrownBy(() -> open("b.csv", "path,label\np/1.jpg\n"))
        .hasMessageContaining("line 2 of")
        .hasMessageContaining("has 1 cells, expected 2");
    assertThatThrownBy(() -> open("c.csv", "path\np/1.jpg\np/./1.jpg\n"))
        .hasMessageContaining("line 3 of")
        .hasMessageContaining("a second time");
    assertThatThrownBy(() -> open("d.jsonl", "{\"path\": \"../x.jpg\"}"))
        .hasMessageContaining("leads out of the list's folder");
    assertThatThrownBy(() -> open("l.jsonl", "{\"path\": \"x.jpg\", \"label\": {\"a\": 1}}"))
        .hasMessageContaining("line 1")
        .hasMessageContaining("has the label {\"a\":1}, expected a text or a number");
    assertThat(
            open("m.jsonl", "{\"path\": \"x.jpg\", \"label\": [1], \"class\": \"cat\"}")
                .train()
                .classes())
        .containsExactly("cat");
    assertThatThrownBy(() -> open("e.jsonl", "{\"path\": \"s3://b/x.jpg\"}"))
        .hasMessageContaining("leads to another machine");
    // As where two lists were joined, of which the first has no end of its last line.
    assertThatThrownBy(() -> open("n.jsonl", "{\"path\": \"x.jpg\"}{\"path\": \"y.jpg\"}"))
        .hasMessageContaining("line 1 of")
        .hasMessageContaining("or more than one");
    assertThatThrownBy(() -> open("f.jsonl", "path"))
        .hasMessageContaining("line 1 of")
        .hasMessageContaining("is no JSON object");
    assertThatThrownBy(() -> open("g.csv", "path,split\np/1.jpg,monday\n"))
        .hasMessageContaining("the split 'monday'");
    assertThatThrownBy(() -> open("h.csv", "path\n\"p/1.jpg\n"))
        .hasMessageContaining("line 2 of")
        .hasMessageContaining("opens a quote that does not end");
    assertThatThrownBy(
            () -> open("o.csv", "path,label\np/1.jpg,\"a\np/2.jpg,b\n" + "p,c\n".repeat(30_000)))
        .hasMessageContaining("line 2 of")
        .hasMessageContaining("opens a quote that does not end");
    assertThatThrownBy(() -> open("o.csv", "path,label\np/1.jpg,\"a\nb\",\"c\n\n\n"))
        .hasMessageContaining("line 3 of");
    assertThatThrownBy(() -> open("i.csv", "path\n")).hasMessageContaining("lists no picture");
  }

  @Test
  @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "(?i)utf-8")
  void namesAreInNormalFormCAndFilesAreFoundAsTheyAreSpelled() throws IOException {
    String decomposed = "p/a\u0308.jpg";
    Files.writeString(folder.resolve(decomposed), "decomposed");
    DataSet set = open("n.csv", "path\np/1.jpg\n" + decomposed + "\np/2.jpg\n");
    assertThat(set.train().image(1).id()).isEqualTo("p/\u00e4.jpg");
    assertThat(set.train().image(1).bytes()).asString().isEqualTo("decomposed");
    assertThat(set.train().image(2).bytes()).asString().isEqualTo("bytes of p/2.jpg");
    assertThatThrownBy(() -> open("n.csv", "path\np/\u00e4.jpg\n" + decomposed + "\n"))
        .hasMessageContaining("a second time");
  }
}
