package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a web framework knows of a request that its container does not. */
class SpringIT {
  @Test
  void the_route_is_the_requests_own_and_not_its_error_pages() {
    try (Service service = Service.on(Variant.SPRING).libraries("tomcat10").start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/item/7"));
      client.ask(Request.get("/view/9"));
      client.ask(Request.get("/nowhere"));
      client.ask(Request.get("/fail/8"));
      List<LogRecord> records = service.records().await(4);
      assertThat(records)
          .extracting(
              record -> record.text("url.path"),
              LogRecord::status,
              record -> record.text("http.route"),
              record -> record.text("error.type"))
          .containsExactly(
              tuple("/item/7", 200, "/item/{id}", null),
              tuple("/view/9", 200, "/view/{id}", null),
              // What no controller is for has no route but the servlet's.
              tuple("/nowhere", 404, "/", null),
              tuple("/fail/8", 500, "/fail/{id}", "java.lang.IllegalStateException"));
    }
  }
}
