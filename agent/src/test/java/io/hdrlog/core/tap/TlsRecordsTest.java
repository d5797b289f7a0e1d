package io.hdrlog.core.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class TlsRecordsTest {
  @Test
  void the_newest_record_begins_where_its_header_does_however_the_bytes_come() {
    int[] lengths = {512, 1, 0, 16_640, 300};
    ByteBuffer stream = ByteBuffer.allocate(20_000).order(ByteOrder.BIG_ENDIAN);
    int last = 0;
    for (int length : lengths) {
      last = stream.position();
      stream.put((byte) 23).putShort((short) 0x303).putShort((short) length);
      stream.position(stream.position() + length);
    }
    int end = stream.position();
    for (int step : new int[] {1, 2, 3, 5, 7, 1000, end}) {
      TlsRecords records = new TlsRecords();
      for (int at = 0; at < end; at += step) {
        records.passed(stream, null, at, Math.min(step, end - at));
      }
      assertThat(records.lastStart()).as("in steps of " + step).isEqualTo(last);
    }
  }
}
