package io.hdrlog.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.ConfigLoader;
import io.hdrlog.core.health.MemoryAgentLog;
import io.hdrlog.core.kernel.KernelEvents;
import io.hdrlog.core.kernel.KernelSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelTest {
  private static final Config CONFIG =
      ConfigLoader.load(null, Map.of(), Map.of(), new ArrayList<>());

  private final MemoryAgentLog log = new MemoryAgentLog();
  private final Source source = new Source();

  @Test
  void hooksAreListedOnlyWhenThereAreNewOnes() {
    Kernel kernel = new Kernel(CONFIG, null, log, options -> source);
    source.lines.add("read: a hook");
    assertThat(kernel.open()).isSameAs(source);
    assertThat(log.lines).endsWith("info probe read: a hook");
    for (int i = 0; i < 100; i++) {
      kernel.tellNews();
    }
    assertThat(source.described).isEqualTo(1);

    source.lines.add("uprobe library=late.so");
    kernel.tellNews();
    kernel.tellNews();
    assertThat(source.described).isEqualTo(2);
    assertThat(log.lines).endsWith("info probe read: a hook", "info probe uprobe library=late.so");
  }

  private static final class Source implements KernelSource {
    final List<String> lines = new ArrayList<>();
    int described;

    @Override
    public int poll(KernelEvents events, int limit) {
      return 0;
    }

    @Override
    public boolean reportsPauses() {
      return false;
    }

    @Override
    public List<String> describe() {
      described++;
      return lines;
    }

    @Override
    public int news() {
      return lines.size();
    }

    @Override
    public long reportsDropped() {
      return 0;
    }

    @Override
    public Map<String, Long> losses() {
      return Map.of();
    }

    @Override
    public void close() {}
  }
}
