package dev.millrace.app.embed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.exchange.search.Hit;
import dev.millrace.vision.decode.Thumbnail;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SearchPageTest {
  private static byte[] picture(int width, int height, int seed) {
    byte[] head = ("P6 " + width + " " + height + " 255\n").getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = java.util.Arrays.copyOf(head, head.length + 3 * width * height);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at / 3 * seed);
    }
    return bytes;
  }

  @Test
  void aPageIsWellFormedLoadsNothingAndMeansNamesAsTheyAre() throws Exception {
    String evil =
        "a<script>alert(1)</script><img src=x onerror=alert(2)>\"&']]>\n=cmd()\u001b\u202e\ud800/x.png";
    SearchPage page =
        new SearchPage(
            "set & <more>",
            hit -> picture(32, 20, hit.place()),
            path -> path.equals("y.png") ? "../set/y.png" : null);
    page.add(
        evil,
        picture(400, 300, 5),
        List.of(new Hit(1, evil, "train", "<b>", 0.98765), new Hit(2, "y.png", "test", null, -1)));
    page.add("again", picture(8, 8, 1), List.of());
    String html = page.html(List.of("1 < 2"));
    var xml =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new ByteArrayInputStream(
                    html.replaceFirst("<!DOCTYPE html>", "").getBytes(StandardCharsets.UTF_8)));
    assertThat(xml.getElementsByTagName("script").getLength()).isZero();
    assertThat(xml.getElementsByTagName("img").getLength()).isEqualTo(4);
    assertThat(xml.getElementsByTagName("section").getLength()).isEqualTo(2);
    assertThat(html)
        .contains("0.9877", "-1.0000", "&lt;b&gt;", "1 &lt; 2", "prefers-color-scheme:dark")
        .doesNotContain("http://", "https://", "<link", "url(");
    // The keyboard reaches every query, and every picture that is a file.
    assertThat(links(html)).containsExactly("#q0", "#q1", "../set/y.png");
  }

  private static List<String> links(String html) {
    return Pattern.compile("href=\"([^\"]*)\"")
        .matcher(html)
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void aPictureThatIsAFileIsNamedAsSeenFromThePageAndOneInAnArchiveIsNot(@TempDir Path folder)
      throws Exception {
    Files.createDirectories(folder.resolve("a set/cats"));
    Files.write(folder.resolve("a set/cats/one & #2.png"), picture(4, 4, 1));
    Files.write(folder.resolve("set.zip"), new byte[4]);
    Path page = folder.resolve("pages/near.html");
    SearchPage.Place place = SearchPage.below(folder.resolve("a set"), page);
    assertThat(place.of("cats/one & #2.png"))
        .isEqualTo("../a%20set/cats/one%20%26%20%232.png")
        .satisfies(link -> assertThat(Path.of(page.toUri().resolve(link))).isRegularFile());
    assertThat(place.of("cats/gone.png")).isNull();
    assertThat(SearchPage.below(folder.resolve("set.zip"), page).of("cats/one.png")).isNull();
  }

  @Test
  void thumbnailsKeepTheProportionAndSmallPicturesTheirPixels() throws Exception {
    Thumbnail large = Thumbnail.of(picture(400, 300, 5));
    assertThat(large.width()).isEqualTo(192);
    assertThat(large.height()).isEqualTo(144);
    assertThat(large.uri()).startsWith("data:image/jpeg;base64,");
    byte[] small = picture(32, 20, 7);
    Thumbnail tiny = Thumbnail.of(small);
    Matcher png = Pattern.compile("data:image/png;base64,(.*)").matcher(tiny.uri());
    assertThat(png.matches()).isTrue();
    var image = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(png.group(1))));
    assertThat(image.getWidth()).isEqualTo(32);
    assertThat(image.getHeight()).isEqualTo(20);
    int at = small.length - 3;
    assertThat(image.getRGB(31, 19) & 0xffffff)
        .isEqualTo((small[at] & 255) << 16 | (small[at + 1] & 255) << 8 | (small[at + 2] & 255));
  }
}
