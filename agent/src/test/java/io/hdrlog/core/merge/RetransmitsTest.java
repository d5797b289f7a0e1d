package io.hdrlog.core.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.MarkKind;
import org.junit.jupiter.api.Test;

class RetransmitsTest {
  private final FakeJournal journal = new FakeJournal();
  private final Retransmits retransmits = new Retransmits();

  private void mark(long position) {
    journal.mark(MarkKind.RETRANSMIT, 1, position);
  }

  @Test
  void segmentsAreCountedWithTheBytesTheyEndIn() {
    journal.segmentsPerRetransmit = 3;
    mark(2_000);
    mark(1_000); // what is sent again is not in order
    mark(3_000);
    retransmits.take(journal, 5_000);
    assertThat(retransmits.within(0, 1_000)).isEqualTo(3);
    assertThat(retransmits.within(1_000, 3_000)).isEqualTo(6);
    assertThat(retransmits.within(3_000, 9_000)).isZero();
  }

  @Test
  void eachMarkIsTakenOnce() {
    mark(1_000);
    retransmits.take(journal, 5_000);
    mark(1_000);
    retransmits.take(journal, 5_000);
    retransmits.take(journal, 5_000);
    assertThat(retransmits.within(0, 1_000)).isEqualTo(2);
  }

  @Test
  void whatLostMarksCountedIsInTheNext() {
    for (int i = 0; i < 20; i++) {
      mark(1_000 + i);
    }
    retransmits.take(journal, 5_000);
    assertThat(retransmits.within(0, 5_000)).isEqualTo(20);
  }

  @Test
  void positionsAreThoseOfAStreamOfManyGigabytes() {
    long sent = 10_000_000_000L;
    mark(sent - 500);
    retransmits.take(journal, sent);
    assertThat(retransmits.within(sent - 1_000, sent)).isEqualTo(1);
  }

  @Test
  void whatIsForgottenIsForgottenAndTheRestIsKept() {
    mark(1_000);
    mark(500);
    mark(2_000);
    retransmits.take(journal, 5_000);
    retransmits.forgetUntil(1_000);
    assertThat(retransmits.within(0, 1_000)).isZero();
    assertThat(retransmits.within(1_000, 2_000)).isEqualTo(1);
  }

  @Test
  void aLineThatLosesWithoutEndIsStillCounted() {
    for (int i = 0; i < 1_000; i++) {
      mark(1_000 + i);
      retransmits.take(journal, 5_000);
    }
    assertThat(retransmits.within(0, 5_000)).isEqualTo(1_000);
  }
}
