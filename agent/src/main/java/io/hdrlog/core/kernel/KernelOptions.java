package io.hdrlog.core.kernel;

/** What the kernel stream is asked for. */
public record KernelOptions(Probes probes, boolean outbound) {
  /** Which kind of hook serves a point in time where several could. */
  public enum Probes {
    /** The cheapest. */
    AUTO,
    /** uprobes wherever they exist. */
    UPROBE,
    /** Tracepoints wherever they exist. */
    TRACEPOINT
  }
}
