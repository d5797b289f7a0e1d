package io.hdrlog.core.exchange;

import java.util.Arrays;

/**
 * One request and its response, as far as they are known: filled on the application's thread by the
 * tap, copied through the ring, completed by the correlator, read by the encoder. Instances are
 * reused; fields are plain because an exchange belongs to one thread at a time.
 *
 * <p>Headers stay what they were on the wire: a head is the bytes of the start line and the header
 * lines, CRLF included, up to and including the empty line where there was one. A source that has
 * no bytes (the Servlet API) writes such a block. Nothing is parsed before the consumer's thread.
 */
public final class Exchange {
  /** A head is cut at this many bytes and the record says so. */
  public static final int HEAD_BYTES_MAX = 64 * 1024;

  /** A trailer is cut at this many bytes; nobody sends long ones. */
  public static final int TRAILER_BYTES_MAX = 16 * 1024;

  /** A position or a size that is not known. */
  public static final long UNKNOWN = -1;

  /** An {@link #errorType}: what was sent is no HTTP. */
  public static final String MALFORMED_RESPONSE = "malformed_response";

  /** At most this many 1xx status codes are kept. */
  public static final int INFORMATIONAL_MAX = 4;

  private static final byte[] NO_BYTES = new byte[0];

  /** Where an exchange was seen inside the JVM. */
  public enum Entry {
    TOMCAT,
    NETTY,
    SERVLET,
    WIRE
  }

  // Who talked to whom. An address's 16 bytes, IPv4 as v4-mapped IPv6, are two numbers, and not an
  // array: a copy must look at an array's length first, and waits where no cache has it
  // (docs/performance.md, "What a copy waits for").
  public long remoteHigh;
  public long remoteLow;
  public long localHigh;
  public long localLow;
  public int remotePort;
  public int localPort;

  /** False until both ends above are set. */
  public boolean addressed;

  public boolean outbound;

  public Entry entry = Entry.TOMCAT;

  /** 1 for the connection's first request; 0 if unknown. */
  public long connectionRequest;

  /** HTTP/2 stream, or {@link #UNKNOWN}. */
  public long connectionStream;

  // The bytes.
  public byte[] requestHead;
  public int requestHeadLength;
  public byte[] responseHead;
  public int responseHeadLength;
  public boolean requestHeadCut;
  public boolean responseHeadCut;

  // Header lines behind the body, as they were; only the wire shows them.
  public byte[] requestTrailer = NO_BYTES;
  public int requestTrailerLength;
  public byte[] responseTrailer = NO_BYTES;
  public int responseTrailerLength;
  public boolean requestTrailerCut;
  public boolean responseTrailerCut;

  // Positions in the connection's plaintext streams, or UNKNOWN. Only when the plaintext is what is
  // on the wire (no TLS) and was counted from the connection's start may they be set.
  public long rxStart;
  public long rxHeadEnd;
  public long rxEnd;
  public long txStart;
  public long txEnd;

  // Positions below which no exchange of this connection that is yet to be finished needs a mark,
  // or UNKNOWN.
  public long rxFloor;
  public long txFloor;

  // Times, System.nanoTime(); Timing.ABSENT if it did not happen.
  /** The JVM's first sight of the request's bytes. */
  public long seenNs;

  /** The header block was complete and parsed. */
  public long headNs;

  /** E. */
  public long enterNs;

  /** X. */
  public long exitNs;

  /** The response's header block was handed to the transport. */
  public long responseNs;

  /** The last bytes of the response were handed to the transport, which had yet to send them. */
  public long handedOverNs;

  /** The container is done with the exchange. */
  public long endNs;

  public long requestBodyBytes;
  public long responseBodyBytes;

  // Plaintext with heads, trailers and framing, or UNKNOWN; HTTP/2: all frames of the message.
  public long requestBytes;
  public long responseBytes;

  /** Four status codes of 16 bits, the first one lowest. */
  private long informational;

  private int informationalCount;

  public Outcome outcome = Outcome.COMPLETE;

  /** Exception class or reason; null if none. */
  public String errorType;

  /** The matched route ({@code http.route}); null if unknown. */
  public String route;

  /** Paths of the headers that the container shows otherwise than they went by; null if none. */
  public String[] headersDiffer;

  /** {@code http} or {@code https}. */
  public boolean secure;

  public String tlsVersion;
  public String tlsCipher;
  public String tlsServerName;
  public String tlsProvider;

  /** Protocol version where the request line does not tell it ({@code 2}); else null. */
  public String protocolVersion;

  /** Random bits for the request id that is made when the request brings none. */
  public long idRandom;

  /** Which streams gave it; bits of {@link #FROM_KERNEL} and so on. */
  public int sources;

  public static final int FROM_KERNEL = 1;
  public static final int FROM_JVM = 1 << 1;
  public static final int FROM_WIRE = 1 << 2;

  // Set by the correlator, from the kernel stream.
  /** Socket cookie; 0 if unknown. */
  public long cookie;

  /** Smoothed RTT, microseconds, or {@link #UNKNOWN}. */
  public long rttUs;

  /** Segments of the response sent again, or {@link #UNKNOWN}. */
  public long retransmits;

  public final Timing timing = new Timing();

  /** With room for what most heads need. */
  public Exchange() {
    this(1024, 512);
  }

  /** With the given room, in bytes, before the arrays must grow. */
  public Exchange(int requestHeadBytes, int responseHeadBytes) {
    requestHead = new byte[requestHeadBytes];
    responseHead = new byte[responseHeadBytes];
    clear();
  }

  /** Makes the instance as new; the byte arrays keep their size. */
  public void clear() {
    addressed = false;
    outbound = false;
    remotePort = 0;
    localPort = 0;
    connectionRequest = 0;
    connectionStream = UNKNOWN;
    requestHeadLength = 0;
    responseHeadLength = 0;
    requestHeadCut = false;
    responseHeadCut = false;
    clearTrailers();
    forgetPositions();
    seenNs = Timing.ABSENT;
    headNs = Timing.ABSENT;
    enterNs = Timing.ABSENT;
    exitNs = Timing.ABSENT;
    responseNs = Timing.ABSENT;
    handedOverNs = Timing.ABSENT;
    endNs = Timing.ABSENT;
    requestBodyBytes = UNKNOWN;
    responseBodyBytes = UNKNOWN;
    requestBytes = UNKNOWN;
    responseBytes = UNKNOWN;
    informational = 0;
    informationalCount = 0;
    if (outcome != Outcome.COMPLETE) {
      outcome = Outcome.COMPLETE;
    }
    clearReferences();
    clearTls();
    secure = false;
    idRandom = 0;
    sources = 0;
    cookie = 0;
    rttUs = UNKNOWN;
    retransmits = UNKNOWN;
    timing.clear();
  }

  /** What was counted is not where the kernel saw it. */
  public void forgetPositions() {
    rxStart = UNKNOWN;
    rxHeadEnd = UNKNOWN;
    rxEnd = UNKNOWN;
    txStart = UNKNOWN;
    txEnd = UNKNOWN;
    rxFloor = UNKNOWN;
    txFloor = UNKNOWN;
  }

  /**
   * Lets go of what belongs to the application. Names of protocols, ciphers and servers stay for
   * the next one, which mostly has the same: see {@link #copyReferencesFrom}.
   */
  public void clearReferences() {
    if (errorType != null) {
      errorType = null;
    }
    if (route != null) {
      route = null;
    }
    if (headersDiffer != null) {
      headersDiffer = null;
    }
  }

  private void clearTls() {
    if (tlsVersion != null) {
      tlsVersion = null;
    }
    if (tlsCipher != null) {
      tlsCipher = null;
    }
    if (tlsServerName != null) {
      tlsServerName = null;
    }
    if (tlsProvider != null) {
      tlsProvider = null;
    }
    if (protocolVersion != null) {
      protocolVersion = null;
    }
  }

  /** Who talked to whom, as far as the other knows. */
  public void copyEndsFrom(Exchange other) {
    remoteHigh = other.remoteHigh;
    remoteLow = other.remoteLow;
    localHigh = other.localHigh;
    localLow = other.localLow;
    remotePort = other.remotePort;
    localPort = other.localPort;
    addressed = other.addressed;
  }

  /** Notes the status of a 1xx response; those beyond the first few are not kept. */
  public void addInformational(int status) {
    if (informationalCount < INFORMATIONAL_MAX) {
      informational |= (long) status << (informationalCount++ * Short.SIZE);
    }
  }

  /** How many 1xx responses are kept. */
  public int informationalCount() {
    return informationalCount;
  }

  /** The status of the 1xx response with that index, below {@link #informationalCount}. */
  public int informational(int index) {
    return (int) (informational >>> (index * Short.SIZE)) & 0xffff;
  }

  /** Appends to the request's head, up to the limit. */
  public void appendRequestHead(byte[] from, int offset, int length) {
    int room = roomFor(requestHeadLength, length);
    requestHeadCut |= room < length;
    requestHead = ensure(requestHead, requestHeadLength + room);
    System.arraycopy(from, offset, requestHead, requestHeadLength, room);
    requestHeadLength += room;
  }

  /** Appends to the response's head, up to the limit. */
  public void appendResponseHead(byte[] from, int offset, int length) {
    int room = roomFor(responseHeadLength, length);
    responseHeadCut |= room < length;
    responseHead = ensure(responseHead, responseHeadLength + room);
    System.arraycopy(from, offset, responseHead, responseHeadLength, room);
    responseHeadLength += room;
  }

  /** Appends header lines to the request's trailer, up to the limit. */
  public void appendRequestTrailer(byte[] from, int offset, int length) {
    int room = Math.max(0, Math.min(length, TRAILER_BYTES_MAX - requestTrailerLength));
    requestTrailerCut |= room < length;
    requestTrailer = ensure(requestTrailer, requestTrailerLength + room);
    System.arraycopy(from, offset, requestTrailer, requestTrailerLength, room);
    requestTrailerLength += room;
  }

  /** Appends header lines to the response's trailer, up to the limit. */
  public void appendResponseTrailer(byte[] from, int offset, int length) {
    int room = Math.max(0, Math.min(length, TRAILER_BYTES_MAX - responseTrailerLength));
    responseTrailerCut |= room < length;
    responseTrailer = ensure(responseTrailer, responseTrailerLength + room);
    System.arraycopy(from, offset, responseTrailer, responseTrailerLength, room);
    responseTrailerLength += room;
  }

  /** How much of {@code wanted} more bytes a head of {@code length} may still take. */
  public static int roomFor(int length, int wanted) {
    return Math.max(0, Math.min(wanted, HEAD_BYTES_MAX - length));
  }

  /** Grows in powers of two; a grown array is kept, so that growth ends after a few requests. */
  public static byte[] ensure(byte[] array, int length) {
    return length <= array.length
        ? array
        : Arrays.copyOf(array, Math.max(length, Math.min(array.length * 2, HEAD_BYTES_MAX)));
  }

  /** Copies all but the timing, the bytes of both heads included. */
  public void copyFrom(Exchange other) {
    copyFactsFrom(other);
    requestHeadLength = 0;
    responseHeadLength = 0;
    appendRequestHead(other.requestHead, 0, other.requestHeadLength);
    appendResponseHead(other.responseHead, 0, other.responseHeadLength);
    requestHeadCut = other.requestHeadCut;
    responseHeadCut = other.responseHeadCut;
    appendRequestTrailer(other.requestTrailer, 0, other.requestTrailerLength);
    appendResponseTrailer(other.responseTrailer, 0, other.responseTrailerLength);
    requestTrailerCut = other.requestTrailerCut;
    responseTrailerCut = other.responseTrailerCut;
  }

  private void clearTrailers() {
    requestTrailerLength = 0;
    responseTrailerLength = 0;
    requestTrailerCut = false;
    responseTrailerCut = false;
  }

  /**
   * Copies all but the timing and the bytes of the heads; their lengths are copied. Trailers are
   * not: what the ring carries has none, and the copy's are cleared.
   */
  public void copyFactsFrom(Exchange other) {
    copyEndsFrom(other);
    outbound = other.outbound;
    connectionRequest = other.connectionRequest;
    connectionStream = other.connectionStream;
    requestHeadLength = other.requestHeadLength;
    responseHeadLength = other.responseHeadLength;
    requestHeadCut = other.requestHeadCut;
    responseHeadCut = other.responseHeadCut;
    clearTrailers();
    rxStart = other.rxStart;
    rxHeadEnd = other.rxHeadEnd;
    rxEnd = other.rxEnd;
    txStart = other.txStart;
    txEnd = other.txEnd;
    rxFloor = other.rxFloor;
    txFloor = other.txFloor;
    seenNs = other.seenNs;
    headNs = other.headNs;
    enterNs = other.enterNs;
    exitNs = other.exitNs;
    responseNs = other.responseNs;
    handedOverNs = other.handedOverNs;
    endNs = other.endNs;
    requestBodyBytes = other.requestBodyBytes;
    responseBodyBytes = other.responseBodyBytes;
    requestBytes = other.requestBytes;
    responseBytes = other.responseBytes;
    informational = other.informational;
    informationalCount = other.informationalCount;
    secure = other.secure;
    idRandom = other.idRandom;
    sources = other.sources;
    cookie = other.cookie;
    rttUs = other.rttUs;
    retransmits = other.retransmits;
    copyReferencesFrom(other);
  }

  /**
   * Only what differs is written: an instance in a ring is an old object to the collector, which
   * looks through all that a reference was written to, were it the same one, at its next young
   * collection. Ten of them in each of a ring's slots made such a pause three times as long
   * (docs/performance.md).
   */
  @SuppressWarnings({"ReferenceEquality", "StringEquality"}) // only the very same need no write
  private void copyReferencesFrom(Exchange other) {
    if (entry != other.entry) {
      entry = other.entry;
    }
    if (outcome != other.outcome) {
      outcome = other.outcome;
    }
    if (errorType != other.errorType) {
      errorType = other.errorType;
    }
    if (route != other.route) {
      route = other.route;
    }
    if (headersDiffer != other.headersDiffer) {
      headersDiffer = other.headersDiffer;
    }
    if (tlsVersion != other.tlsVersion) {
      tlsVersion = other.tlsVersion;
    }
    if (tlsCipher != other.tlsCipher) {
      tlsCipher = other.tlsCipher;
    }
    if (tlsServerName != other.tlsServerName) {
      tlsServerName = other.tlsServerName;
    }
    if (tlsProvider != other.tlsProvider) {
      tlsProvider = other.tlsProvider;
    }
    if (protocolVersion != other.protocolVersion) {
      protocolVersion = other.protocolVersion;
    }
  }
}
