package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.AgentThreads;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request costs, counted: a loaded machine counts as well as a quiet one. */
class CountedCostIT {
  private static final int BURSTS = 60;
  private static final int REQUESTS_PER_BURST = 50;
  private static final double BYTES_PER_REQUEST_MAX = 1;

  private static final int BLAST_MS = 2_000;
  private static final int RECORDS_PER_WRITE_MIN = 5;

  /**
   * The same service with and without the agent. C2 is left out: what it proves to be local, and so
   * does not allocate, differs from JVM to JVM by more than any agent's share.
   */
  @ParameterizedTest
  @CsvSource({
    "TOMCAT_11,,false",
    "TOMCAT_11,jsse,false",
    "NETTY_42,,false",
    "NETTY_42,,true",
    "NETTY_42,jdk,false",
    "NETTY_42,jdk,true"
  })
  void application_threads_allocate_nothing_more(Variant variant, String tls, boolean noUnsafe) {
    long without;
    try (Service service = counting(variant, tls, noUnsafe).withoutAgent().start()) {
      without = leastAllocated(service, tls);
    }
    long with;
    try (Service service = counting(variant, tls, noUnsafe).option("kernel", "off").start()) {
      with = leastAllocated(service, tls);
      int requests = BURSTS * (REQUESTS_PER_BURST + 2);
      assertThat(service.records().await(requests)).hasSize(requests);
    }
    System.out.println(
        variant
            + (tls == null ? "" : " TLS")
            + (noUnsafe ? " without Unsafe" : "")
            + ": bytes of "
            + REQUESTS_PER_BURST
            + " requests without="
            + without
            + " with="
            + with);
    assertThat((double) (with - without) / REQUESTS_PER_BURST)
        .as("bytes a request, without=%s with=%s", without, with)
        .isLessThan(BYTES_PER_REQUEST_MAX);
  }

  private static Service.Builder counting(Variant variant, String tls, boolean noUnsafe) {
    Service.Builder builder =
        Service.on(variant)
            .with("noids", true)
            // Without is Netty's own choice on Java 24 and newer.
            .jvm("-XX:TieredStopAtLevel=1", "-Dio.netty.noUnsafe=" + noUnsafe);
    return tls == null ? builder : builder.with("tls", tls).with("keystore", TlsClient.keystore());
  }

  private static RawClient connect(Service service, String tls) {
    return tls == null
        ? service.connect()
        : RawClient.connect(service.port(), TlsClient.of("TLSv1.3"));
  }

  /**
   * Bytes between two readings of the thread that serves them, all sent in one piece, so that no
   * timing decides by which way a request comes to its thread. The least of many: the server makes
   * a new Date each second, the JVM something of its own at times.
   */
  private static long leastAllocated(Service service, String tls) {
    String reading = "GET /allocated HTTP/1.1\r\nHost: a\r\n\r\n";
    String request = "GET /hello HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: two\r\n\r\n";
    String burst = reading + request.repeat(REQUESTS_PER_BURST) + reading;
    long least = Long.MAX_VALUE;
    try (RawClient client = connect(service, tls)) {
      for (int i = 0; i < BURSTS; i++) {
        client.send(burst);
        long before = allocated(client);
        for (int n = 0; n < REQUESTS_PER_BURST; n++) {
          assertThat(client.read("GET").status()).isEqualTo(200);
        }
        least = Math.min(least, allocated(client) - before);
      }
    }
    return least;
  }

  private static long allocated(RawClient client) {
    String body = new String(client.read("GET").body(), StandardCharsets.US_ASCII);
    return Long.parseLong(body.strip());
  }

  @Test
  void one_write_takes_many_records() {
    try (Service service = Service.on(Variant.TOMCAT_11).start()) {
      // So that the files are open and the code is compiled.
      Blast.at(service, 4, BLAST_MS);
      int recordsBefore = service.records().awaitCount(Integer.MAX_VALUE);
      AgentThreads threads = service.agentThreads();
      long callsBefore = threads.writeCalls();
      Blast.Result blast = Blast.at(service, 4, BLAST_MS);
      int expected = (int) (recordsBefore + blast.requests());
      int records = service.records().awaitCount(expected) - recordsBefore;
      long calls = threads.writeCalls() - callsBefore;
      System.out.println("records=" + records + " write calls=" + calls);
      assertThat((double) records / calls)
          .as("records a write call, records=%s calls=%s", records, calls)
          .isGreaterThan(RECORDS_PER_WRITE_MIN);
    }
  }
}
