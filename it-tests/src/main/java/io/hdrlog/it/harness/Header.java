package io.hdrlog.it.harness;

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
          .add(header.value);
    }
    return logged;
  }
}
