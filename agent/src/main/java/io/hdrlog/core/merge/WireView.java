package io.hdrlog.core.merge;

/** What the correlator has to know of the stream of plaintext. */
public interface WireView {
  /** Some connections' plaintext is watched. */
  boolean isOn();

  /** It is wanted of all connections, not only of those that nothing else tells of. */
  boolean isAlways();

  /** The JVM stream may tell of requests as well: a server that it knows was met. */
  boolean isJvmExpected();

  /** The kernel shows a connection with questions and answers that nothing told of. */
  void unclaimed();

  /** No plaintext is watched. */
  WireView OFF =
      new WireView() {
        @Override
        public boolean isOn() {
          return false;
        }

        @Override
        public boolean isAlways() {
          return false;
        }

        @Override
        public boolean isJvmExpected() {
          return false;
        }

        @Override
        public void unclaimed() {
          // Nothing could be watched.
        }
      };
}
