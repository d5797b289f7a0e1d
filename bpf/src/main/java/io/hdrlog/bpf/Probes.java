package io.hdrlog.bpf;

import io.hdrlog.core.kernel.KernelOptions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every point in time and what can tell it, the cheapest first. A hook that the kernel or the JVM
 * refuses makes room for the next one; only {@link Moment#essential} ones must have one.
 */
final class Probes {
  /** A point in time. */
  enum Moment {
    STATE("open, close, reset", null),
    ARRIVAL("arrival, acknowledgement", null),
    READ("read", null),
    SEND("send", null),
    /** Essential, because a count of nothing would read as none sent again. */
    RETRANSMIT("retransmit", null),
    ACCEPT("accept", "timing.accept_ns"),
    PAUSE("pause", "timing.pause_ns");

    final String text;

    /** There is no stream without it. */
    final boolean essential;

    /** The field that is absent where it has no hook. */
    final String field;

    Moment(String text, String field) {
      this.text = text;
      this.essential = field == null;
      this.field = field;
    }
  }

  /** What may serve a point in time. */
  sealed interface Hook {
    /** The programs to be loaded for it. */
    Set<String> programs();

    String text();
  }

  /**
   * A kernel tracepoint; libbpf finds it by the program's section.
   *
   * @param busy hit by every request: there is one program for journals in the sockets and one, its
   *     name ends in {@link #BY_HASH}, for those in the hash
   */
  record Tracepoint(String program, String tracepoint, boolean busy) implements Hook {
    @Override
    public Set<String> programs() {
      return Set.of(program);
    }

    @Override
    public String text() {
      return "tp_btf/" + tracepoint;
    }
  }

  static final String BY_HASH = "_by_hash";

  /** uprobes on functions of native libraries. */
  record Calls(String text, List<NativeCall> calls) implements Hook {
    @Override
    public Set<String> programs() {
      Set<String> programs = new LinkedHashSet<>();
      for (NativeCall call : calls) {
        if (call.entered() != null) {
          programs.add(call.entered());
        }
        programs.add(call.left());
      }
      return programs;
    }
  }

  /** USDT probes in libjvm. */
  record Usdt(String provider, String begin, String end) implements Hook {
    @Override
    public Set<String> programs() {
      return Set.of(PAUSE_BEGIN, PAUSE_END);
    }

    @Override
    public String text() {
      return "usdt/libjvm:" + provider + ":" + begin + "," + end;
    }
  }

  /** Run once to learn our own process id as the kernel's helpers tell it. */
  static final String WHOAMI = "whoami";

  static final String PAUSE_BEGIN = "on_pause_begin";
  static final String PAUSE_END = "on_pause_end";

  private static final List<Hook> READ =
      List.of(
          // Not at the read's return: that fires for UDP, UNIX sockets and empty reads, too.
          new Tracepoint("on_read_copied", "tcp_rcv_space_adjust", true),
          new Tracepoint("on_read", "sock_recv_length", true),
          new Calls("uprobes on native reads", NativeCall.READS));
  private static final List<Hook> SEND =
      List.of(
          new Tracepoint("on_send", "sock_send_length", true),
          new Calls("uprobes on native writes", NativeCall.SENDS));
  private static final List<Hook> ACCEPT =
      List.of(new Calls("uprobes on native accepts", NativeCall.ACCEPTS));

  private Probes() {}

  /** The table: what could serve each moment, in the order in which it is to be tried. */
  static Map<Moment, List<Hook>> table(KernelOptions.Probes preference) {
    Map<Moment, List<Hook>> table = new EnumMap<>(Moment.class);
    table.put(Moment.STATE, List.of(new Tracepoint("on_state", "inet_sock_set_state", false)));
    table.put(Moment.ARRIVAL, List.of(new Tracepoint("on_segment", "tcp_probe", true)));
    table.put(Moment.READ, ordered(READ, preference));
    table.put(Moment.SEND, ordered(SEND, preference));
    table.put(
        Moment.RETRANSMIT, List.of(new Tracepoint("on_retransmit", "tcp_retransmit_skb", false)));
    table.put(Moment.ACCEPT, ACCEPT);
    table.put(Moment.PAUSE, List.of(new Usdt("hs_private", "safepoint__begin", "safepoint__end")));
    return table;
  }

  /** Tracepoints are the cheaper kind wherever both exist, so AUTO and TRACEPOINT agree. */
  private static List<Hook> ordered(List<Hook> hooks, KernelOptions.Probes preference) {
    if (preference != KernelOptions.Probes.UPROBE) {
      return hooks;
    }
    List<Hook> uprobesFirst = new ArrayList<>();
    for (Hook hook : hooks) {
      if (hook instanceof Calls) {
        uprobesFirst.add(hook);
      }
    }
    for (Hook hook : hooks) {
      if (!(hook instanceof Calls)) {
        uprobesFirst.add(hook);
      }
    }
    return uprobesFirst;
  }
}
