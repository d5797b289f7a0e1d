package io.hdrlog.bpf;

import io.hdrlog.bpf.Probes.Calls;
import io.hdrlog.bpf.Probes.Hook;
import io.hdrlog.bpf.Probes.Moment;
import io.hdrlog.bpf.Probes.Tracepoint;
import io.hdrlog.bpf.Probes.Usdt;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads and attaches by trying: what is refused is noted, the next best is chosen, and all begins
 * anew, until everything chosen was taken or something essential is left without any hook.
 */
final class BpfLoader {
  /** Each attempt but the last refuses at least one thing, and there are fewer than this. */
  private static final int ATTEMPTS_MAX = 32;

  private final Libbpf libbpf;
  private final byte[] elf;
  private final KernelOptions options;
  private final Map<String, String> refusals = new LinkedHashMap<>();
  private final int pid = Math.toIntExact(ProcessHandle.current().pid());

  BpfLoader(Libbpf libbpf, byte[] elf, KernelOptions options, Map<String, String> refusals) {
    this.libbpf = libbpf;
    this.elf = elf;
    this.options = options;
    this.refusals.putAll(refusals);
  }

  /** What came out of it. */
  record Loaded(
      BpfObject object, NativeCallHooks calls, LoadPlan plan, Map<String, String> refusals) {
    /** One line for each point in time, then those for libraries, then what was refused. */
    List<String> describe() {
      List<String> lines = new ArrayList<>();
      for (Moment moment : Moment.values()) {
        Hook hook = plan.hooks().get(moment);
        lines.add(moment.text + ": " + (hook == null ? "absent" : hook.text()));
      }
      lines.add("journals: " + (plan.byHash() ? "by hash" : "in the socket"));
      lines.addAll(calls.describe());
      refusals.forEach((what, why) -> lines.add("refused " + what + " reason=" + why));
      return lines;
    }
  }

  /** Something did not work that there may be a substitute for. */
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String what;

    RefusedException(String what, String reason, Throwable cause) {
      super(reason, cause);
      this.what = what;
    }
  }

  Loaded load() throws KernelUnavailableException {
    List<String> maps = maps();
    int fdOffset = libbpf.intFieldOffset("java/io/FileDescriptor", "fd");
    String unreadable = unreadableObjects(maps, fdOffset);
    RefusedException last = null;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      LoadPlan plan = choose(unreadable, last);
      libbpf.startLog();
      BpfObject object = null;
      try {
        object = BpfObject.open(libbpf, elf);
        Loaded loaded = load(object, plan, fdOffset, unreadable == null, maps);
        object = null;
        return loaded;
      } catch (RefusedException refused) {
        refusals.put(refused.what, refused.getMessage());
        last = refused;
      } catch (ErrnoException | IOException e) {
        throw new KernelUnavailableException(
            "cannot load the kernel programs: " + e.getMessage(), withLog(e));
      } finally {
        if (object != null) {
          object.close();
        }
      }
    }
    throw new KernelUnavailableException("gave up loading the kernel programs", withLog(last));
  }

  private LoadPlan choose(String unreadable, RefusedException last)
      throws KernelUnavailableException {
    try {
      LoadPlan plan = LoadPlan.choose(options, refusals);
      boolean again = false;
      for (Moment moment : List.of(Moment.READ, Moment.SEND)) {
        if (unreadable != null && plan.hooks().get(moment) instanceof Calls calls) {
          refusals.put(calls.text(), unreadable);
          again = true;
        }
      }
      return again ? LoadPlan.choose(options, refusals) : plan;
    } catch (KernelUnavailableException e) {
      throw last == null ? e : new KernelUnavailableException(e.getMessage(), withLog(last));
    }
  }

  /** The full log is for the agent's log, not for the one line. */
  private Throwable withLog(Throwable cause) {
    return new IllegalStateException(libbpf.log(), cause);
  }

  private Loaded load(
      BpfObject object, LoadPlan plan, int fdOffset, boolean objectsReadable, List<String> maps)
      throws RefusedException, ErrnoException, IOException {
    object.select(allPrograms(), plan.programs());
    if (plan.multi()) {
      for (String program : plan.uprobes()) {
        object.setMulti(program);
      }
    }
    object.configure(fdOffset, options.outbound(), plan.byHash(), plan.cookieHelper());
    try {
      object.load();
    } catch (ErrnoException e) {
      throw refusedToLoad(plan, e);
    }
    object.run(Probes.WHOAMI);
    for (Hook hook : plan.hooks().values()) {
      if (hook instanceof Tracepoint tracepoint) {
        attach(object, tracepoint);
      }
    }
    joinListeners(object);
    NativeCallHooks calls = calls(object, plan, objectsReadable);
    try {
      calls.attach(MappedLibrary.parse(maps));
    } catch (ErrnoException e) {
      throw refusedCalls(plan, e);
    }
    return new Loaded(object, calls, plan, refusals);
  }

  private NativeCallHooks calls(BpfObject object, LoadPlan plan, boolean objectsReadable) {
    List<NativeCall> wanted = new ArrayList<>();
    for (NativeCall call : plan.calls()) {
      if (objectsReadable || !call.descriptorInObject()) {
        wanted.add(call);
      }
    }
    return new NativeCallHooks(object, plan.multi(), pid, wanted, plan.pauses());
  }

  private static void attach(BpfObject object, Tracepoint tracepoint) throws RefusedException {
    try {
      object.attach(tracepoint.program());
    } catch (ErrnoException e) {
      throw new RefusedException(tracepoint.text(), e.getMessage(), e);
    }
  }

  private RefusedException refusedToLoad(LoadPlan plan, ErrnoException e) throws ErrnoException {
    LoadLog log = LoadLog.parse(libbpf.log());
    Hook hook = log.program() == null ? null : plan.hookOf(log.program());
    if (hook == null) {
      throw e;
    }
    // Before a hook that nothing can stand in for is given up, the program is made plainer.
    boolean lastResort = hook instanceof Tracepoint && plan.essential(hook) && !log.hookMissing();
    if (lastResort && !plan.byHash()) {
      return new RefusedException(LoadPlan.SOCKET_STORAGE, log.reason(), e);
    }
    if (lastResort && plan.cookieHelper()) {
      return new RefusedException(LoadPlan.COOKIE_HELPER, log.reason(), e);
    }
    return new RefusedException(hook.text(), log.reason(), e);
  }

  /** The newer kind of uprobe first, then none at all. */
  private static RefusedException refusedCalls(LoadPlan plan, ErrnoException e)
      throws ErrnoException {
    if (plan.multi()) {
      return new RefusedException(LoadPlan.UPROBE_MULTI, e.getMessage(), e);
    }
    for (Hook hook : plan.hooks().values()) {
      if (hook instanceof Calls || hook instanceof Usdt) {
        return new RefusedException(hook.text(), e.getMessage(), e);
      }
    }
    throw e;
  }

  /** The listening sockets that were there before the hook for new ones. */
  private static void joinListeners(BpfObject object) throws ErrnoException, IOException {
    Set<Integer> ports = ListeningPorts.ofThisProcess();
    if (ports.isEmpty()) {
      return;
    }
    int netns = ListeningPorts.networkNamespace();
    // The map's file descriptor needs no closing: it belongs to the object.
    int map = object.mapFd("hdrlog_listeners");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(EventLayout.LISTENER_BYTES, 8);
      MemorySegment one = arena.allocate(4, 4);
      one.set(ValueLayout.JAVA_INT, 0, 1);
      for (int port : ports) {
        key.set(ValueLayout.JAVA_INT, EventLayout.LISTENER_NETNS, netns);
        key.set(ValueLayout.JAVA_SHORT, EventLayout.LISTENER_PORT, (short) port);
        object.update(map, key, one);
      }
    }
  }

  private static Set<String> allPrograms() {
    Set<String> programs = new HashSet<>();
    programs.add(Probes.WHOAMI);
    for (List<Hook> hooks : Probes.table(KernelOptions.Probes.AUTO).values()) {
      for (Hook hook : hooks) {
        programs.addAll(hook.programs());
      }
    }
    return programs;
  }

  private static String unreadableObjects(List<String> maps, int fdOffset) {
    if (MappedLibrary.hasColouredPointers(maps)) {
      return "zgc colours the pointers in jni handles, so FileDescriptor.fd cannot be read";
    }
    return fdOffset < 0 ? "this jvm does not tell where FileDescriptor.fd lies" : null;
  }

  private static List<String> maps() throws KernelUnavailableException {
    // The JDK loads libnio with the first channel, and the first accept() is not to be missed.
    try {
      FileChannel.open(Path.of("/proc/self/maps")).close();
      return MappedLibrary.maps();
    } catch (IOException e) {
      throw new KernelUnavailableException("cannot read /proc/self/maps", e);
    }
  }
}
