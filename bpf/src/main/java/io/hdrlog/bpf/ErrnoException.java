package io.hdrlog.bpf;

/** A native call said no. */
final class ErrnoException extends Exception {
  private static final long serialVersionUID = 1L;

  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int E2BIG = 7;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int EOPNOTSUPP = 95;

  ErrnoException(String what, int errno) {
    super(what + " failed: " + name(errno));
  }

  /** The usual name of those that are to be expected from BPF, else the number. */
  static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (not permitted)";
      case ENOENT -> "ENOENT (no such hook, symbol or file)";
      case E2BIG -> "E2BIG (too big)";
      case EACCES -> "EACCES (refused by the verifier or by access rights)";
      case EINVAL -> "EINVAL (not known to this kernel)";
      case EOPNOTSUPP -> "EOPNOTSUPP (not supported by this kernel)";
      default -> "errno=" + errno;
    };
  }
}
