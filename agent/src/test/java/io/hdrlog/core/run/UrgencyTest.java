package io.hdrlog.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UrgencyTest {
  private static final long STEP_NS = 2_000_000;
  private static final int USUAL = 3;
  private static final int FIRST = USUAL - Urgency.AHEAD;

  private final NiceCalls calls = new NiceCalls(USUAL);
  private final Urgency urgency = new Urgency(() -> calls);
  private long nowNs = -1_000;

  private void look(boolean filling, long forNs) {
    look(filling, true, forNs);
  }

  private void look(boolean filling, boolean busy, long forNs) {
    for (long endNs = nowNs + forNs; nowNs < endNs; nowNs += STEP_NS) {
      urgency.look(nowNs, filling, busy);
    }
  }

  @Test
  void noTimePassesBeforeThereIsSomethingToDo() {
    urgency.start(nowNs);
    look(false, false, 10 * Urgency.CALM_NS);
    look(false, Urgency.CALM_NS - 2 * STEP_NS);
    assertThat(calls.asked).as("is as cold as at the start").containsExactly(FIRST);
    look(false, 3 * STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST, USUAL);
  }

  @Test
  void goesFirstWhileTheAgentStartsAndThenWithTheOthers() {
    urgency.start(nowNs);
    assertThat(calls.asked).containsExactly(FIRST);
    look(false, Urgency.CALM_NS - STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST);
    look(false, 2 * STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST, USUAL);
    look(false, Urgency.REST_NS);
    assertThat(calls.asked).as("asks once for each change").containsExactly(FIRST, USUAL);
  }

  @Test
  void goesFirstWhenTheRingFillsAndForAsLongAsItDoesNowAndThen() {
    for (int i = 0; i < 20; i++) {
      look(true, Urgency.IN_VAIN_NS / 2);
      look(false, Urgency.CALM_NS / 2);
      assertThat(calls.asked).containsExactly(FIRST);
    }
    look(false, Urgency.CALM_NS);
    assertThat(calls.asked).containsExactly(FIRST, USUAL);
  }

  @Test
  void givesUpForAWhileWhereItDoesNotHelp() {
    look(true, Urgency.IN_VAIN_NS - STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST);
    look(true, 3 * STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST, USUAL);
    look(true, Urgency.REST_NS - 3 * STEP_NS);
    assertThat(calls.asked).as("the service keeps its core").containsExactly(FIRST, USUAL);
    look(true, 3 * STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST, USUAL, FIRST);
  }

  @Test
  void goesFirstOnceTheServiceHasStartedWhereTheKernelStreamIsNotWanted() {
    look(false, false, Urgency.STARTED_NS - STEP_NS);
    assertThat(calls.asked).as("not while the service starts").isEmpty();
    look(false, false, 2 * STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST);
    look(false, true, Urgency.CALM_NS + 2 * STEP_NS);
    look(false, false, Urgency.STARTED_NS);
    assertThat(calls.asked).containsExactly(FIRST, USUAL);
  }

  @Test
  void doesSoInTheFirstMomentWithoutWorkWhereThereWasMuchFromTheStart() {
    look(false, true, 2 * Urgency.STARTED_NS);
    assertThat(calls.asked).as("not while there is something to do").isEmpty();
    look(false, false, STEP_NS);
    assertThat(calls.asked).containsExactly(FIRST);
  }

  @Test
  void asksNoMoreWhereItIsRefused() {
    calls.refusing = true;
    look(true, Urgency.REST_NS);
    assertThat(calls.asked).containsExactly(FIRST);
  }

  @Test
  void doesWithoutWhereThereIsNoSuchCall() {
    Urgency none = new Urgency(() -> null);
    none.start(0);
    none.look(1, true, true);
    none.look(2, false, true);
    assertThat(calls.asked).isEmpty();
  }
}
