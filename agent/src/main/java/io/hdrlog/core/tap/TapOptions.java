package io.hdrlog.core.tap;

/**
 * What the configuration asks of the tap.
 *
 * @param requestIdHeader the header that carries the id back, in lower case
 * @param requestIdResponse whether it does
 * @param requestIdMdc the key in the logging framework's map; empty if it is not to be set
 * @param tls whether the details of TLS sessions are taken
 * @param wire whether plaintext may be asked for
 */
public record TapOptions(
    String requestIdHeader,
    boolean requestIdResponse,
    String requestIdMdc,
    boolean tls,
    boolean wire) {
  /** The defaults of the contract. */
  public static TapOptions defaults() {
    return new TapOptions("x-request-id", false, "request_id", true, true);
  }
}
