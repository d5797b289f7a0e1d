/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* The programs on the kernel's own tracepoints. */
#ifndef HDRLOG_TRACEPOINTS_H
#define HDRLOG_TRACEPOINTS_H

/* Run once from Java, inside our process: the helpers count pids as the initial namespace does. */
SEC("raw_tp")
int whoami(void *ctx)
{
	own_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

/*
 * Puts right what on_segment could not know: it runs before TCP has worked on the segment. Bytes
 * that filled a gap make those behind it arrive, too, which is a mark of its own, because the one
 * for the segment may be in the ring already; bytes that came with the handshake's last segment
 * pass on_state only; a segment may have been refused. What came otherwise came while the kernel
 * skipped on_segment, which it does where an interrupt finds it running: such a mark has no time.
 */
static __always_inline void settle_arrivals(struct entry *e, __u32 position)
{
	__u32 count = e->journal.recent[HDRLOG_ARRIVAL].count;
	__u32 *at = newest(e, HDRLOG_ARRIVAL);
	__u64 ns = 0;

	if (*at == position)
		return;
	if (!count && !e->journal.established_ns)
		return;
	if (count && (__s32)(position - *at) < 0) {
		*at = position;
		return;
	}
	if (!count && e->handshake_data)
		ns = e->journal.established_ns;
	else if (count && e->gap_filled == count)
		ns = newest_ns(e, HDRLOG_ARRIVAL);
	else
		COUNT_LOSS(arrivals_unseen);
	note(e, HDRLOG_ARRIVAL, ns, position);
}

static __always_inline int segment(struct sock *sk, struct sk_buff *skb, struct entry *e)
{
	const struct tcp_skb_cb *cb;
	__u32 rcv_nxt, end, ack;
	struct tcp_sock *tp;
	int over = 0;
	__u64 now = 0;

	if (!e)
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	cb = (const struct tcp_skb_cb *)skb->cb;
	rcv_nxt = tp->rcv_nxt;
	settle_arrivals(e, rcv_nxt - e->rx_base);

	ack = cb->ack_seq;
	if ((__s32)(ack - tp->snd_una) > 0 && (__s32)(tp->snd_nxt - ack) >= 0) {
		now = bpf_ktime_get_ns();
		note(e, HDRLOG_ACK, now, ack - e->tx_base);
		/* When the send has not returned yet, on_send sees this and reports. */
		over = ack == tp->write_seq && *newest(e, HDRLOG_SEND) == ack - e->tx_base;
	}
	end = cb->end_seq - (cb->tcp_flags & TCPHDR_FIN);
	/* Bytes beyond a gap have not arrived before the gap is filled. */
	if ((__s32)(cb->seq - rcv_nxt) <= 0 && (__s32)(end - rcv_nxt) > 0) {
		if (!now)
			now = bpf_ktime_get_ns();
		note(e, HDRLOG_ARRIVAL, now, end - e->rx_base);
		if (unlikely(tp->out_of_order_queue.rb_node))
			e->gap_filled = e->journal.recent[HDRLOG_ARRIVAL].count;
		over |= unreported(&e->journal.recent[HDRLOG_SEND]);
	}
	if (!now || !e->owned)
		return 0;
	if (unlikely(!e->journal.cookie && settings.cookie_helper))
		e->journal.cookie = bpf_get_socket_cookie(sk);
	/* The peer has got everything, or the next request begins. */
	if ((over || filling(e, HDRLOG_ARRIVAL) || filling(e, HDRLOG_ACK)) &&
	    unlikely(report(e) == OUTDATED))
		report_apart(e);
	return 0;
}

SEC("tp_btf/tcp_probe")
int BPF_PROG(on_segment, struct sock *sk, struct sk_buff *skb)
{
	return segment(sk, skb, entry_in_sock(sk));
}

SEC("tp_btf/tcp_probe")
int BPF_PROG(on_segment_by_hash, struct sock *sk, struct sk_buff *skb)
{
	return segment(sk, skb, entry_in_hash(sk));
}

static __always_inline int bytes_read(struct sock *sk, struct entry *found, int in_sock)
{
	struct entry *e = touched(sk, found, in_sock);
	struct tcp_sock *tp = e ? bpf_skc_to_tcp_sock(sk) : 0;

	if (tp)
		noted_read(e, tp->copied_seq, tp->rcv_nxt, sk->__sk_common.skc_state);
	return 0;
}

/*
 * Inside the read, right after bytes were copied out: unlike the tracepoint at its return it passes
 * over reads that found nothing, and over all that is not TCP.
 */
SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(on_read_copied, struct sock *sk)
{
	return bytes_read(sk, entry_in_sock(sk), 1);
}

SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(on_read_copied_by_hash, struct sock *sk)
{
	return bytes_read(sk, entry_in_hash(sk), 0);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_read, struct sock *sk, int returned, int flags)
{
	return returned > 0 && !(flags & MSG_PEEK) ? bytes_read(sk, entry_in_sock(sk), 1) : 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_read_by_hash, struct sock *sk, int returned, int flags)
{
	return returned > 0 && !(flags & MSG_PEEK) ? bytes_read(sk, entry_in_hash(sk), 0) : 0;
}

static __always_inline int bytes_sent(struct sock *sk, struct entry *found, int in_sock)
{
	struct entry *e = touched(sk, found, in_sock);
	struct tcp_sock *tp = e ? bpf_skc_to_tcp_sock(sk) : 0;

	if (tp)
		noted_send(e, tp->write_seq, tp->snd_una, tp->srtt_us,
			   sk->__sk_common.skc_state);
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(on_send, struct sock *sk, int returned)
{
	return returned > 0 ? bytes_sent(sk, entry_in_sock(sk), 1) : 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(on_send_by_hash, struct sock *sk, int returned)
{
	return returned > 0 ? bytes_sent(sk, entry_in_hash(sk), 0) : 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_retransmit, struct sock *sk, struct sk_buff *skb)
{
	struct entry *e = entry_of(sk);
	const struct tcp_skb_cb *cb = (const struct tcp_skb_cb *)skb->cb;
	struct tcp_sock *tp;

	if (!e || (cb->tcp_flags & TCPHDR_SYN))
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	/* One buffer may hold many segments; the kernel has counted them by now. */
	note_retransmit(e, bpf_ktime_get_ns(),
			cb->end_seq - (cb->tcp_flags & TCPHDR_FIN) - e->tx_base,
			tp->total_retrans - e->retrans_base);
	if (e->owned)
		report_apart(e);
	return 0;
}

static __always_inline void listening(struct sock *sk, int begins)
{
	struct hdrlog_listener port = listener_of(sk);
	__u32 one = 1;
	__u32 *sockets = bpf_map_lookup_elem(&hdrlog_listeners, &port);

	if (begins && sockets)
		__sync_fetch_and_add(sockets, 1);
	else if (begins)
		bpf_map_update_elem(&hdrlog_listeners, &port, &one, BPF_ANY);
	else if (sockets && *sockets > 1)
		__sync_fetch_and_add(sockets, -1);
	else if (sockets)
		bpf_map_delete_elem(&hdrlog_listeners, &port);
}

static __always_inline void established(struct sock *sk, struct tcp_sock *tp, int accepted)
{
	struct hdrlog_listener port;
	struct entry *e;

	if (accepted) {
		port = listener_of(sk);
		if (!bpf_map_lookup_elem(&hdrlog_listeners, &port))
			return;
		e = entry_made(sk);
		if (!e)
			COUNT_LOSS(journals_full);
	} else {
		e = entry_of(sk);
	}
	if (!e)
		return;
	describe(e, sk);
	e->rx_base = tp->rcv_nxt;
	e->tx_base = tp->write_seq;
	e->retrans_base = tp->total_retrans;
	e->handshake_data = tp->data_segs_in;
	e->journal.flags |= HDRLOG_OPENED;
	e->journal.established_ns = bpf_ktime_get_ns();
	e->journal.cookie = settings.cookie_helper ?
				    bpf_get_socket_cookie(sk) :
				    cookie_guessed(sk, e->journal.established_ns);
}

/* We have sent a FIN: the last of our bytes is the one before it. */
static __always_inline void settle_last_ack(struct entry *e, struct tcp_sock *tp)
{
	__u32 end = tp->write_seq - 1;

	if ((__s32)(tp->snd_una - end) >= 0 && *newest(e, HDRLOG_ACK) != end - e->tx_base &&
	    e->acked_unseen != end - e->tx_base)
		note(e, HDRLOG_ACK, bpf_ktime_get_ns(), end - e->tx_base);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock *sk, int from, int to)
{
	struct tcp_sock *tp;
	struct entry *e;
	int error;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (to == TCP_LISTEN || (from == TCP_LISTEN && to == TCP_CLOSE)) {
		if (ours())
			listening(sk, to == TCP_LISTEN);
		return 0;
	}
	if (to == TCP_SYN_SENT) {
		if (settings.outbound && ours()) {
			e = entry_made(sk);
			if (e) {
				e->owned = 1;
				e->journal.flags = HDRLOG_OUTBOUND;
			} else {
				COUNT_LOSS(journals_full);
			}
		}
		return 0;
	}
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	if (to == TCP_ESTABLISHED) {
		established(sk, tp, from == TCP_SYN_RECV);
		return 0;
	}
	e = entry_of(sk);
	if (!e)
		return 0;
	switch (to) {
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
		e->journal.flags |= HDRLOG_FIN_BY_PEER;
		/* The FIN itself has a number but is no byte. */
		if (from == TCP_ESTABLISHED)
			settle_arrivals(e, tp->rcv_nxt - 1 - e->rx_base);
		else
			settle_last_ack(e, tp);
		break;
	case TCP_FIN_WAIT2:
		settle_last_ack(e, tp);
		break;
	case TCP_LAST_ACK:
		e->acked_unseen = tp->snd_una - e->tx_base;
		return 0;
	case TCP_CLOSE:
		error = sk->sk_err;
		if (from == TCP_LAST_ACK || from == TCP_CLOSING)
			settle_last_ack(e, tp);
		if (error == ECONNRESET || (error == EPIPE && from == TCP_CLOSE_WAIT))
			e->journal.flags |= HDRLOG_RESET_BY_PEER;
		else if (from == TCP_ESTABLISHED || from == TCP_CLOSE_WAIT)
			/* Closed at once, without a FIN: unread bytes, SO_LINGER 0, an abort. */
			e->journal.flags |= HDRLOG_RESET_BY_US;
		e->journal.flags |= HDRLOG_CLOSED;
		break;
	default:
		return 0;
	}
	if (e->owned)
		report_apart(e);
	if (to == TCP_CLOSE)
		entry_dropped(sk);
	return 0;
}

#endif
