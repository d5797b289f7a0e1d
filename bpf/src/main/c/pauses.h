/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* The programs on libjvm's USDT probes: only the VM thread passes them, begin and end in turn. */
#ifndef HDRLOG_PAUSES_H
#define HDRLOG_PAUSES_H

struct hdrlog_pause pause = {};

SEC("uprobe")
int on_pause_begin(struct pt_regs *regs)
{
	if (ours())
		pause.begin_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("uprobe")
int on_pause_end(struct pt_regs *regs)
{
	if (!ours() || !pause.begin_ns)
		return 0;
	pause.type = HDRLOG_PAUSE;
	pause.end_ns = bpf_ktime_get_ns();
	if (bpf_ringbuf_output(&hdrlog_ring, &pause, sizeof(pause), BPF_RB_NO_WAKEUP))
		COUNT_LOSS(ring_full);
	pause.begin_ns = 0;
	return 0;
}

#endif
