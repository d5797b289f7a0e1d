package io.hdrlog.core.wire;

/** Status codes that speak of the message itself, and so come from the parser, not the handler. */
final class RejectingStatus {
  private static final int URI_TOO_LONG = 414;
  private static final int FIELDS_TOO_LARGE = 431;
  private static final int VERSION_NOT_SUPPORTED = 505;

  private RejectingStatus() {}

  static boolean is(int status) {
    return status == URI_TOO_LONG || status == FIELDS_TOO_LARGE || status == VERSION_NOT_SUPPORTED;
  }
}
