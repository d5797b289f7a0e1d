package io.hdrlog.core.encode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** {@code "route":"...",} of the routes seen so far: a service has few. */
final class Routes {
  private static final int ROUTES_MAX = 1024;

  private final ValueWriter values;
  private final Map<String, byte[]> known = new HashMap<>();

  Routes(ValueWriter values) {
    this.values = values;
  }

  byte[] json(String route) {
    byte[] json = known.get(route);
    if (json == null) {
      if (known.size() == ROUTES_MAX) {
        known.clear();
      }
      json = encode(route);
      known.put(route, json);
    }
    return json;
  }

  private byte[] encode(String route) {
    byte[] utf8 = route.getBytes(StandardCharsets.UTF_8);
    Utf8Buffer out = new Utf8Buffer(utf8.length + 16);
    out.put("\"route\":".getBytes(StandardCharsets.UTF_8));
    values.path(utf8, 0, utf8.length, out);
    out.put(',');
    return Arrays.copyOf(out.array(), out.length());
  }
}
