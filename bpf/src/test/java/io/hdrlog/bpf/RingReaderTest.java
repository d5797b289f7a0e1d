package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reader against a ring written as the kernel does. */
class RingReaderTest {
  private static final int RING = 64;
  private static final int PAGE = 16;

  private final ByteBuffer consumer = memory(8);
  private final ByteBuffer producer = memory(PAGE + RING);
  private final RingReader reader = new RingReader(consumer, producer, PAGE, RING);
  private final List<Long> read = new ArrayList<>();
  private long end;

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** A record of one long. */
  private void write(long value, int flags) {
    putInt(end, 8 | flags);
    putInt(end + 4, 0);
    putInt(end + 8, (int) value);
    putInt(end + 12, (int) (value >>> 32));
    end += 16;
    producer.putLong(0, end);
  }

  private void putInt(long position, int value) {
    int at = PAGE + (int) (position % RING);
    producer.putInt(at, value);
  }

  private int read(int limit) {
    return reader.read(
        (ring, offset, length) -> {
          assertThat(length).isEqualTo(8);
          read.add(ring.getLong(offset));
        },
        limit);
  }

  private long consumed() {
    return consumer.getLong(0);
  }

  @Test
  void recordsComeInOrderAcrossManyTurnsOfTheRing() {
    for (long i = 0; i < 100; i++) {
      write(i, 0);
      if (i % 3 == 2) {
        assertThat(read(10)).isEqualTo(3);
      }
    }
    read(10);
    assertThat(read).hasSize(100).isSorted();
    assertThat(consumed()).isEqualTo(end);
  }

  @Test
  void aRecordThatWrapsIsReadInOnePiece() {
    // 24 bytes of record put the next ones across the end of the ring.
    putInt(end, 16);
    end += 24;
    producer.putLong(0, end);
    reader.read((ring, offset, length) -> assertThat(length).isEqualTo(16), 1);
    write(1, 0);
    write(2, 0);
    read(10);
    write(0x1122334455667788L, 0);
    assertThat(end % RING).isLessThan(16);
    read(10);
    assertThat(read).containsExactly(1L, 2L, 0x1122334455667788L);
  }

  /** A record of longs. */
  private void write(long... values) {
    putInt(end, 8 * values.length);
    putInt(end + 4, 0);
    for (int i = 0; i < values.length; i++) {
      putInt(end + 8 + 8L * i, (int) values[i]);
      putInt(end + 12 + 8L * i, (int) (values[i] >>> 32));
    }
    end += 8 + 8L * values.length;
    producer.putLong(0, end);
  }

  @Test
  void aRecordIsPutTogetherWhereverItIsCut() {
    List<List<Long>> got = new ArrayList<>();
    List<List<Long>> put = new ArrayList<>();
    // Records of 16 to 48 bytes in a ring of 64 begin at each of its eight places.
    for (int i = 0; i < 200; i++) {
      long[] values = new long[1 + i * 7 % 5];
      Arrays.setAll(values, n -> (long) values.length << 40 | n);
      write(values);
      put.add(Arrays.stream(values).boxed().toList());
      reader.read(
          (ring, offset, length) -> {
            List<Long> longs = new ArrayList<>();
            for (int at = 0; at < length; at += 8) {
              longs.add(ring.getLong(offset + at));
            }
            got.add(longs);
          },
          10);
    }
    assertThat(got).isEqualTo(put);
    assertThat(consumed()).isEqualTo(end);
  }

  @Test
  void whatIsStillBeingWrittenHoldsBackWhatFollows() {
    write(1, 0);
    write(2, RingReader.BUSY);
    write(3, 0);
    assertThat(read(10)).isEqualTo(1);
    assertThat(consumed()).isEqualTo(16);
    putInt(16, 8);
    assertThat(read(10)).isEqualTo(2);
    assertThat(read).containsExactly(1L, 2L, 3L);
  }

  @Test
  void discardedRecordsAreSkippedAndTheirRoomGivenBack() {
    write(1, RingReader.DISCARDED);
    write(2, 0);
    assertThat(read(10)).isEqualTo(1);
    assertThat(read).containsExactly(2L);
    assertThat(consumed()).isEqualTo(32);
  }

  @Test
  void noMoreThanTheLimitIsTaken() {
    write(1, 0);
    write(2, 0);
    write(3, 0);
    assertThat(read(2)).isEqualTo(2);
    assertThat(consumed()).isEqualTo(32);
    assertThat(read(2)).isEqualTo(1);
  }

  @Test
  void aRecordThatMakesItsReaderFailIsNotReadAgain() {
    write(1, 0);
    write(2, 0);
    try {
      reader.read(
          (ring, offset, length) -> {
            throw new IllegalArgumentException("first");
          },
          10);
    } catch (IllegalArgumentException expected) {
      assertThat(expected).hasMessage("first");
    }
    assertThat(consumed()).isEqualTo(16);
    read(10);
    assertThat(read).containsExactly(2L);
  }
}
