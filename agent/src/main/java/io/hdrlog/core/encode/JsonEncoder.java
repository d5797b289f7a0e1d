package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.http.TraceParent;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.HeaderRule;
import io.hdrlog.core.mask.Masker;
import java.util.Arrays;

/**
 * Writes an exchange as one line of JSON, fields and their order as in docs/architecture.md. A
 * field that is not known is left out. Belongs to the consumer's thread; allocates nothing once
 * names and lines have been seen.
 */
public final class JsonEncoder {
  private static final Fragment HEAD = Fragment.of("{\"schema\":1,\"timestamp\":\"");
  private static final Fragment REQUEST_ID = Fragment.of("\"request_id\":");
  private static final Fragment TRACE_ID = Fragment.of("\"trace_id\":\"");
  private static final Fragment SPAN_ID = Fragment.of("\",\"span_id\":\"");
  private static final Fragment END_TEXT = Fragment.of("\",");
  private static final Fragment ERROR = Fragment.of("\"error\":{\"type\":");
  private static final Fragment END_OBJECT = Fragment.of("},");
  private static final Fragment NETWORK = Fragment.of("\"network\":{");
  private static final Fragment TRANSPORT = Fragment.of("\"transport\":\"tcp\",");
  private static final Fragment PROTOCOL =
      Fragment.of("\"protocol\":{\"name\":\"http\",\"version\":\"");
  private static final Fragment END_TEXT_OBJECT = Fragment.of("\"},");
  private static final Fragment CLIENT = Fragment.of("\"client\":{\"address\":\"");
  private static final Fragment TLS = Fragment.of("\"tls\":{");
  private static final Fragment TLS_PROTOCOL = Fragment.of("\"protocol\":{\"version\":\"");
  private static final Fragment TLS_CIPHER = Fragment.of("\"cipher\":\"");
  private static final Fragment TLS_CLIENT = Fragment.of("\"client\":{\"server_name\":\"");
  private static final Fragment TLS_PROVIDER = Fragment.of("\"provider\":\"");
  private static final Fragment URL_HTTP = Fragment.of("\"url\":{\"scheme\":\"http\",");
  private static final Fragment URL_HTTPS = Fragment.of("\"url\":{\"scheme\":\"https\",");
  private static final Fragment URL_SCHEME = Fragment.of("\"url\":{\"scheme\":\"");
  private static final Fragment PATH = Fragment.of("\"path\":");
  private static final Fragment QUERY = Fragment.of("\"query\":");
  private static final Fragment HTTP = Fragment.of("\"http\":{");
  private static final Fragment REQUEST = Fragment.of("\"request\":{");
  private static final Fragment RESPONSE = Fragment.of("\"response\":{");
  private static final Fragment METHOD = Fragment.of("\"method\":");
  private static final Fragment STATUS = Fragment.of("\"status_code\":");
  private static final Fragment INFORMATIONAL = Fragment.of("\"informational\":[");
  private static final Fragment HEADER = Fragment.of("\"header\":{");
  private static final Fragment TRAILER = Fragment.of("\"trailer\":{");
  private static final Fragment BODY_SIZE = Fragment.of("\"body\":{\"size\":");
  private static final Fragment SIZE = Fragment.of("\"size\":");
  private static final Fragment SESSION = Fragment.of("\"session\":{\"id\":\"");
  private static final Fragment CONNECTION = Fragment.of("\"connection\":{");
  private static final Fragment CONNECTION_ID = Fragment.of("\"id\":\"");
  private static final Fragment CONNECTION_REQUEST = Fragment.of("\"request\":");
  private static final Fragment CONNECTION_STREAM = Fragment.of("\"stream\":");
  private static final Fragment HEADERS_DIFFER = Fragment.of("\"headers\":{\"differ\":[");
  private static final Fragment TCP = Fragment.of("\"tcp\":{");
  private static final Fragment RTT = Fragment.of("\"rtt_us\":");
  private static final Fragment RETRANSMITS = Fragment.of("\"retransmits\":");
  private static final Fragment TRUNCATED = Fragment.of("\"truncated\":[");

  private static final byte[] REQUEST_HEADER_PATH = Ascii.bytes("http.request.header");
  private static final byte[] RESPONSE_HEADER_PATH = Ascii.bytes("http.response.header");
  private static final byte[] REQUEST_TRAILER_PATH = Ascii.bytes("http.request.trailer");
  private static final byte[] RESPONSE_TRAILER_PATH = Ascii.bytes("http.response.trailer");
  private static final byte[] URL_PATH_PATH = Ascii.bytes("url.path");
  private static final byte[] URL_QUERY_PATH = Ascii.bytes("url.query");

  private final Fragment serverPrefix;
  private final Fragment clientPrefix;
  private final Fragment[] outcomes = new Fragment[Outcome.values().length];
  private final Fragment[] sources = new Fragment[8];

  private final RequestIds requestIds;
  private final HeaderRule requestIdRule;
  private final ValueWriter values;
  private final HeaderBlock request;
  private final HeaderBlock response;
  private final HeaderBlock requestTrailer;
  private final HeaderBlock responseTrailer;
  private final ClientAddress clientAddress;
  private final SessionId sessionId;
  private final SocketEnds ends;
  private final Routes routes;
  private final boolean maskIp;

  private final Rfc3339 rfc3339 = new Rfc3339();
  private final Utf8Buffer truncated = new Utf8Buffer(256);
  private final byte[] reason = new byte[ErrorType.LENGTH_MAX];

  public JsonEncoder(EncoderSettings settings) {
    Masker masker =
        new Masker(
            settings.maskHeaders,
            settings.maskQuery,
            settings.maskValues,
            settings.maskMode,
            settings.key,
            settings.maskIp);
    requestIds = settings.requestIds;
    requestIdRule = masker.rule(requestIds.lowerName());
    values = new ValueWriter(masker);
    byte[] idName = requestIds.lowerName();
    Globs requestKept = new Globs(settings.requestHeaders);
    Globs responseKept = new Globs(settings.responseHeaders);
    request =
        new HeaderBlock(
            new HeaderNames(requestKept, masker, idName, values), values, REQUEST_HEADER_PATH);
    response =
        new HeaderBlock(
            new HeaderNames(responseKept, masker, idName, values), values, RESPONSE_HEADER_PATH);
    // What is filtered and masked as a header is so as a trailer. Names are kept apart from the
    // headers': nothing else of the record is made from a trailer.
    requestTrailer =
        new HeaderBlock(
            new HeaderNames(requestKept, masker, idName, values), values, REQUEST_TRAILER_PATH);
    responseTrailer =
        new HeaderBlock(
            new HeaderNames(responseKept, masker, idName, values), values, RESPONSE_TRAILER_PATH);
    clientAddress = new ClientAddress(settings.trustedProxies);
    sessionId = new SessionId(settings.key);
    ends = new SocketEnds(settings.maskIp);
    routes = new Routes(values);
    maskIp = settings.maskIp;
    serverPrefix = prefix("http.server.request", settings);
    clientPrefix = prefix("http.client.request", settings);
    for (Outcome outcome : Outcome.values()) {
      outcomes[outcome.ordinal()] = Fragment.of("\"outcome\":\"" + outcome.text() + "\",");
    }
    for (int bits = 0; bits < sources.length; bits++) {
      sources[bits] = sources(bits);
    }
  }

  private static Fragment prefix(String event, EncoderSettings settings) {
    Utf8Buffer b = new Utf8Buffer(256);
    b.put(Ascii.bytes("\",\"event\":\"" + event + "\",\"service\":{\"name\":\""));
    b.text(settings.service);
    b.put('"');
    if (settings.instanceId != null) {
      b.put(Ascii.bytes(",\"instance\":{\"id\":\""));
      b.text(settings.instanceId);
      b.put(Ascii.bytes("\"}"));
    }
    b.put(Ascii.bytes("},\"process\":{\"pid\":" + settings.pid + "},"));
    return new Fragment(Arrays.copyOf(b.array(), b.length()));
  }

  private static Fragment sources(int bits) {
    StringBuilder b = new StringBuilder("\"sources\":[");
    b.append((bits & Exchange.FROM_KERNEL) != 0 ? "\"kernel\"," : "");
    b.append((bits & Exchange.FROM_JVM) != 0 ? "\"jvm\"," : "");
    b.append((bits & Exchange.FROM_WIRE) != 0 ? "\"wire\"," : "");
    if (bits == 0) {
      return Fragment.of("");
    }
    b.setCharAt(b.length() - 1, ']');
    return Fragment.of(b.append(',').toString());
  }

  /**
   * Appends the record and its line feed; returns how many bytes that were. If this throws, what
   * had been written of the record is taken back.
   *
   * @param heads what {@link Heads#read} made of this exchange
   * @param wallOffsetNs from the exchange's clock to nanoseconds since 1970, see {@link WallClock}
   */
  public int encode(Exchange exchange, Heads heads, long wallOffsetNs, Utf8Buffer out) {
    int start = out.length();
    boolean done = false;
    try {
      record(exchange, heads, wallOffsetNs, out);
      done = true;
    } finally {
      if (!done) {
        out.truncate(start);
      }
    }
    return out.length() - start;
  }

  private void record(Exchange e, Heads heads, long wallOffsetNs, Utf8Buffer out) {
    Head requestHead = heads.request;
    Head responseHead = heads.response;
    truncated.clear();
    request.read(requestHead.bytes, requestHead.headersOffset, requestHead.limit, e.requestHeadCut);
    response.read(
        responseHead.bytes, responseHead.headersOffset, responseHead.limit, e.responseHeadCut);

    long startNs = e.timing.startNs != Timing.ABSENT ? e.timing.startNs : e.seenNs;
    out.put(HEAD);
    rfc3339.put(startNs + wallOffsetNs, out);
    out.put(e.outbound ? clientPrefix : serverPrefix);
    ids(e, startNs, out);
    out.put(outcomes[e.outcome.ordinal()]);
    error(e.errorType, out);
    network(e, requestHead, out);
    tls(e, out);
    url(e, requestHead, out);
    http(e, requestHead, responseHead, out);
    session(out);
    connection(e, out);
    out.put(sources[e.sources & 7]);
    differ(e.headersDiffer, out);
    TimingWriter.write(e.timing, out);
    tcp(e, out);
    if (truncated.length() > 0) {
      out.put(TRUNCATED);
      out.put(truncated.array(), 0, truncated.length());
      out.closeArray();
    }
    out.closeLine();
  }

  private void ids(Exchange e, long startNs, Utf8Buffer out) {
    int id = -1;
    int parent = -1;
    int parents = 0;
    for (int i = 0; i < request.specials(); i++) {
      HeaderName.Kind kind = request.kind(i);
      if (kind == HeaderName.Kind.REQUEST_ID) {
        id = id < 0 ? i : id;
      } else if (kind == HeaderName.Kind.TRACE_PARENT) {
        parent = i;
        parents++;
      }
    }
    byte[] b = request.bytes();
    out.put(REQUEST_ID);
    if (id >= 0 && RequestIds.isSafe(b, request.valueOffset(id), request.valueLength(id))) {
      values.header(requestIdRule, b, request.valueOffset(id), request.valueLength(id), false, out);
      out.put(',');
    } else {
      out.put('"');
      int at = out.claim(RequestIds.MADE_LENGTH);
      requestIds.make(e.seenNs != Timing.ABSENT ? e.seenNs : startNs, e.idRandom, out.array(), at);
      out.put(END_TEXT);
    }
    // The standard: more than one traceparent is none.
    if (parents == 1
        && TraceParent.isValid(b, request.valueOffset(parent), request.valueLength(parent))) {
      int at = request.valueOffset(parent);
      out.put(TRACE_ID);
      out.put(b, at + TraceParent.TRACE_OFFSET, TraceParent.TRACE_LENGTH);
      out.put(SPAN_ID);
      out.put(b, at + TraceParent.SPAN_OFFSET, TraceParent.SPAN_LENGTH);
      out.put(END_TEXT);
    }
  }

  private void error(String type, Utf8Buffer out) {
    if (type == null) {
      return;
    }
    int length = ErrorType.clean(type, reason);
    if (length > 0) {
      out.put(ERROR);
      values.text(reason, 0, length, out);
      out.put(END_OBJECT);
    }
  }

  private void network(Exchange e, Head head, Utf8Buffer out) {
    out.put(NETWORK);
    if (e.addressed) {
      ends.write(e, out);
    }
    out.put(TRANSPORT);
    if (e.protocolVersion != null) {
      out.put(PROTOCOL);
      out.text(e.protocolVersion);
      out.put(END_TEXT_OBJECT);
    } else if (head.versionLength > 0) {
      out.put(PROTOCOL);
      out.put(head.bytes, head.versionOffset, head.versionLength);
      out.put(END_TEXT_OBJECT);
    }
    out.closeObject(out.length());
    if (e.addressed && !e.outbound) {
      byte[] client = clientAddress.find(e.remoteAddress, request);
      if (client != null) {
        out.put(CLIENT);
        ends.address(client, maskIp, out);
        out.put(END_TEXT_OBJECT);
      }
    }
  }

  private static void tls(Exchange e, Utf8Buffer out) {
    if (e.tlsVersion == null
        && e.tlsCipher == null
        && e.tlsServerName == null
        && e.tlsProvider == null) {
      return;
    }
    out.put(TLS);
    known(TLS_PROTOCOL, e.tlsVersion, END_TEXT_OBJECT, out);
    known(TLS_CIPHER, e.tlsCipher, END_TEXT, out);
    known(TLS_CLIENT, e.tlsServerName, END_TEXT_OBJECT, out);
    known(TLS_PROVIDER, e.tlsProvider, END_TEXT, out);
    out.closeObject(out.length());
  }

  private static void known(Fragment opening, String text, Fragment closing, Utf8Buffer out) {
    if (text != null) {
      out.put(opening);
      out.text(text);
      out.put(closing);
    }
  }

  private void url(Exchange e, Head head, Utf8Buffer out) {
    if (head.schemeLength > 0) {
      out.put(URL_SCHEME);
      for (int i = 0; i < head.schemeLength; i++) {
        out.put((char) Ascii.lower(head.bytes[head.schemeOffset + i]));
      }
      out.put(END_TEXT);
    } else {
      out.put(e.secure ? URL_HTTPS : URL_HTTP);
    }
    if (head.pathLength > 0) {
      out.put(PATH);
      values.path(head.bytes, head.pathOffset, head.pathLength, out);
      out.put(',');
      truncatedIfCut(URL_PATH_PATH);
    }
    if (head.queryLength > 0) {
      out.put(QUERY);
      values.query(head.bytes, head.queryOffset, head.queryLength, out);
      out.put(',');
      truncatedIfCut(URL_QUERY_PATH);
    }
    out.closeObject(out.length());
  }

  private void truncatedIfCut(byte[] path) {
    if (values.wasCut()) {
      truncated(path);
    }
  }

  private void truncated(byte[] path) {
    truncated.put('"');
    truncated.put(path);
    truncated.put('"');
    truncated.put(',');
  }

  private void http(Exchange e, Head requestHead, Head responseHead, Utf8Buffer out) {
    int start = out.length();
    out.put(HTTP);
    if (e.route != null) {
      out.put(routes.json(e.route));
    }
    int requestStart = out.length();
    out.put(REQUEST);
    if (requestHead.methodLength > 0) {
      out.put(METHOD);
      values.text(requestHead.bytes, requestHead.methodOffset, requestHead.methodLength, out);
      out.put(',');
    }
    headers(HEADER, request, REQUEST_HEADER_PATH, out);
    if (e.requestTrailerLength > 0) {
      requestTrailer.read(e.requestTrailer, 0, e.requestTrailerLength, e.requestTrailerCut);
      headers(TRAILER, requestTrailer, REQUEST_TRAILER_PATH, out);
    }
    sizes(e.requestBodyBytes, e.requestBytes, e.rxStart, e.rxEnd, out);
    out.closeObject(requestStart);

    int responseStart = out.length();
    out.put(RESPONSE);
    if (responseHead.status > 0) {
      out.put(STATUS);
      out.number(responseHead.status);
      out.put(',');
    }
    if (e.informationalCount > 0) {
      out.put(INFORMATIONAL);
      for (int i = 0; i < Math.min(e.informationalCount, Exchange.INFORMATIONAL_MAX); i++) {
        out.number(e.informational[i]);
        out.put(',');
      }
      out.closeArray();
    }
    headers(HEADER, response, RESPONSE_HEADER_PATH, out);
    if (e.responseTrailerLength > 0) {
      responseTrailer.read(e.responseTrailer, 0, e.responseTrailerLength, e.responseTrailerCut);
      headers(TRAILER, responseTrailer, RESPONSE_TRAILER_PATH, out);
    }
    sizes(e.responseBodyBytes, e.responseBytes, e.txStart, e.txEnd, out);
    out.closeObject(responseStart);
    out.closeObject(start);
  }

  private void headers(Fragment opening, HeaderBlock headers, byte[] path, Utf8Buffer out) {
    int start = out.length();
    out.put(opening);
    out.put(headers.json().array(), 0, headers.json().length());
    out.closeObject(start);
    truncated.put(headers.truncated().array(), 0, headers.truncated().length());
    if (headers.isCut()) {
      truncated(path);
    }
  }

  /** The message's size as it was counted, or else what it took of the stream. */
  private static void sizes(
      long body, long message, long streamStart, long streamEnd, Utf8Buffer out) {
    if (body >= 0) {
      out.put(BODY_SIZE);
      out.number(body);
      out.put(END_OBJECT);
    }
    if (message >= 0) {
      out.put(SIZE);
      out.number(message);
      out.put(',');
    } else if (streamStart >= 0 && streamEnd > streamStart) {
      out.put(SIZE);
      out.number(streamEnd - streamStart);
      out.put(',');
    }
  }

  private void session(Utf8Buffer out) {
    if (!session(request, HeaderName.Kind.COOKIE)
        && !session(response, HeaderName.Kind.SET_COOKIE)) {
      return;
    }
    out.put(SESSION);
    out.put(sessionId.id(), 0, SessionId.LENGTH);
    out.put(END_TEXT_OBJECT);
  }

  private boolean session(HeaderBlock headers, HeaderName.Kind kind) {
    for (int i = 0; i < headers.specials(); i++) {
      if (headers.kind(i) == kind
          && sessionId.find(
              headers.bytes(),
              headers.valueOffset(i),
              headers.valueLength(i),
              kind == HeaderName.Kind.SET_COOKIE)) {
        return true;
      }
    }
    return false;
  }

  private static void connection(Exchange e, Utf8Buffer out) {
    int start = out.length();
    out.put(CONNECTION);
    if (e.cookie != 0) {
      out.put(CONNECTION_ID);
      out.hex(e.cookie);
      out.put(END_TEXT);
    }
    if (e.connectionRequest > 0) {
      out.put(CONNECTION_REQUEST);
      out.number(e.connectionRequest);
      out.put(',');
    }
    if (e.connectionStream >= 0) {
      out.put(CONNECTION_STREAM);
      out.number(e.connectionStream);
      out.put(',');
    }
    out.closeObject(start);
  }

  private static void differ(String[] paths, Utf8Buffer out) {
    if (paths == null) {
      return;
    }
    out.put(HEADERS_DIFFER);
    for (String path : paths) {
      out.put('"');
      out.text(path);
      out.put(END_TEXT);
    }
    out.closeArray();
    out.closeObject(out.length());
  }

  private static void tcp(Exchange e, Utf8Buffer out) {
    int start = out.length();
    out.put(TCP);
    if (e.rttUs >= 0) {
      out.put(RTT);
      out.number(e.rttUs);
      out.put(',');
    }
    if (e.retransmits >= 0) {
      out.put(RETRANSMITS);
      out.number(e.retransmits);
      out.put(',');
    }
    out.closeObject(start);
  }
}
