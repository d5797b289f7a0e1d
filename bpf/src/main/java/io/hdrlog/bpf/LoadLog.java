package io.hdrlog.bpf;

/** What libbpf wrote while it loaded, cut down to who failed and why. */
record LoadLog(String program, String reason, String text) {
  private static final String PROGRAM = "prog '";
  private static final String BEGIN = "-- BEGIN PROG LOAD LOG --";
  private static final String END = "-- END PROG LOAD LOG --";
  private static final int REASON_MAX = 300;

  /**
   * Looks for the first program that is named, and for the verifier's last word: the line before
   * its statistics.
   */
  static LoadLog parse(String text) {
    int at = text.indexOf(PROGRAM);
    if (at < 0) {
      return new LoadLog(null, oneLine(text), text);
    }
    int name = at + PROGRAM.length();
    String program = text.substring(name, Math.max(name, text.indexOf('\'', name)));
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      int line = text.indexOf('\n', at);
      return new LoadLog(
          program, oneLine(text.substring(at, line < 0 ? text.length() : line)), text);
    }
    String last = "";
    for (String line : text.substring(begin + BEGIN.length(), end).split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("processed ")) {
        last = line;
      }
    }
    return new LoadLog(program, oneLine("prog '" + program + "': " + last), text);
  }

  /** The kernel has no such tracepoint: no other way of loading the program will help. */
  boolean hookMissing() {
    return reason.contains("this kernel has no tracepoint");
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= REASON_MAX ? line : line.substring(line.length() - REASON_MAX);
  }
}
