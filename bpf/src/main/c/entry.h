/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * One entry for each TCP connection that may be ours: its journal and what is needed to keep it.
 *
 *   listen() by our process -> listeners[netns, port]
 *   handshake done on such a port -> entry, so that the first bytes are seen before accept()
 *   our process reads or writes it -> entry.owned; from then on its journal may enter the ring
 *   closed -> last report; the entry goes with the socket
 *
 * Each kind of marks has one writer at a time (arrival, ack and retransmit run under the socket's
 * lock, read and send in the reading and writing thread) and its count is raised after the mark is
 * written, so that nothing here takes a lock.
 */
#ifndef HDRLOG_ENTRY_H
#define HDRLOG_ENTRY_H

/*
 * Laid out by who writes, since the two ends of an exchange often run on two cores: what is settled
 * with the handshake, then a line for each kind. In socket storage data begins 8 bytes behind a
 * cache line's start, and 120 bytes come before the first kind's line.
 */
struct entry {
	/* Sequence numbers of the first byte of either direction. */
	__u32 rx_base;
	__u32 tx_base;
	/* Our process has read or written it. */
	__u32 owned;
	/* A whole journal has reached the ring: from then on what is new suffices. */
	__u32 introduced;
	/* The kernel's count of segments sent again when the first byte could be sent. */
	__u32 retrans_base;
	/* How many retransmissions some report told. */
	__u32 retransmits_reported;
	/* Acknowledged up to here, at times that no hook saw. */
	__u32 acked_unseen;
	/* Bytes came with the handshake's last segment. */
	__u32 handshake_data;
	/* So many arrivals were noted when one filled a gap, behind which others had come already. */
	__u32 gap_filled;
	__u32 zero[3];
	struct hdrlog_journal journal;
};

_Static_assert(__builtin_offsetof(struct entry, journal.recent) == 120, "lines are shared");

/*
 * Sizes: a table that can fill up says so in the losses. The kernel writes all of the
 * ring in turn, and what does not stay in the processor's cache costs each report. But 4,500 exchanges
 * overflowed when a cold consumer shared two cores with a hundred busy threads; this is 32,000.
 */
enum {
	RING_BYTES = 4 * 1024 * 1024,
	LISTENERS_MAX = 1024,
	ENTRIES_MAX = 65536,
	CALLS_MAX = 4096,
	ACCEPTS_MAX = 4096,
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} hdrlog_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hdrlog_losses);
} hdrlog_losses SEC(".maps");

/* The value counts the listening sockets: several may share a port (SO_REUSEPORT). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LISTENERS_MAX);
	__type(key, struct hdrlog_listener);
	__type(value, __u32);
} hdrlog_listeners SEC(".maps");

/* The entries live and die with their sockets where every hook in use can reach them there ... */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct entry);
} hdrlog_in_sock SEC(".maps");

/* ... which uprobes cannot: then they lie here, by the socket's address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ENTRIES_MAX);
	__type(key, __u64);
	__type(value, struct entry);
} hdrlog_by_sock SEC(".maps");

/* An entry is larger than the stack: a new one in the hash is copied from here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct entry);
} hdrlog_blank SEC(".maps");

/* When accept() returned a socket that nothing was read from yet. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ACCEPTS_MAX);
	__type(key, __u64);
	__type(value, __u64);
} hdrlog_accepts SEC(".maps");

const volatile struct hdrlog_settings settings = {};

/* As the initial pid namespace counts, which is what the helpers tell. */
__u32 own_tgid = 0;

/* Puts the type into the object's type information, from which Java's view is generated. */
struct hdrlog_exchange *exchange_type __attribute__((unused));

#define barrier() asm volatile("" ::: "memory")
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/*
 * What costs an exchange is less what is done than how much of code and data was not in the
 * processor's cache: what seldom runs stands in functions of its own, out of the way.
 */
static __noinline int count_loss(__u32 counter)
{
	__u32 only = 0;
	__u64 *losses = bpf_map_lookup_elem(&hdrlog_losses, &only);

	if (losses && counter < sizeof(struct hdrlog_losses) / sizeof(*losses))
		__sync_fetch_and_add(&losses[counter], 1);
	return 0;
}

#define COUNT_LOSS(reason) \
	count_loss(__builtin_offsetof(struct hdrlog_losses, reason) / sizeof(__u64))

static __always_inline int ours(void)
{
	return bpf_get_current_pid_tgid() >> 32 == own_tgid;
}

static __always_inline struct entry *entry_in_hash(const void *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&hdrlog_by_sock, &key);
}

static __always_inline struct entry *entry_in_sock(struct sock *sk)
{
	return bpf_sk_storage_get(&hdrlog_in_sock, sk, 0, 0);
}

/* Even a setting that the verifier knows is read each time, so the busy hooks know it themselves. */
static __always_inline struct entry *entry_of(struct sock *sk)
{
	return settings.by_hash ? entry_in_hash(sk) : entry_in_sock(sk);
}

static __always_inline struct entry *entry_made_in_hash(const void *sk)
{
	__u32 only = 0;
	__u64 key = (__u64)sk;
	struct entry *blank = bpf_map_lookup_elem(&hdrlog_blank, &only);

	if (!blank || bpf_map_update_elem(&hdrlog_by_sock, &key, blank, BPF_ANY))
		return 0;
	return bpf_map_lookup_elem(&hdrlog_by_sock, &key);
}

static __always_inline struct entry *entry_made_in_sock(struct sock *sk)
{
	return bpf_sk_storage_get(&hdrlog_in_sock, sk, 0,
				  BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline struct entry *entry_made(struct sock *sk)
{
	return settings.by_hash ? entry_made_in_hash(sk) : entry_made_in_sock(sk);
}

static __always_inline void entry_dropped(struct sock *sk)
{
	__u64 key = (__u64)sk;

	/* In the socket's own storage it goes with the socket. */
	if (settings.by_hash)
		bpf_map_delete_elem(&hdrlog_by_sock, &key);
}

static __always_inline __u32 unreported(const struct hdrlog_marks *marks)
{
	return marks->count - marks->reported;
}

/* Where the newest mark stands; before the first one, where the stream was joined. */
static __always_inline __u32 *newest(struct entry *e, __u32 kind)
{
	struct hdrlog_marks *marks = &e->journal.recent[kind];

	return &marks->position[(marks->count - 1) & (HDRLOG_MARKS_RECENT - 1)];
}

static __always_inline __u64 newest_ns(const struct entry *e, __u32 kind)
{
	const struct hdrlog_marks *marks = &e->journal.recent[kind];

	return marks->ns[(marks->count - 1) & (HDRLOG_MARKS_RECENT - 1)];
}

/* Puts aside the mark that is about to leave the newest three without having been told. */
static __noinline int keep_older(struct entry *e, __u32 kind, __u32 number)
{
	const struct hdrlog_marks *marks;
	struct hdrlog_mark *kept;
	__u32 slot = number & (HDRLOG_MARKS_RECENT - 1);

	if (!e || kind >= HDRLOG_TIMED)
		return 0;
	marks = &e->journal.recent[kind];
	kept = &e->journal.older[kind * HDRLOG_MARKS + (number & (HDRLOG_MARKS - 1))];
	kept->ns = marks->ns[slot];
	kept->position = marks->position[slot];
	return 0;
}

static __always_inline void note(struct entry *e, __u32 kind, __u64 ns, __u32 position)
{
	struct hdrlog_marks *marks = &e->journal.recent[kind];
	__u32 number = marks->count;
	__u32 slot = number & (HDRLOG_MARKS_RECENT - 1);

	if (unlikely(number - marks->reported >= HDRLOG_MARKS_RECENT - 1))
		keep_older(e, kind, number - (HDRLOG_MARKS_RECENT - 1));
	marks->ns[slot] = ns;
	marks->position[slot] = position;
	/* Reports read the count before they read marks. */
	barrier();
	*(volatile __u32 *)&marks->count = number + 1;
	if (unlikely(number - marks->reported >= HDRLOG_MARKS) && e->owned)
		COUNT_LOSS(marks_overwritten);
}

static __always_inline void note_retransmit(struct entry *e, __u64 ns, __u32 position,
					    __u32 segments)
{
	__u32 number = e->journal.retransmits;
	struct hdrlog_mark *mark =
		&e->journal.retransmit[number & (HDRLOG_MARKS_RETRANSMIT - 1)];

	mark->ns = ns;
	mark->position = position;
	mark->segments = segments;
	barrier();
	*(volatile __u32 *)&e->journal.retransmits = number + 1;
	if (number - e->retransmits_reported >= HDRLOG_MARKS_RETRANSMIT && e->owned)
		COUNT_LOSS(marks_overwritten);
}

/* How the telling of something ended. */
enum told {
	NO_ROOM,
	TOLD,
	/* Marks were made meanwhile, whose maker reports as well, and some read may be theirs. */
	OUTDATED,
};

/* Whether more marks of any kind were made since than leave those that were read in their slots. */
static __always_inline int outdated(const struct hdrlog_journal *j, const __u32 *count, __u32 spare)
{
	int moved = 0;

	barrier();
#pragma unroll
	for (int kind = 0; kind < HDRLOG_TIMED; kind++)
		moved |= *(volatile __u32 *)&j->recent[kind].count - count[kind] > spare;
	return moved;
}

static __always_inline enum told report_exchange(const struct hdrlog_journal *j,
					   const __u32 count[HDRLOG_KINDS])
{
	struct hdrlog_exchange *x = bpf_ringbuf_reserve(&hdrlog_ring, sizeof(*x), 0);

	if (!x)
		return NO_ROOM;
	x->type = HDRLOG_EXCHANGE;
	x->flags = j->flags;
	x->srtt_us = j->recent[HDRLOG_SEND].srtt_us;
	x->cookie = j->cookie;
	__builtin_memcpy(x->local_address, j->local_address, sizeof(x->local_address));
	__builtin_memcpy(x->remote_address, j->remote_address, sizeof(x->remote_address));
	x->local_port = j->local_port;
	x->remote_port = j->remote_port;
	x->count[HDRLOG_RETRANSMIT] = count[HDRLOG_RETRANSMIT];
#pragma unroll
	for (int kind = 0; kind < HDRLOG_TIMED; kind++) {
		__u32 slot = (count[kind] - 1) & (HDRLOG_MARKS_RECENT - 1);

		x->count[kind] = count[kind];
		x->position[kind] = j->recent[kind].position[slot];
		x->ns[kind] = j->recent[kind].ns[slot];
	}
	/* The newest of four is read: a third may have come, and a fourth be on its way. */
	if (unlikely(outdated(j, count, HDRLOG_MARKS_RECENT - 2))) {
		bpf_ringbuf_discard(x, BPF_RB_NO_WAKEUP);
		return OUTDATED;
	}
	bpf_ringbuf_submit(x, BPF_RB_NO_WAKEUP);
	return TOLD;
}

/*
 * What is told is what the counts say before the reserve: another report may be made between it and
 * the copy, and Java would miss what this one tells, and that one took for told.
 */
static __noinline int report_journal(const struct entry *e)
{
	__u32 count[HDRLOG_TIMED], reported[HDRLOG_TIMED];
	struct hdrlog_journal *j;

	if (!e)
		return NO_ROOM;
#pragma unroll
	for (int kind = 0; kind < HDRLOG_TIMED; kind++) {
		reported[kind] = *(volatile __u32 *)&e->journal.recent[kind].reported;
		count[kind] = *(volatile __u32 *)&e->journal.recent[kind].count;
	}
	barrier();
	j = bpf_ringbuf_reserve(&hdrlog_ring, sizeof(*j), 0);
	if (!j)
		return NO_ROOM;
	__builtin_memcpy(j, &e->journal, sizeof(*j));
#pragma unroll
	for (int kind = 0; kind < HDRLOG_TIMED; kind++) {
		j->recent[kind].reported = reported[kind];
		j->recent[kind].count = count[kind];
	}
	/* The newest three of four are read: one may be on its way. */
	if (outdated(&e->journal, count, 0)) {
		bpf_ringbuf_discard(j, BPF_RB_NO_WAKEUP);
		return OUTDATED;
	}
	bpf_ringbuf_submit(j, BPF_RB_NO_WAKEUP);
	return TOLD;
}

/* Tells what is new; what does not fit goes with the next report. */
static __always_inline enum told report(struct entry *e)
{
	__u32 count[HDRLOG_KINDS];
	int little = e->introduced;
	enum told told;

	count[HDRLOG_RETRANSMIT] = e->journal.retransmits;
	little &= count[HDRLOG_RETRANSMIT] == e->retransmits_reported;
#pragma unroll
	for (int kind = 0; kind < HDRLOG_TIMED; kind++) {
		count[kind] = *(volatile __u32 *)&e->journal.recent[kind].count;
		little &= count[kind] - e->journal.recent[kind].reported <= 1;
	}
	barrier();
	told = unlikely(!little) ? report_journal(e) : report_exchange(&e->journal, count);
	if (unlikely(told != TOLD)) {
		if (told == NO_ROOM)
			COUNT_LOSS(ring_full);
		return told;
	}
#pragma unroll
	for (int kind = 0; kind < HDRLOG_TIMED; kind++)
		e->journal.recent[kind].reported = count[kind];
	if (unlikely(!little)) {
		e->retransmits_reported = count[HDRLOG_RETRANSMIT];
		e->introduced = 1;
	}
	return TOLD;
}

/* For hooks that seldom do, and once more where marks were made meanwhile. */
static __noinline int report_apart(struct entry *e)
{
	return e && report(e) == OUTDATED && report(e) == OUTDATED;
}

/* One more mark or two and the oldest unreported one would be gone. */
static __always_inline int filling(const struct entry *e, __u32 kind)
{
	return unreported(&e->journal.recent[kind]) >= HDRLOG_MARKS - 2;
}

static __always_inline int has_closed(const struct entry *e)
{
	return e->journal.flags & HDRLOG_CLOSED;
}

static __always_inline void describe_address(__u8 into[16], __u32 v4)
{
	into[10] = 0xff;
	into[11] = 0xff;
	__builtin_memcpy(into + 12, &v4, sizeof(v4));
}

static __always_inline void describe(struct entry *e, struct sock *sk)
{
	struct hdrlog_journal *j = &e->journal;

	j->type = HDRLOG_JOURNAL;
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET) {
		describe_address(j->local_address,
				 BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		describe_address(j->remote_address,
				 BPF_CORE_READ(sk, __sk_common.skc_daddr));
	} else {
		BPF_CORE_READ_INTO(&j->local_address, sk,
				   __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&j->remote_address, sk,
				   __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	}
	j->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	j->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

/* For kernels and programs that cannot ask for the cookie: the one already given, or the time. */
static __always_inline __u64 cookie_guessed(struct sock *sk, __u64 now)
{
	__u64 given = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);

	return given ? given : now;
}

static __always_inline struct hdrlog_listener listener_of(struct sock *sk)
{
	struct hdrlog_listener l = {
		.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum),
		.port = BPF_CORE_READ(sk, __sk_common.skc_num),
	};

	return l;
}

/* Our process touches the socket for the first time. */
static __noinline int claim(struct entry *e, const void *sk)
{
	__u64 key = (__u64)sk;
	__u64 *accepted = bpf_map_lookup_elem(&hdrlog_accepts, &key);

	if (!e)
		return 0;
	if (accepted) {
		/* The address may have been another socket's before. */
		if (e->journal.established_ns && *accepted >= e->journal.established_ns)
			e->journal.accepted_ns = *accepted;
		bpf_map_delete_elem(&hdrlog_accepts, &key);
	}
	/* From here on it may be reported, and only the first report tells when it was accepted. */
	barrier();
	e->owned = 1;
	return 1;
}

/*
 * A connection that was there before us, or whose entry could not be made: joined at the first
 * read or write. The kernel counts bytes since the handshake, so positions are exact all the same.
 */
static __always_inline struct entry *joined(struct sock *sk, int in_sock)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct hdrlog_listener port;
	struct entry *e;
	__u16 family;
	__u8 state;
	int outbound;

	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family != AF_INET && family != AF_INET6)
		return 0;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT &&
	    state != TCP_FIN_WAIT1 && state != TCP_FIN_WAIT2)
		return 0;
	port = listener_of(sk);
	outbound = !bpf_map_lookup_elem(&hdrlog_listeners, &port);
	if (outbound && !settings.outbound)
		return 0;
	e = in_sock ? entry_made_in_sock(sk) : entry_made_in_hash(sk);
	if (!e) {
		COUNT_LOSS(journals_full);
		return 0;
	}
	describe(e, sk);
	e->rx_base = BPF_CORE_READ(tp, rcv_nxt) -
		     (__u32)BPF_CORE_READ(tp, bytes_received);
	/* Whoever connects has its SYN counted among the acknowledged bytes. */
	e->tx_base = BPF_CORE_READ(tp, snd_una) -
		     (__u32)BPF_CORE_READ(tp, bytes_acked) + (outbound ? 1 : 0);
	e->retrans_base = BPF_CORE_READ(tp, total_retrans);
	*newest(e, HDRLOG_ARRIVAL) = BPF_CORE_READ(tp, rcv_nxt) - e->rx_base;
	*newest(e, HDRLOG_ACK) = BPF_CORE_READ(tp, snd_una) - e->tx_base;
	e->journal.flags = HDRLOG_OPENED | (outbound ? HDRLOG_OUTBOUND : 0);
	e->owned = 1;
	return e;
}

static __noinline struct entry *joined_in_sock(struct sock *sk)
{
	return joined(sk, 1);
}

static __noinline struct entry *joined_in_hash(struct sock *sk)
{
	return joined(sk, 0);
}

/*
 * Whose hands touch a socket is asked once: from then on it is ours, also where a child that
 * inherited it reads it.
 */
static __always_inline struct entry *touched(struct sock *sk, struct entry *e, int in_sock)
{
	if (unlikely(!e || !e->owned)) {
		if (!ours())
			return 0;
		if (e)
			claim(e, sk);
		else
			e = in_sock ? joined_in_sock(sk) : joined_in_hash(sk);
	}
	return e && !has_closed(e) ? e : 0;
}

/* Bytes up to here were read; a FIN that was read with them is not one of them. */
static __always_inline void noted_read(struct entry *e, __u32 copied_seq,
				       __u32 rcv_nxt, __u8 state)
{
	int fin = state == TCP_CLOSE_WAIT || state == TCP_LAST_ACK || state == TCP_CLOSING;
	__u32 position = copied_seq - (fin && copied_seq == rcv_nxt) - e->rx_base;

	/* A peek moves nothing. */
	if (position == *newest(e, HDRLOG_READ))
		return;
	note(e, HDRLOG_READ, bpf_ktime_get_ns(), position);
	if (unlikely(filling(e, HDRLOG_READ)))
		report_apart(e);
}

static __always_inline void noted_send(struct entry *e, __u32 write_seq,
				       __u32 snd_una, __u32 srtt_us, __u8 state)
{
	__u32 position = write_seq - e->tx_base;
	__u64 now;
	int acked;

	if (position == *newest(e, HDRLOG_SEND))
		return;
	now = bpf_ktime_get_ns();
	e->journal.recent[HDRLOG_SEND].srtt_us = srtt_us >> 3;
	note(e, HDRLOG_SEND, now, position);
	acked = snd_una == write_seq;
	/*
	 * After the peer's FIN its acknowledgements pass no hook. One that came while the bytes
	 * were being handed over is known now, to within that call.
	 */
	if (unlikely(acked && state != TCP_ESTABLISHED) && *newest(e, HDRLOG_ACK) != position)
		note(e, HDRLOG_ACK, now, position);
	if (unlikely(acked || filling(e, HDRLOG_SEND)))
		report_apart(e);
}

#endif
