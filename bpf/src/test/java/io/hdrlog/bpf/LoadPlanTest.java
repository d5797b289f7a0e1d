package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hdrlog.bpf.Probes.Moment;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelOptions.Probes;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which hook is tried next. */
class LoadPlanTest {
  private static LoadPlan plan(Probes probes, String... refused) throws Exception {
    Map<String, String> refusals = new java.util.HashMap<>();
    for (String what : refused) {
      refusals.put(what, "why of " + what);
    }
    return LoadPlan.choose(new KernelOptions(probes, false), refusals);
  }

  private static String hook(LoadPlan plan, Moment moment) {
    return plan.hooks().get(moment).text();
  }

  @Test
  void theCheapestHookIsTheFirstChoice() throws Exception {
    LoadPlan plan = plan(Probes.AUTO);
    assertThat(hook(plan, Moment.READ)).isEqualTo("tp_btf/tcp_rcv_space_adjust");
    assertThat(hook(plan, Moment.SEND)).isEqualTo("tp_btf/sock_send_length");
    assertThat(plan.byHash()).isFalse();
    assertThat(plan.programs())
        .contains("whoami", "on_segment", "on_state")
        .doesNotContain("on_call_object", "on_segment_by_hash");
  }

  @Test
  void uprobesOnJournalsPutTheseIntoAHash() throws Exception {
    LoadPlan plan = plan(Probes.UPROBE);
    assertThat(hook(plan, Moment.READ)).isEqualTo("uprobes on native reads");
    assertThat(plan.byHash()).isTrue();
    assertThat(plan.programs())
        .contains("on_call_object", "on_segment_by_hash", "on_state")
        .doesNotContain("on_read_copied", "on_segment");
    assertThat(plan.hookOf("on_segment_by_hash").text()).isEqualTo("tp_btf/tcp_probe");
  }

  @Test
  void whatIsRefusedMakesRoomForTheNext() throws Exception {
    assertThat(hook(plan(Probes.AUTO, "tp_btf/tcp_rcv_space_adjust"), Moment.READ))
        .isEqualTo("tp_btf/sock_recv_length");
    assertThat(hook(plan(Probes.UPROBE, "uprobes on native reads"), Moment.READ))
        .isEqualTo("tp_btf/tcp_rcv_space_adjust");
    assertThat(plan(Probes.AUTO, "uprobes on native accepts").hooks())
        .doesNotContainKey(Moment.ACCEPT);
    assertThat(plan(Probes.AUTO, LoadPlan.SOCKET_STORAGE).byHash()).isTrue();
    assertThat(plan(Probes.AUTO, LoadPlan.UPROBE_MULTI).multi()).isFalse();
  }

  @Test
  void withoutAnyHookForAnEssentialMomentThereIsNoKernelStream() {
    assertThatThrownBy(
            () -> plan(Probes.AUTO, "tp_btf/sock_send_length", "uprobes on native writes"))
        .isInstanceOf(KernelUnavailableException.class)
        .hasMessageContaining("moment=send")
        .hasMessageContaining("why of uprobes on native writes");
  }

  @Test
  void aCountThatNobodyKeepsIsNoZero() {
    assertThatThrownBy(() -> plan(Probes.AUTO, "tp_btf/tcp_retransmit_skb"))
        .isInstanceOf(KernelUnavailableException.class)
        .hasMessageContaining("moment=retransmit");
  }
}
