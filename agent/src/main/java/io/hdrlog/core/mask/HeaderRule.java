package io.hdrlog.core.mask;

/** How the values of a header are masked, by its name. */
public enum HeaderRule {
  /** Only what looks like a secret, and masked parameters of URLs in it. */
  OPEN,
  /** All of it. */
  WHOLE,
  /** The values of the cookies. */
  COOKIE,
  /** The value of the cookie; its attributes stay. */
  SET_COOKIE,
  /** As open, and client addresses in it are cut to their network. */
  ADDRESSES
}
