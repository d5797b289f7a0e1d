package io.hdrlog.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionTableTest {
  private static final Path README = Path.of("..", "README.md");

  @Test
  void readmeHoldsTheTableOfTheDeclaredOptions() throws IOException {
    String readme = Files.readString(README);
    String wanted = OptionTable.replaceIn(readme);
    assertThat(wanted)
        .as("README.md must have the lines %s and %s", OptionTable.BEGIN, OptionTable.END)
        .isNotNull();
    if (Boolean.getBoolean("hdrlog.readme.update")) {
      Files.writeString(README, wanted);
      return;
    }
    assertThat(readme)
        .as(
            "README.md's option table is not that of Options.java. To mend it run `make readme`, or"
                + " mvn -pl agent test -Dtest=OptionTableTest -Dhdrlog.readme.update=true")
        .isEqualTo(wanted);
  }

  @Test
  void aReadmeWithoutTheMarksIsRefused() {
    assertThat(OptionTable.replaceIn("# nothing\n")).isNull();
  }

  @Test
  void everyOptionHasARow() {
    for (Option<?> option : Options.ALL) {
      assertThat(OptionTable.block()).contains("\n| `" + option.key() + "` | ");
    }
  }
}
