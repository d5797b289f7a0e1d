package io.hdrlog.core.mask;

/** What stands for a masked value. */
public enum MaskMode {
  /** {@code [masked]}. */
  REDACT,
  /** {@code [masked:} 12 hex digits of an HMAC {@code ]}: equal values can be matched. */
  HASH
}
