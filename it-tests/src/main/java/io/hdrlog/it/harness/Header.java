package io.hdrlog.it.harness;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One header line as it was on the wire. */
public record Header(String name, String value) {

  /** As a record must have them: lower-case names in the order of the wire, every value. */
  public static Map<String, List<String>> asLogged(List<Header> headers) {
    Map<String, List<String>> logged = new LinkedHashMap<>();
    for (Header header : headers) {
      logged
          .computeIfAbsent(header.name.toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(decoded(header.value));
    }
    return logged;
  }

  /** Bytes that are UTF-8 are logged as that, others as ISO-8859-1. */
  private static String decoded(String value) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return value;
    }
  }
}
