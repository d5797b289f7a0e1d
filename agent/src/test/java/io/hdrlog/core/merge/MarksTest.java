package io.hdrlog.core.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import org.junit.jupiter.api.Test;

class MarksTest {
  private static final int CAPACITY = 8;

  private final Counters counters = new Counters();
  private final MarkRoom room = new MarkRoom(20_000, counters);
  private final FakeJournal journal = new FakeJournal();
  private final Marks marks = new Marks(room);
  private long made;

  /** Mark number n is made at n, and reaches byte 10 n. */
  private void make(int count) {
    for (int i = 0; i < count; i++) {
      made++;
      journal.mark(MarkKind.SEND, made, made * 10);
      if (made % (CAPACITY - 1) == 0) {
        marks.take(journal, MarkKind.SEND, true);
      }
    }
    marks.take(journal, MarkKind.SEND, true);
  }

  private void mustBeExact(long number) {
    int index = marks.reaching(number * 10);
    assertThat(index).as("number %s", number).isNotNegative();
    assertThat(marks.ns(index)).isEqualTo(number);
    assertThat(marks.reaching(number * 10 - 9)).isEqualTo(index);
  }

  @Test
  void thousandsAreKeptAndEachIsFound() {
    make(5_000);
    for (long number = 1; number <= made; number++) {
      mustBeExact(number);
      assertThat(marks.ns(marks.firstSince(number))).isEqualTo(number);
      assertThat(marks.ns(marks.lastUntil(number))).isEqualTo(number);
    }
    assertThat(marks.reaching(made * 10 + 1)).isEqualTo(Marks.NOT_YET);
    assertThat(marks.firstSince(made + 1)).isEqualTo(Marks.NOT_YET);
    assertThat(marks.lastUntil(0)).isEqualTo(Marks.NOT_YET);
  }

  @Test
  void whereNoPlaintextIsReadTheyTakeNoRoomFromOthers() {
    for (int i = 1; i <= 5_000; i++) {
      journal.mark(MarkKind.SEND, i, i * 10L);
      marks.take(journal, MarkKind.SEND, false);
    }
    assertThat(room.left()).isEqualTo(20_000);
    assertThat(marks.size()).isLessThanOrEqualTo(Marks.SIZE_FREE);
    assertThat(marks.ns(marks.reaching(50_000))).isEqualTo(5_000);
  }

  @Test
  void whatCameUnseenHasNoTimeAndTheNextMarkBeginsBehindIt() {
    make(1);
    journal.mark(MarkKind.SEND, SocketJournal.UNTIMED, 20);
    made = 2;
    make(1);
    mustBeExact(1);
    assertThat(marks.reaching(11)).isEqualTo(Marks.LOST);
    assertThat(marks.reaching(20)).isEqualTo(Marks.LOST);
    mustBeExact(3);
    assertThat(marks.isExact(marks.reaching(30))).isFalse();
  }

  @Test
  void theyAreForgottenFromTheFrontWhileOthersCome() {
    for (int round = 0; round < 1_000; round++) {
      make(30);
      mustBeExact(made);
      marks.forgetUntil((made - 20) * 10);
      assertThat(marks.size()).isEqualTo(20);
      assertThat(marks.reaching((made - 20) * 10)).isEqualTo(Marks.LOST);
      mustBeExact(made - 19);
    }
    assertThat(room.left()).isEqualTo(20_000);
  }

  @Test
  void whatDoesNotFitIsThinnedOutAndNeverTakenForAnother() {
    make(100_000);
    assertThat(marks.size()).isLessThanOrEqualTo(Marks.SIZE_MAX);
    mustBeExact(1);
    mustBeExact(made);
    int exact = 0;
    for (long number = 1; number <= made; number++) {
      int index = marks.reaching(number * 10);
      if (index != Marks.LOST) {
        assertThat(marks.ns(index)).isEqualTo(number);
        exact++;
      }
    }
    assertThat(exact).isEqualTo(marks.size());
  }

  @Test
  void theRoomIsSharedAndGivenBack() {
    make(10_000);
    assertThat(room.left()).isLessThan(5_000);
    assertThat(counters.losses(LossReason.KERNEL_MARKS_FULL)).isZero();
    Marks others = new Marks(room);
    FakeJournal of = new FakeJournal();
    for (int n = 1; n <= 30_000; n++) {
      of.mark(MarkKind.SEND, n, n);
      others.take(of, MarkKind.SEND, true);
    }
    assertThat(others.size()).isLessThan(5_000);
    assertThat(room.left()).isNotNegative();
    assertThat(counters.losses(LossReason.KERNEL_MARKS_FULL)).isPositive();
    others.giveBack();
    marks.giveBack();
    assertThat(room.left()).isEqualTo(20_000);
    mustBeExact(made);
    assertThat(others.ns(others.reaching(30_000))).isEqualTo(30_000);
  }

  @Test
  void whoNeedsLittleForLongGivesTheRoomBack() {
    make(2_000);
    marks.forgetUntil(made * 10);
    for (int i = 0; i < 10_000; i++) {
      make(1);
      marks.forgetUntil((made - 1) * 10);
    }
    assertThat(room.left()).isEqualTo(20_000);
    mustBeExact(made);
  }

  @Test
  void aMarkThatReachesNoFurtherChangesNothing() {
    make(3);
    journal.mark(MarkKind.SEND, 4, 25);
    journal.mark(MarkKind.SEND, 5, 50);
    marks.take(journal, MarkKind.SEND, true);
    assertThat(marks.ns(marks.reaching(28))).isEqualTo(3);
    assertThat(marks.ns(marks.reaching(31))).isEqualTo(5);
  }
}
