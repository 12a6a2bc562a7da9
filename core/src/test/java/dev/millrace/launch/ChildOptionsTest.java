package dev.millrace.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChildOptionsTest {
  private static final List<String> ONCE =
      List.of(
          "-Dcom.sun.management.jmxremote",
          "-Dcom.sun.management.jmxremote.port=9010",
          "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005",
          "-Xrunjdwp:transport=dt_socket,address=5005",
          "-Xloggc:gc.log",
          "-Xlog:gc*:file=gc.log:time",
          "-Xlog:gc:gc.log");

  @Test
  void whatTwoProcessesCannotHaveIsNotHandedOn() {
    for (String option : ONCE) {
      assertThat(ChildOptions.of(List.of("-Xmx1g", option))).as(option).containsExactly("-Xmx1g");
    }
    List<String> shared =
        List.of("-Xmx1g", "-Dmillrace.command=./millrace", "-Xlog:gc", "-Xlog:gc:stderr", "-Xlog");
    assertThat(ChildOptions.of(shared)).isEqualTo(shared);
  }

  @Test
  void reasonsOfTheSystemAreEnglishAndFileNamesAsTheyWere() {
    for (Map<String, String> given :
        List.of(
            Map.of("LC_ALL", "de_DE.UTF-8", "LANG", "xx_XX.UTF-8", "LC_TIME", "yy_YY"),
            Map.of("LC_ALL", "", "LC_CTYPE", "de_DE.UTF-8", "LANG", "xx_XX", "LANGUAGE", "de"),
            Map.of("LANG", "de_DE.UTF-8", "LC_PAPER", "yy_YY"))) {
      Map<String, String> environment = new HashMap<>(given);
      for (int times = 0; times < 2; times++) {
        ChildOptions.inEnglish(environment);
        assertThat(environment)
            .isEqualTo(Map.of("LC_CTYPE", "de_DE.UTF-8", "LC_MESSAGES", "C", "LANG", "C"));
      }
    }
  }

  @Test
  void processesOfRunsHaveThemNeither() {
    assertThat(JvmLine.own(ONCE)).noneMatch(ONCE::contains);
  }
}
