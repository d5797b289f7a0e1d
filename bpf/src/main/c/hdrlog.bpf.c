// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * The hooks. What happens on a connection, and who sees it:
 *
 *   handshake done      on_state      inet_sock_set_state
 *   accept() returns    on_accept_*   uprobe
 *   bytes arrive        on_segment    tcp_probe: every segment, before TCP works on it
 *   the JVM reads       on_read       sock_recv_length | tcp_rcv_space_adjust | uprobes
 *   the JVM writes      on_send       sock_send_length | uprobes
 *   the peer has them   on_segment    the acknowledgement, while neither side has sent a FIN
 *                       on_state      the one that also covers our FIN
 *   sent again          on_retransmit tcp_retransmit_skb
 *   closed              on_state
 *   JVM stands still    on_pause_*    USDT probes in libjvm
 *
 * Which of the alternatives is taken is decided in Java (Probes.java); what is not taken is not
 * loaded.
 */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "hdrlog.h"
#include "entry.h"
#include "tracepoints.h"
#include "calls.h"
#include "pauses.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
