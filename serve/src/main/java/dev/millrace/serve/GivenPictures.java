package dev.millrace.serve;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** The encoded pictures of a request: one as its body, or many as JSON or as a form's files. */
final class GivenPictures {
  private GivenPictures() {}

  /** What cannot be answered, and why. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    Refused(int status, String words) {
      super(words);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /**
   * Reads them.
   *
   * @return at least one, each with at least one byte
   * @throws Refused if there is none, or too many or too large ones
   */
  static List<byte[]> of(Context request, ServeSettings limits) throws Refused, IOException {
    if (request.req().getContentLengthLong() > limits.maxBody()) {
      throw tooLarge(limits);
    }
    String type = String.valueOf(request.contentType()).toLowerCase(Locale.ROOT);
    List<byte[]> pictures;
    if (type.startsWith("multipart/form-data")) {
      pictures = files(request, limits);
    } else {
      byte[] body = read(request.req().getInputStream(), limits);
      pictures = type.startsWith("application/json") ? json(body) : List.of(body);
    }
    if (pictures.isEmpty() || pictures.stream().anyMatch(one -> one.length == 0)) {
      throw new Refused(
          400,
          "found no picture; expected one as the body, files of a form, or {\"pictures\": [BASE64, …]}");
    }
    if (pictures.size() > limits.maxPictures()) {
      throw new Refused(
          413,
          "found %d pictures, expected at most %d: send several requests"
              .formatted(pictures.size(), limits.maxPictures()));
    }
    return pictures;
  }

  private static Refused tooLarge(ServeSettings limits) {
    return new Refused(
        413,
        "the request is above %d bytes; send fewer or smaller pictures"
            .formatted(limits.maxBody()));
  }

  /** A body that claims no length is cut off where it is too long. */
  private static byte[] read(InputStream in, ServeSettings limits) throws Refused, IOException {
    byte[] body = in.readNBytes(Math.toIntExact(limits.maxBody()) + 1);
    if (body.length > limits.maxBody()) {
      throw tooLarge(limits);
    }
    return body;
  }

  private static List<byte[]> files(Context request, ServeSettings limits)
      throws Refused, IOException {
    List<byte[]> pictures = new ArrayList<>();
    for (UploadedFile file : request.uploadedFiles()) {
      try (InputStream in = file.content()) {
        pictures.add(read(in, limits));
      }
    }
    return pictures;
  }

  private static List<byte[]> json(byte[] body) throws Refused, IOException {
    List<byte[]> pictures = new ArrayList<>();
    try {
      JsonNode list = JSON.readTree(body).path("pictures");
      for (JsonNode one : list) {
        pictures.add(Base64.getDecoder().decode(one.asText()));
      }
    } catch (JacksonException e) {
      throw new Refused(400, "the body is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw new Refused(
          400, "picture %d is no base64: %s".formatted(pictures.size(), e.getMessage()));
    }
    return pictures;
  }
}
