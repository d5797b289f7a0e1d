package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel itself counts of the BPF programs that a process holds. Counting costs about as
 * much as a small program, so it is on for its own stretch of load only.
 */
final class BpfHooks implements AutoCloseable {
  private static final Path SWITCH = Path.of("/proc/sys/kernel/bpf_stats_enabled");

  /** Hits of one program and the time inside it. */
  record Hook(String name, long hits, long ns) {}

  private static final Pattern HELD = Pattern.compile("prog_id:\\s*(\\d+)");
  private static final Pattern ID = Pattern.compile("\"id\":(\\d+),\"type\"");
  private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
  private static final Pattern HITS = Pattern.compile("\"run_cnt\":(\\d+)");
  private static final Pattern NS = Pattern.compile("\"run_time_ns\":(\\d+)");

  private final String before;

  private BpfHooks(String before) {
    this.before = before;
  }

  /** Null where the machine does not let us. */
  static BpfHooks enable() throws IOException {
    if (!Files.isWritable(SWITCH)) {
      return null;
    }
    String before = Files.readString(SWITCH).strip();
    Files.writeString(SWITCH, "1");
    BpfHooks hooks = new BpfHooks(before);
    // A run that is ended in the middle must not leave the machine slower than it found it.
    Runtime.getRuntime().addShutdownHook(new Thread(hooks::restore, "bench-bpf-stats"));
    return hooks;
  }

  /** By program id: all that the process holds open, as programs or by their links. */
  static Map<Long, Hook> read(long pid) throws IOException {
    Set<Long> held = held(pid);
    Map<Long, Hook> hooks = new TreeMap<>();
    String output = Shell.run(20, List.of("bpftool", "prog", "show", "-j"));
    // One object a program; a split is enough, since no value holds the text that begins one.
    for (String program : output.split("\\},\\{(?=\"id\":)", -1)) {
      Matcher id = ID.matcher(program);
      if (id.find() && held.contains(Long.valueOf(id.group(1)))) {
        Matcher name = NAME.matcher(program);
        Hook hook =
            new Hook(name.find() ? name.group(1) : "?", number(HITS, program), number(NS, program));
        hooks.put(Long.valueOf(id.group(1)), hook);
      }
    }
    return hooks;
  }

  /** Not every bpftool can tell whose a program is; the descriptors can. */
  private static Set<Long> held(long pid) throws IOException {
    Set<Long> ids = new HashSet<>();
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path descriptor : descriptors) {
        try {
          Matcher id = HELD.matcher(Files.readString(descriptor));
          if (id.find()) {
            ids.add(Long.valueOf(id.group(1)));
          }
        } catch (IOException closed) {
          // Closed between the listing and the reading, or between opening and reading.
          if (Files.exists(descriptor)) {
            throw closed;
          }
        }
      }
    }
    return ids;
  }

  private static long number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private void restore() {
    try {
      Files.writeString(SWITCH, before);
    } catch (IOException e) {
      System.err.println("set " + SWITCH + " back to " + before + ": " + e);
    }
  }

  @Override
  public void close() {
    restore();
  }
}
