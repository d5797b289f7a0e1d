package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.wire.Flow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * How far one kind of instant in the records is from what was seen on the wire.
 *
 * <p>What is comparable. A, H and K are of packets that came: TCP works on one as soon as it has
 * arrived. W and Z are when the kernel had accepted bytes, which is when the call that brought them
 * was about to return; on an open line they left during that call, so the wire's stamp is earlier
 * by the rest of it. But what the peer's window or the sender's congestion control did not allow
 * yet waits in the send buffer: such bytes were accepted before they left, by as long as these
 * liked. Of a response whose end may have had to wait like that only this is asked: that it was
 * accepted no later than it left.
 */
final class WireDifferences {
  private final String name;
  private final boolean sent;
  private final List<Long> ns = new ArrayList<>();
  private long furthest;
  private MixedLoad.Place furthestOff;

  private WireDifferences(String name, boolean sent) {
    this.name = name;
    this.sent = sent;
  }

  /**
   * Compares every request; each must have one record, with every instant.
   *
   * @param toRealtime from the flows' clock to CLOCK_REALTIME
   * @param atOnceMax larger responses are not all sent before something of them is acknowledged
   */
  static List<WireDifferences> of(
      Service service,
      List<MixedLoad.Place> places,
      Map<Integer, Flow> flows,
      LongUnaryOperator toRealtime,
      int atOnceMax) {
    Map<String, LogRecord> records = records(service, places);
    WireDifferences a = new WireDifferences("A first byte arrived", false);
    WireDifferences h = new WireDifferences("H head arrived", false);
    WireDifferences w = new WireDifferences("W first byte sent", true);
    WireDifferences z = new WireDifferences("Z last byte sent", true);
    WireDifferences waited = new WireDifferences("Z that may have waited to leave, too late", true);
    WireDifferences k = new WireDifferences("K last byte acknowledged", false);
    for (MixedLoad.Place place : places) {
      LogRecord record = records.get(place.id());
      assertThat(record).as("the record of %s", place).isNotNull();
      assertThat(record.number("network.peer.port")).isEqualTo(place.clientPort());
      assertThat(record.number("connection.request")).isEqualTo(place.number());
      Expect.allStreams(record);
      Flow flow = flows.get(place.clientPort());

      Instant stamp = Instant.parse(record.text("timestamp"));
      long arrived = stamp.getEpochSecond() * 1_000_000_000L + stamp.getNano();
      long headed = arrived + record.number("timing.receive_ns");
      long first = headed + record.number("timing.first_byte_ns");
      long last = first + record.number("timing.send_ns");
      long acknowledged = last + record.number("timing.ack_ns");
      a.add(arrived - seen(flow.received(place.rxStart()), toRealtime, place), place);
      h.add(headed - seen(flow.received(place.rxHeadEnd() - 1), toRealtime, place), place);
      w.add(first - seen(flow.sent(place.txStart()), toRealtime, place), place);
      k.add(acknowledged - seen(flow.acknowledged(place.txEnd()), toRealtime, place), place);
      long late = last - seen(flow.sent(place.txEnd() - 1), toRealtime, place);
      boolean mustWait =
          place.txEnd() - place.txStart() > atOnceMax
              || flow.allowed(place.txEnd()).orElse(Long.MAX_VALUE)
                  > flow.sent(place.txStart()).orElseThrow();
      if (mustWait) {
        waited.add(Math.max(late, 0), place);
      } else {
        z.add(late, place);
      }
    }
    assertThat(z.ns.size()).as("responses that left at once").isGreaterThan(waited.ns.size());
    List<WireDifferences> all = new ArrayList<>(List.of(a, h, w, z, k));
    if (!waited.ns.isEmpty()) {
      all.add(waited);
    }
    return all;
  }

  private static Map<String, LogRecord> records(Service service, List<MixedLoad.Place> places) {
    Set<String> ids = places.stream().map(MixedLoad.Place::id).collect(Collectors.toSet());
    Map<String, LogRecord> records = new HashMap<>();
    for (LogRecord record :
        service.records().await(places.size(), one -> ids.contains(one.text("request_id")))) {
      assertThat(records.put(record.text("request_id"), record))
          .as("another one of the same request, %s", record)
          .isNull();
    }
    return records;
  }

  private static long seen(OptionalLong seen, LongUnaryOperator toRealtime, MixedLoad.Place place) {
    assertThat(seen).as("on the wire, of %s", place).isPresent();
    return toRealtime.applyAsLong(seen.getAsLong());
  }

  private void add(long difference, MixedLoad.Place place) {
    ns.add(difference);
    if (Math.abs(difference) > furthest) {
      furthest = Math.abs(difference);
      furthestOff = place;
    }
  }

  /** Of the differences either way. */
  long quantileNs(double share) {
    long[] sorted = ns.stream().mapToLong(Math::abs).sorted().toArray();
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  }

  /** The furthest off of those that must agree: what was sent may have left later than accepted. */
  long worstNs() {
    return ns.stream().mapToLong(one -> sent ? Math.max(one, 0) : Math.abs(one)).max().orElse(0);
  }

  @Override
  public String toString() {
    return "%s: n=%d median=%.1f p99=%.1f us, from %.1f to %.1f, furthest off: %s"
        .formatted(
            name,
            ns.size(),
            quantileNs(0.5) / 1e3,
            quantileNs(0.99) / 1e3,
            ns.stream().mapToLong(Long::longValue).min().orElse(0) / 1e3,
            ns.stream().mapToLong(Long::longValue).max().orElse(0) / 1e3,
            furthestOff);
  }
}
