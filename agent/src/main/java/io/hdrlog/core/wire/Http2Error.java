package io.hdrlog.core.wire;

/** Error codes of RST_STREAM and GOAWAY (RFC 9113, 7), as they stand in the record. */
final class Http2Error {
  static final int NO_ERROR = 0;
  static final int REFUSED_STREAM = 7;

  private static final String[] NAMES = {
    "no_error",
    "protocol_error",
    "internal_error",
    "flow_control_error",
    "settings_timeout",
    "stream_closed",
    "frame_size_error",
    "refused_stream",
    "cancel",
    "compression_error",
    "connect_error",
    "enhance_your_calm",
    "inadequate_security",
    "http_1_1_required"
  };

  private Http2Error() {}

  static String name(int code) {
    return code >= 0 && code < NAMES.length ? NAMES[code] : "unknown_error";
  }
}
