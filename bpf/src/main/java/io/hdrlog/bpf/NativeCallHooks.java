package io.hdrlog.bpf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The uprobes: put on each library that has one of the wanted functions, as soon as it is there.
 * Netty's is loaded by the application, perhaps long after the start.
 */
final class NativeCallHooks {
  private final BpfObject object;
  private final boolean multi;
  private final int pid;
  private final List<NativeCall> wanted;
  private final Probes.Usdt pauses;
  private boolean watchesPauses;
  private final Set<String> seen = new HashSet<>();

  /** Read by whoever prints the summary, while the consumer's thread may add to it. */
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private record Place(String program, boolean atReturn) {}

  NativeCallHooks(
      BpfObject object, boolean multi, int pid, List<NativeCall> wanted, Probes.Usdt pauses) {
    this.object = object;
    this.multi = multi;
    this.pid = pid;
    this.wanted = List.copyOf(wanted);
    this.pauses = pauses;
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
      ElfFile elf = ElfFile.read(library.path());
      if (!calls.isEmpty()) {
        attachCalls(library, elf, calls);
      }
      if (jvm) {
        attachPauses(library, elf);
      }
    } catch (IOException e) {
      lines.add("refused library=" + library.name() + " reason=" + e);
    }
  }

  private void attachCalls(MappedLibrary library, ElfFile elf, List<NativeCall> calls)
      throws IOException, ErrnoException {
    Set<String> names = new HashSet<>();
    for (NativeCall call : calls) {
      names.addAll(call.functions());
    }
    Map<String, Long> functions = elf.functions(names);
    Map<Place, List<Long>> places = new LinkedHashMap<>();
    List<String> found = new ArrayList<>();
    for (NativeCall call : calls) {
      for (String function : call.functions()) {
        Long offset = functions.get(function);
        if (offset == null) {
          continue;
        }
        found.add(function);
        addPlace(places, call.left(), true, offset);
        if (call.entered() != null) {
          addPlace(places, call.entered(), false, offset);
        }
        break;
      }
    }
    for (Map.Entry<Place, List<Long>> place : places.entrySet()) {
      attach(
          place.getKey().program,
          library,
          place.getValue().stream().mapToLong(Long::longValue).toArray(),
          place.getKey().atReturn);
    }
    lines.add(
        found.isEmpty()
            ? "refused library=" + library.name() + " reason=none of the functions is in it"
            : kind() + " library=" + library.name() + " functions=" + String.join(",", found));
  }

  private static void addPlace(
      Map<Place, List<Long>> places, String program, boolean atReturn, long offset) {
    List<Long> offsets =
        places.computeIfAbsent(new Place(program, atReturn), p -> new ArrayList<>());
    if (!offsets.contains(offset)) {
      offsets.add(offset);
    }
  }

  /** Whether both ends of a safepoint are hooked. */
  boolean watchesPauses() {
    return watchesPauses;
  }

  private void attachPauses(MappedLibrary library, ElfFile elf) throws IOException, ErrnoException {
    long[] begin = elf.usdt(pauses.provider(), pauses.begin());
    long[] end = elf.usdt(pauses.provider(), pauses.end());
    if (begin.length == 0 || end.length == 0) {
      lines.add("refused library=" + library.name() + " reason=no usdt probes in it");
      return;
    }
    attach(Probes.PAUSE_BEGIN, library, begin, false);
    attach(Probes.PAUSE_END, library, end, false);
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
