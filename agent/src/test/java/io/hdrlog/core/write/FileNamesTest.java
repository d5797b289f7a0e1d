package io.hdrlog.core.write;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "orders.jsonl",
        "orders-pid12.jsonl",
        "orders-eu-20261122T180000Z-1.jsonl",
        "orders-20261122T180000Z-1.txt",
        "orders-20261122T180000Z.jsonl",
        "orders-20261122T180000Z-.jsonl",
        "orders-20261122T18000Z-1.jsonl",
        "orders-20261122T180000Z-1.jsonl.gz.7.tmp",
        "orders-pidx-20261122T180000Z-1.jsonl",
        "order-20261122T180000Z-1.jsonl",
      })
  void othersAreNoClosedFiles(String name) {
    assertThat(FileNames.closedOrder("orders", name)).isNull();
  }

  @Test
  void closedFilesSortByTimeAndNumberWhoeverWroteThem() {
    String first = FileNames.closedOrder("orders", "orders-pid12-20261122T180000Z-2.jsonl.gz");
    String second = FileNames.closedOrder("orders", "orders-20261122T180000Z-10.jsonl");
    String third = FileNames.closedOrder("orders", "orders-pid1.2-20261122T180001Z-1.jsonl");
    assertThat(first).isLessThan(second);
    assertThat(second).isLessThan(third);
  }

  @Test
  void aServiceWhoseNameEndsInAStampOrPidIsStillItself() {
    assertThat(FileNames.closedOrder("a-pid7", "a-pid7-20261122T180000Z-1.jsonl")).isNotNull();
    assertThat(FileNames.pidInstance("orders", "orders-1.jsonl", ".jsonl")).isNull();
    assertThat(FileNames.pidInstance("orders", "orders-pid.jsonl", ".jsonl")).isNull();
    assertThat(FileNames.pidInstance("orders", "orders-pid3.jsonl", ".jsonl"))
        .isEqualTo("orders-pid3");
    assertThat(FileNames.pidInstance("orders", "orders-pid3.2.jsonl", ".jsonl"))
        .isEqualTo("orders-pid3.2");
    assertThat(FileNames.pidInstance("orders", "orders-pid3-20261122T180000Z-1.jsonl", ".jsonl"))
        .isNull();
  }

  @Test
  void temporaryFilesNameTheirProcess() {
    assertThat(FileNames.tmpPid("orders", "orders-20261122T180000Z-1.jsonl.gz.77.tmp"))
        .isEqualTo(77);
    assertThat(FileNames.tmpPid("orders", "orders-20261122T180000Z-1.jsonl.gz.tmp")).isEqualTo(-1);
    assertThat(FileNames.tmpPid("orders", "other.77.tmp")).isEqualTo(-1);
    assertThat(FileNames.pidOf("orders", "orders-pid9-20261122T180000Z-1.jsonl")).isEqualTo(9);
    assertThat(FileNames.pidOf("orders", "orders-20261122T180000Z-1.jsonl")).isEqualTo(-1);
  }
}
