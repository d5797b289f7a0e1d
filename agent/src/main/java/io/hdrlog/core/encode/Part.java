package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/**
 * Writes some fields of the record that stand together, each with a comma behind it, or nothing.
 *
 * <p>That there are many, called from one place, keeps them apart for the compiler as well: inlined
 * into one another they took C2 20 to 30 MB, three times over, and malloc keeps what a compilation
 * had (docs/performance.md).
 */
interface Part {
  void write(Exchange e, Heads heads, Utf8Buffer out);
}
