package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemediesTest {
  /** A remedy whose memory cannot be closed. */
  private record Broken(String name, List<String> closed) implements Remedy {
    @Override
    public void close() throws IOException {
      closed.add(name);
      throw new IOException(name + " cannot be closed");
    }
  }

  @Test
  void aRemedyThatCannotBeClosedLeavesNoOtherOpen() {
    List<String> closed = new ArrayList<>();
    Remedies remedies =
        new Remedies(List.of(new Broken("replay", closed), new Broken("mas", closed)));
    assertThatThrownBy(remedies::close).hasMessage("replay cannot be closed");
    assertThat(closed).containsExactly("replay", "mas");
  }
}
