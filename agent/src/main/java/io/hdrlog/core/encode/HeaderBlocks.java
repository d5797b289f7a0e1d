package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.Masker;

/**
 * An exchange's headers and trailers. What is filtered and masked as a header is so as a trailer.
 * Names are kept apart: nothing else of the record is made from a trailer.
 */
final class HeaderBlocks {
  final HeaderBlock request;
  final HeaderBlock response;
  final HeaderBlock requestTrailer;
  final HeaderBlock responseTrailer;

  HeaderBlocks(EncoderSettings settings, Masker masker, ValueWriter values) {
    Globs requestKept = new Globs(settings.requestHeaders);
    Globs responseKept = new Globs(settings.responseHeaders);
    byte[] idName = settings.requestIds.lowerName();
    request = block("http.request.header", requestKept, masker, idName, values);
    response = block("http.response.header", responseKept, masker, idName, values);
    requestTrailer = block("http.request.trailer", requestKept, masker, idName, values);
    responseTrailer = block("http.response.trailer", responseKept, masker, idName, values);
  }

  private static HeaderBlock block(
      String path, Globs kept, Masker masker, byte[] idName, ValueWriter values) {
    HeaderNames names = new HeaderNames(kept, masker, idName, values);
    return new HeaderBlock(names, values, Ascii.bytes(path));
  }

  /** Headers are read before anything is written, trailers when they are. */
  void read(Exchange e, Heads heads) {
    Head asked = heads.request;
    Head answered = heads.response;
    request.read(asked.bytes, asked.headersOffset, asked.limit, e.requestHeadCut);
    response.read(answered.bytes, answered.headersOffset, answered.limit, e.responseHeadCut);
  }
}
