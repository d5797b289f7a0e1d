package io.hdrlog.core.tap;

/** The map of a logging framework that an application uses. */
public interface Mdc {
  /** The value under the key, or null. */
  String get(String key);

  /** Puts the value, or with null removes the key. */
  void put(String key, String value);
}
