package io.hdrlog.bpf;

import io.hdrlog.bpf.Probes.Calls;
import io.hdrlog.bpf.Probes.Hook;
import io.hdrlog.bpf.Probes.Moment;
import io.hdrlog.bpf.Probes.Tracepoint;
import io.hdrlog.bpf.Probes.Usdt;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads and attaches by trying: what is refused is noted, the next best is chosen, and all begins
 * anew, until everything chosen was taken or something essential is left without any hook.
 */
final class BpfLoader {
  /** Each attempt but the last refuses at least one thing, and there are fewer than this. */
  private static final int ATTEMPTS_MAX = 32;

  /** Uprobes on the JDK's native calls, whose descriptors lie in objects. */
  private static final String JDK_SOCKETS = "uprobes on the jdk's own sockets";

  private final Libbpf libbpf;
  private final byte[] elf;
  private final KernelOptions options;
  private final Map<String, String> refusals = new LinkedHashMap<>();
  private final int pid = LinuxSystemCalls.ownPid();

  BpfLoader(Libbpf libbpf, byte[] elf, KernelOptions options, Map<String, String> refusals) {
    this.libbpf = libbpf;
    this.elf = elf;
    this.options = options;
    this.refusals.putAll(refusals);
  }

  /**
   * What came out of it.
   *
   * @param librariesLoaded {@link Libbpf#librariesLoaded} before it was looked which there are: one
   *     loaded since then has no hooks yet
   */
  record Loaded(
      BpfObject object,
      NativeCallHooks calls,
      LoadPlan plan,
      Map<String, String> refusals,
      long librariesLoaded) {
    /** What no record of this process will have. */
    List<String> fieldsAbsent() {
      List<String> fields = new ArrayList<>();
      for (Moment moment : Moment.values()) {
        boolean served =
            plan.hooks().containsKey(moment) && (moment != Moment.PAUSE || calls.watchesPauses());
        if (moment.field != null && !served) {
          fields.add(moment.field);
        } else if (moment == Moment.ACCEPT && refusals.containsKey(JDK_SOCKETS)) {
          fields.add(moment.field + " of the jdk's own sockets");
        }
      }
      return fields;
    }

    /**
     * The fields that are missing, one line for each point in time, those for libraries, what was
     * refused.
     */
    List<String> describe() {
      List<String> lines = new ArrayList<>();
      List<String> absent = fieldsAbsent();
      lines.add("fields absent: " + (absent.isEmpty() ? "none" : String.join(", ", absent)));
      for (Moment moment : Moment.values()) {
        Hook hook = plan.hooks().get(moment);
        lines.add(moment.text + ": " + (hook == null ? "absent" : hook.text()));
      }
      lines.add("journals: " + (plan.byHash() ? "by hash" : "in the socket"));
      refusals.forEach((what, why) -> lines.add("refused " + what + " reason=" + why));
      // Last, because these grow as libraries are loaded, and readers count lines.
      lines.addAll(calls.describe());
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
    // Counted first: the service starts meanwhile, and what it loads must be found later.
    long librariesLoaded = libbpf.librariesLoaded();
    List<String> maps = maps();
    int fdOffset = libbpf.intFieldOffset("java/io/FileDescriptor", "fd");
    String unreadable = unreadableObjects(maps, fdOffset);
    RefusedException last = null;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      LoadPlan plan = choose(unreadable, last);
      if (unreadable != null) {
        refusals.put(JDK_SOCKETS, unreadable);
      }
      BpfObject object = null;
      try {
        object = loaded(plan, fdOffset);
        NativeCallHooks calls = attached(object, plan, unreadable == null, maps);
        Loaded loaded = new Loaded(object, calls, plan, refusals, librariesLoaded);
        object = null;
        return loaded;
      } catch (RefusedException refused) {
        refusals.put(refused.what, refused.getMessage());
        last = refused;
      } catch (ErrnoException e) {
        throw new KernelUnavailableException("cannot load the kernel programs: " + e, e);
      } finally {
        if (object != null) {
          object.close();
        }
      }
    }
    throw new KernelUnavailableException("gave up loading the kernel programs", last);
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
      throw last == null ? e : new KernelUnavailableException(e.getMessage(), last);
    }
  }

  private BpfObject loaded(LoadPlan plan, int fdOffset)
      throws RefusedException, KernelUnavailableException {
    BpfObject.Settings settings =
        new BpfObject.Settings(fdOffset, options.outbound(), plan.byHash(), plan.cookieHelper());
    try {
      return BpfObject.load(libbpf, elf, plan.programs(), settings, plan.multi());
    } catch (Libbpf.LoadFailedException e) {
      throw refused(plan, e);
    }
  }

  private NativeCallHooks attached(
      BpfObject object, LoadPlan plan, boolean objectsReadable, List<String> maps)
      throws RefusedException, ErrnoException {
    object.joinListeners();
    NativeCallHooks calls = calls(object, plan, objectsReadable);
    try {
      calls.attach(MappedLibrary.parse(maps));
    } catch (ErrnoException e) {
      throw refusedCalls(plan, e);
    }
    return calls;
  }

  private NativeCallHooks calls(BpfObject object, LoadPlan plan, boolean objectsReadable) {
    List<NativeCall> wanted = new ArrayList<>();
    for (NativeCall call : plan.calls()) {
      if (objectsReadable || !call.descriptorInObject()) {
        wanted.add(call);
      }
    }
    return new NativeCallHooks(libbpf, object, plan.multi(), pid, wanted, plan.pauses());
  }

  private static RefusedException refused(LoadPlan plan, Libbpf.LoadFailedException e)
      throws KernelUnavailableException {
    LoadLog log = LoadLog.parse(e.log);
    String program = e.program == null ? log.program() : e.program;
    Hook hook = program == null ? null : plan.hookOf(program);
    if (hook == null) {
      // The full log is for the agent's log, not for the one line.
      throw new KernelUnavailableException(
          "cannot load the kernel programs: " + e.getMessage() + " " + log.reason(),
          new IllegalStateException(e.log, e));
    }
    if (e.program != null) {
      return new RefusedException(hook.text(), e.getMessage(), e);
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
