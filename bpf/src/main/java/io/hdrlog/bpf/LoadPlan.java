package io.hdrlog.bpf;

import io.hdrlog.bpf.Probes.Calls;
import io.hdrlog.bpf.Probes.Hook;
import io.hdrlog.bpf.Probes.Moment;
import io.hdrlog.bpf.Probes.Tracepoint;
import io.hdrlog.bpf.Probes.Usdt;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the next attempt at loading tries: for each moment the first hook that was not refused yet.
 *
 * @param hooks what serves which moment
 * @param multi uprobes by {@code uprobe.multi} links
 * @param byHash journals in a hash instead of in the sockets
 * @param cookieHelper the programs ask for socket cookies
 */
record LoadPlan(Map<Moment, Hook> hooks, boolean multi, boolean byHash, boolean cookieHelper) {
  /** What can be refused beside the hooks themselves. */
  static final String UPROBE_MULTI = "uprobe.multi";

  static final String SOCKET_STORAGE = "socket storage";
  static final String COOKIE_HELPER = "cookie helper";

  static LoadPlan choose(KernelOptions options, Map<String, String> refusals)
      throws KernelUnavailableException {
    Map<Moment, Hook> hooks = new EnumMap<>(Moment.class);
    for (Map.Entry<Moment, List<Hook>> row : Probes.table(options.probes()).entrySet()) {
      Moment moment = row.getKey();
      for (Hook hook : row.getValue()) {
        if (!refusals.containsKey(hook.text())) {
          hooks.put(moment, hook);
          break;
        }
      }
      if (moment.essential && !hooks.containsKey(moment)) {
        Hook last = row.getValue().get(row.getValue().size() - 1);
        throw new KernelUnavailableException(
            "no hook for moment=" + moment.text + " reason=" + refusals.get(last.text()));
      }
    }
    boolean callsTouchJournals =
        hooks.get(Moment.READ) instanceof Calls || hooks.get(Moment.SEND) instanceof Calls;
    return new LoadPlan(
        hooks,
        !refusals.containsKey(UPROBE_MULTI),
        callsTouchJournals || refusals.containsKey(SOCKET_STORAGE),
        !refusals.containsKey(COOKIE_HELPER));
  }

  /** In the order in which they are to be attached. */
  Set<String> programs() {
    Set<String> programs = new LinkedHashSet<>();
    programs.add(Probes.WHOAMI);
    for (Hook hook : hooks.values()) {
      if (byHash && hook instanceof Tracepoint tracepoint && tracepoint.busy()) {
        programs.add(tracepoint.program() + Probes.BY_HASH);
      } else {
        programs.addAll(hook.programs());
      }
    }
    return programs;
  }

  List<NativeCall> calls() {
    List<NativeCall> calls = new ArrayList<>();
    for (Hook hook : hooks.values()) {
      if (hook instanceof Calls c) {
        calls.addAll(c.calls());
      }
    }
    return calls;
  }

  Usdt pauses() {
    return hooks.get(Moment.PAUSE) instanceof Usdt usdt ? usdt : null;
  }

  /** The hook that the program belongs to; null for those that stand for themselves. */
  Hook hookOf(String program) {
    String name =
        program.endsWith(Probes.BY_HASH)
            ? program.substring(0, program.length() - Probes.BY_HASH.length())
            : program;
    for (Hook hook : hooks.values()) {
      if (hook.programs().contains(name)) {
        return hook;
      }
    }
    return null;
  }

  boolean essential(Hook hook) {
    for (Map.Entry<Moment, Hook> entry : hooks.entrySet()) {
      if (entry.getValue().equals(hook)) {
        return entry.getKey().essential;
      }
    }
    return true;
  }
}
