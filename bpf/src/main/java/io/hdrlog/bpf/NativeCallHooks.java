package io.hdrlog.bpf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The uprobes: put on each library that has one of the wanted functions, as soon as it is there.
 * Netty's is loaded by the application, perhaps long after the start.
 */
final class NativeCallHooks {
  private final Libbpf libbpf;
  private final BpfObject object;
  private final boolean multi;
  private final int pid;
  private final List<NativeCall> wanted;
  private final Probes.Usdt pauses;
  private boolean watchesPauses;
  private final Set<String> seen = new HashSet<>();

  /** Read by whoever prints the summary, while the consumer's thread may add to it. */
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** Where one program goes. */
  private static final class Places {
    private final String program;
    private final boolean atReturn;
    private long[] offsets = {};

    Places(String program, boolean atReturn) {
      this.program = program;
      this.atReturn = atReturn;
    }

    void add(long offset) {
      for (long there : offsets) {
        if (there == offset) {
          return;
        }
      }
      offsets = Arrays.copyOf(offsets, offsets.length + 1);
      offsets[offsets.length - 1] = offset;
    }
  }

  NativeCallHooks(
      Libbpf libbpf,
      BpfObject object,
      boolean multi,
      int pid,
      List<NativeCall> wanted,
      Probes.Usdt pauses) {
    this.libbpf = libbpf;
    this.object = object;
    this.multi = multi;
    this.pid = pid;
    this.wanted = List.copyOf(wanted);
    this.pauses = pauses;
  }

  /** How many lines {@link #describe} has. */
  int said() {
    return lines.size();
  }

  /** What was attached and what was refused, a line each. */
  List<String> describe() {
    return List.copyOf(lines);
  }

  /**
   * Attaches to the libraries that were not there the last time.
   *
   * @throws ErrnoException the first refusal; the libraries after it are then left for a next time
   */
  void attach(List<MappedLibrary> libraries) throws ErrnoException {
    for (MappedLibrary library : libraries) {
      if (seen.add(library.file())) {
        attach(library);
      }
    }
  }

  private void attach(MappedLibrary library) throws ErrnoException {
    boolean jvm = pauses != null && library.name().equals("libjvm.so");
    List<NativeCall> calls = new ArrayList<>();
    for (NativeCall call : wanted) {
      if (library.name().contains(call.library())) {
        calls.add(call);
      }
    }
    if (!jvm && calls.isEmpty()) {
      return;
    }
    try {
      if (!calls.isEmpty()) {
        attachCalls(library, calls);
      }
      if (jvm) {
        attachPauses(library);
      }
    } catch (IOException e) {
      lines.add("refused library=" + library.name() + " reason=" + e);
    }
  }

  private void attachCalls(MappedLibrary library, List<NativeCall> calls)
      throws IOException, ErrnoException {
    List<String> names = new ArrayList<>();
    for (NativeCall call : calls) {
      names.addAll(call.functions());
    }
    long[][] offsets = libbpf.find(library.path().toString(), names);
    List<Places> places = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (NativeCall call : calls) {
      for (String function : call.functions()) {
        long[] at = offsets[names.indexOf(function)];
        if (at.length == 0) {
          continue;
        }
        found.add(function);
        of(places, call.left(), true).add(at[0]);
        if (call.entered() != null) {
          of(places, call.entered(), false).add(at[0]);
        }
        break;
      }
    }
    for (Places place : places) {
      attach(place.program, library, place.offsets, place.atReturn);
    }
    lines.add(
        found.isEmpty()
            ? "refused library=" + library.name() + " reason=none of the functions is in it"
            : kind() + " library=" + library.name() + " functions=" + String.join(",", found));
  }

  private static Places of(List<Places> all, String program, boolean atReturn) {
    for (Places places : all) {
      if (places.atReturn == atReturn && places.program.equals(program)) {
        return places;
      }
    }
    Places made = new Places(program, atReturn);
    all.add(made);
    return made;
  }

  /** Whether both ends of a safepoint are hooked. */
  boolean watchesPauses() {
    return watchesPauses;
  }

  private void attachPauses(MappedLibrary library) throws IOException, ErrnoException {
    String begin = pauses.provider() + ":" + pauses.begin();
    String end = pauses.provider() + ":" + pauses.end();
    long[][] offsets = libbpf.find(library.path().toString(), List.of(begin, end));
    if (offsets[0].length == 0 || offsets[1].length == 0) {
      lines.add("refused library=" + library.name() + " reason=no usdt probes in it");
      return;
    }
    attach(Probes.PAUSE_BEGIN, library, offsets[0], false);
    attach(Probes.PAUSE_END, library, offsets[1], false);
    watchesPauses = true;
    lines.add(kind() + " library=" + library.name() + " probes=" + pauses.text());
  }

  private void attach(String program, MappedLibrary library, long[] offsets, boolean atReturn)
      throws ErrnoException {
    object.attachUprobes(program, multi, pid, library.path().toString(), offsets, atReturn);
  }

  private String kind() {
    return multi ? "uprobe.multi" : "uprobe";
  }

  /** For refusals that come later than the start. */
  void refused(String reason) {
    lines.add("refused " + reason);
  }
}
