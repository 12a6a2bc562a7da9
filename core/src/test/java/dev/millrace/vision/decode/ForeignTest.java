package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignTest {
  private static String reason(byte[] begin) {
    return Foreign.reason(Arrays.copyOf(begin, Math.max(200, begin.length)));
  }

  @ParameterizedTest
  @CsvSource({
    "heic,HEIF",
    "heix,HEIF",
    "mif1,HEIF",
    "avif,AVIF",
    "avis,AVIF",
    "isom,film",
    "mp42,film",
    "'qt  ',film",
    "'M4V ',film",
    "'crx ',raw",
  })
  void boxesAreToldApartByTheirBrand(String brand, String what) {
    byte[] file = Written.join(new byte[] {0, 0, 0, 24}, Written.ascii("ftyp" + brand));
    assertThat(reason(file)).startsWith("not read: a").contains(what).contains("; save it as");
  }

  @Test
  void knownFormatsAreNamed() {
    String[][] magic = {
      {"II+\0", "BigTIFF"},
      {"MM\0+", "BigTIFF"},
      {"\0\0\0\fjP  \r\n", "JPEG 2000"},
      {"\u00ff\n", "JPEG XL"},
      {"\0\0\0\fJXL ", "JPEG XL"},
      {"8BPS\0\1", "Photoshop"},
      {"\0\0\1\0\1\0\20\20", "icon"},
      {"\0\0\2\0\0\0\0\0\0\0\0\0\4\0\4\0\30\0", "TGA"},
      {"\0\0\n\0\0\0\0\0\0\0\0\0\4\0\4\0\40\10", "TGA"},
      {"<?xml version='1.0'?>\n<svg", "SVG"},
      {"<!DOCTYPE html><html>", "web page"},
      {"%PDF-1.4", "PDF"},
      {"PK\3\4", "archive"},
      {"version https://git-lfs.github.com/spec/v1", "git lfs pull"},
    };
    for (String[] one : magic) {
      assertThat(reason(Written.ascii(one[0]))).contains(one[1]);
    }
    assertThat(reason(Written.ascii("hello world"))).startsWith("not a picture: it starts with");
  }
}
