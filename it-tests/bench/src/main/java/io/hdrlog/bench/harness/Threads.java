package io.hdrlog.bench.harness;

/** Whose a thread is, told by its name as far as the kernel keeps it. */
enum Threads {
  /** The server's own threads, which handle requests. */
  APPLICATION,
  /** Compiler, collector and the like. */
  JVM,
  /** All the rest, which only an agent or a logger starts. */
  AGENT;

  private static final String[] APPLICATION_NAMES = {"http", "netty", "multiTh"};
  private static final String[] JVM_NAMES = {
    "java",
    "main",
    "GC Thread",
    "G1 ",
    "VM ",
    "C1 ",
    "C2 ",
    "Compile",
    "Reference",
    "Referen",
    "Finalizer",
    "Signal D",
    "Signal ",
    "Service ",
    "Monitor ",
    "Notification",
    "Notific",
    "Common-C",
    "Common-",
    "Attach L",
    "Attach ",
    "DestroyJ",
    "Destroy",
    "Catalina",
    "Catalin",
    "container",
    "contain",
    "bench",
    "Sweeper",
    "process ",
    "process",
    "Cleaner"
  };

  static Threads of(String name) {
    if (startsWithAny(name, APPLICATION_NAMES)) {
      return APPLICATION;
    }
    return startsWithAny(name, JVM_NAMES) ? JVM : AGENT;
  }

  private static boolean startsWithAny(String name, String[] prefixes) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
