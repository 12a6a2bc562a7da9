package dev.millrace.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this machine's processor has. */
public final class Processor {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final String NONE = "none in hardware";

  private Processor() {}

  /**
   * Whether it computes in bfloat16; false where the system does not tell.
   *
   * @throws IOException if the system's answer cannot be read
   */
  static boolean computesBf16() throws IOException {
    String found = bf16();
    return found != null && !found.equals(NONE);
  }

  /**
   * The instructions that compute in bfloat16: {@code AMX}, {@code AVX-512 BF16}, or {@code none in
   * hardware}; null where the system does not tell.
   *
   * @throws IOException if the system's answer cannot be read
   */
  public static String bf16() throws IOException {
    if (!Files.isReadable(CPUINFO)) {
      return null;
    }
    List<String> flags =
        Files.readAllLines(CPUINFO).stream()
            .filter(line -> line.startsWith("flags"))
            .limit(1)
            .flatMap(line -> List.of(line.split("\\s+")).stream())
            .toList();
    return flags.contains("amx_bf16")
        ? "AMX"
        : flags.contains("avx512_bf16") ? "AVX-512 BF16" : NONE;
  }
}
