package io.hdrlog.core.tap;

/** Finds the logging framework of an application. */
public interface MdcSource {
  /** What classes of this loader log through, or null. Cheap to ask for each request. */
  Mdc of(ClassLoader application);
}
