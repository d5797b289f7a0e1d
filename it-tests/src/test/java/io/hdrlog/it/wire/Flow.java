package io.hdrlog.it.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What a capture shows of one connection from its SYN on. Positions count the bytes of a direction
 * from 0; all that is asked for is the first instant at which something was so.
 */
public final class Flow {
  private final List<Segment> fromClient = new ArrayList<>();
  private final List<Segment> fromServer = new ArrayList<>();
  private int clientBase;
  private int serverBase;
  private int clientScale;

  private Flow() {}

  /** By the client's port. */
  public static Map<Integer, Flow> of(List<Segment> segments, int serverPort) {
    Map<Integer, Flow> flows = new HashMap<>();
    for (Segment segment : segments) {
      boolean toServer = segment.target() == serverPort;
      int port = toServer ? segment.source() : segment.target();
      if (segment.syn() && toServer) {
        Flow flow = new Flow();
        flow.clientBase = segment.sequence() + 1;
        flow.clientScale = segment.scale();
        flows.put(port, flow);
      }
      Flow flow = flows.get(port);
      if (flow == null) {
        continue;
      }
      if (segment.syn() && !toServer) {
        flow.serverBase = segment.sequence() + 1;
      } else if (!segment.syn()) {
        (toServer ? flow.fromClient : flow.fromServer).add(segment);
      }
    }
    return flows;
  }

  /** When the byte at the position had come from the client, and all before it. */
  public OptionalLong received(long position) {
    NavigableMap<Long, Long> beyondGaps = new TreeMap<>();
    long whole = 0;
    for (Segment segment : fromClient) {
      long start = offset(segment);
      long end = start + segment.payload();
      beyondGaps.merge(start, end, Math::max);
      while (!beyondGaps.isEmpty() && beyondGaps.firstKey() <= whole) {
        whole = Math.max(whole, beyondGaps.pollFirstEntry().getValue());
      }
      if (whole > position) {
        return OptionalLong.of(segment.ns());
      }
    }
    return OptionalLong.empty();
  }

  private int offset(Segment segment) {
    return segment.sequence() - clientBase; // wraps around as the numbers do
  }

  /** How many segments left again of what lies in between. */
  public int sentAgain(long from, long to) {
    int again = 0;
    long newest = 0;
    for (Segment segment : fromServer) {
      int start = segment.sequence() - serverBase;
      if (segment.payload() > 0) {
        if (start < newest && start >= from && start < to) {
          again++;
        }
        newest = Math.max(newest, start + segment.payload());
      }
    }
    return again;
  }

  /** When the byte at the position first left for the client. */
  public OptionalLong sent(long position) {
    return fromServer.stream()
        .filter(
            segment -> {
              int start = segment.sequence() - serverBase; // wraps around as the numbers do
              return start <= position && position < start + segment.payload();
            })
        .mapToLong(Segment::ns)
        .findFirst();
  }

  /** When the client had first acknowledged everything before the position. */
  public OptionalLong acknowledged(long position) {
    return reached(segment -> segment.acknowledged() - serverBase, position);
  }

  /** When the client's window first let everything before the position be sent. */
  public OptionalLong allowed(long position) {
    return reached(
        segment -> segment.acknowledged() - serverBase + ((long) segment.window() << clientScale),
        position);
  }

  private OptionalLong reached(ToLongFunction<Segment> position, long target) {
    return fromClient.stream()
        .filter(segment -> segment.ack() && position.applyAsLong(segment) >= target)
        .mapToLong(Segment::ns)
        .findFirst();
  }
}
