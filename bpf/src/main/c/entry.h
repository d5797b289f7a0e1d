/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * One entry for each TCP connection that may be ours: its journal and what is needed to keep it.
 *
 *   listen() by our process -> listeners[netns, port]
 *   handshake done on such a port -> entry, so that the first bytes are seen before accept()
 *   our process reads or writes it -> entry.owned; from then on its journal may enter the ring
 *   closed -> last report; the entry goes with the socket
 *
 * Each array of marks has one writer at a time (arrival, ack and retransmit run under the socket's
 * lock, read and send in the reading and writing thread) and its count is raised after the mark is
 * written, so that nothing here takes a lock.
 */
#ifndef HDRLOG_ENTRY_H
#define HDRLOG_ENTRY_H

struct entry {
	/* Sequence numbers of the first byte of either direction. */
	__u32 rx_base;
	__u32 tx_base;
	/* Positions of the newest mark of each kind. */
	__u32 last[HDRLOG_KINDS];
	/* Counts as of the last report that reached the ring. */
	__u32 reported[HDRLOG_KINDS];
	/* Our process has read or written it. */
	__u32 owned;
	/* The kernel's count of segments sent again when the first byte could be sent. */
	__u32 retrans_base;
	struct hdrlog_journal journal;
};

/*
 * Sizes: a table that can fill up says so in the losses. The kernel writes all of the
 * ring in turn, and what does not stay in the processor's cache costs each report (2 MiB 224 ns,
 * 1 MiB 168, 256 KiB 100, where it was tried). But 1 MiB, 4,500 exchanges, overflowed when a cold
 * consumer shared two cores with a hundred busy threads; 4 MiB is 18,000.
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

#define JOURNAL_BRIEF_BYTES __builtin_offsetof(struct hdrlog_journal, arrival)
#define barrier() asm volatile("" ::: "memory")
#define COUNT_LOSS(reason)                                                  \
	do {                                                                \
		__u32 only_ = 0;                                            \
		struct hdrlog_losses *l_ = bpf_map_lookup_elem(             \
			&hdrlog_losses, &only_);                            \
		if (l_)                                                     \
			__sync_fetch_and_add(&l_->reason, 1);               \
	} while (0)

static __always_inline int ours(void)
{
	return bpf_get_current_pid_tgid() >> 32 == own_tgid;
}

static __always_inline struct entry *entry_in_hash(const void *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&hdrlog_by_sock, &key);
}

static __always_inline struct entry *entry_of(struct sock *sk)
{
	if (settings.by_hash)
		return entry_in_hash(sk);
	return bpf_sk_storage_get(&hdrlog_in_sock, sk, 0, 0);
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

static __always_inline struct entry *entry_made(struct sock *sk)
{
	if (settings.by_hash)
		return entry_made_in_hash(sk);
	return bpf_sk_storage_get(&hdrlog_in_sock, sk, 0,
				  BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline void entry_dropped(struct sock *sk)
{
	__u64 key = (__u64)sk;

	/* In the socket's own storage it goes with the socket. */
	if (settings.by_hash)
		bpf_map_delete_elem(&hdrlog_by_sock, &key);
}

static __always_inline __u32 unreported(const struct entry *e, __u32 kind)
{
	return e->journal.count[kind] - e->reported[kind];
}

static __always_inline void put(struct hdrlog_mark *mark, __u64 ns, __u32 position)
{
	mark->ns = ns;
	mark->position = position;
}

static __always_inline void note(struct entry *e, __u32 kind, __u32 number, __u32 capacity,
				 __u32 position)
{
	e->last[kind] = position;
	/* The ring's copy is made front to back, counts before marks. */
	barrier();
	*(volatile __u32 *)&e->journal.count[kind] = number + 1;
	if (number - e->reported[kind] >= capacity && e->owned)
		COUNT_LOSS(marks_overwritten);
}

#define NOTE(e, KIND, array, ns_, position_)                                          \
	do {                                                                          \
		__u32 number_ = (e)->journal.count[KIND], at_ = (position_);          \
		__u64 when_ = (ns_);                                                  \
		put(&(e)->journal.recent_##array[number_ & (HDRLOG_MARKS_RECENT - 1)], \
		    when_, at_);                                                      \
		put(&(e)->journal.array[number_ & (HDRLOG_MARKS - 1)], when_, at_);   \
		note(e, KIND, number_, HDRLOG_MARKS, at_);                            \
	} while (0)

static __always_inline void note_retransmit(struct entry *e, __u64 ns, __u32 position,
					    __u32 segments)
{
	__u32 number = e->journal.count[HDRLOG_RETRANSMIT];
	struct hdrlog_mark *mark =
		&e->journal.retransmit[number & (HDRLOG_MARKS_RETRANSMIT - 1)];

	put(mark, ns, position);
	mark->segments = segments;
	note(e, HDRLOG_RETRANSMIT, number, HDRLOG_MARKS_RETRANSMIT, position);
}

/* Copies the journal into the ring; what does not fit goes with the next report. */
static __always_inline void report(struct entry *e)
{
	__u32 arrivals = e->journal.count[HDRLOG_ARRIVAL];
	__u32 reads = e->journal.count[HDRLOG_READ];
	__u32 sends = e->journal.count[HDRLOG_SEND];
	__u32 acks = e->journal.count[HDRLOG_ACK];
	__u32 retransmits = e->journal.count[HDRLOG_RETRANSMIT];
	__u32 brief = arrivals - e->reported[HDRLOG_ARRIVAL] <= 1 &&
		      reads - e->reported[HDRLOG_READ] <= 1 &&
		      sends - e->reported[HDRLOG_SEND] <= 1 &&
		      acks - e->reported[HDRLOG_ACK] <= 1 &&
		      retransmits == e->reported[HDRLOG_RETRANSMIT];
	long refused = brief ? bpf_ringbuf_output(&hdrlog_ring, &e->journal, JOURNAL_BRIEF_BYTES,
						  BPF_RB_NO_WAKEUP) :
			       bpf_ringbuf_output(&hdrlog_ring, &e->journal, sizeof(e->journal),
						  BPF_RB_NO_WAKEUP);

	if (refused) {
		COUNT_LOSS(ring_full);
		return;
	}
	e->reported[HDRLOG_ARRIVAL] = arrivals;
	e->reported[HDRLOG_READ] = reads;
	e->reported[HDRLOG_SEND] = sends;
	e->reported[HDRLOG_ACK] = acks;
	e->reported[HDRLOG_RETRANSMIT] = retransmits;
}

/* One more mark or two and the oldest unreported one would be gone. */
static __always_inline int filling(const struct entry *e, __u32 kind)
{
	return unreported(e, kind) >= HDRLOG_MARKS - 2;
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
static __always_inline void claim(struct entry *e, const void *sk)
{
	__u64 key = (__u64)sk;
	__u64 *accepted = bpf_map_lookup_elem(&hdrlog_accepts, &key);

	e->owned = 1;
	if (!accepted)
		return;
	/* The address may have been another socket's before. */
	if (e->journal.established_ns && *accepted >= e->journal.established_ns)
		e->journal.accepted_ns = *accepted;
	bpf_map_delete_elem(&hdrlog_accepts, &key);
}

/*
 * A connection that was there before us, or whose entry could not be made: joined at the first
 * read or write. The kernel counts bytes since the handshake, so positions are exact all the same.
 */
static __always_inline struct entry *joined(struct sock *sk, int traced)
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
	e = traced ? entry_made(sk) : entry_made_in_hash(sk);
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
	e->last[HDRLOG_ARRIVAL] = BPF_CORE_READ(tp, rcv_nxt) - e->rx_base;
	e->last[HDRLOG_ACK] = BPF_CORE_READ(tp, snd_una) - e->tx_base;
	e->journal.flags = HDRLOG_OPENED | (outbound ? HDRLOG_OUTBOUND : 0);
	e->owned = 1;
	return e;
}

/* Bytes up to here were read; a FIN that was read with them is not one of them. */
static __always_inline void noted_read(struct entry *e, __u32 copied_seq,
				       __u32 rcv_nxt, __u8 state)
{
	int fin = state == TCP_CLOSE_WAIT || state == TCP_LAST_ACK || state == TCP_CLOSING;
	__u32 position = copied_seq - (fin && copied_seq == rcv_nxt) - e->rx_base;

	/* A peek moves nothing. */
	if (position == e->last[HDRLOG_READ])
		return;
	NOTE(e, HDRLOG_READ, read, bpf_ktime_get_ns(), position);
	if (filling(e, HDRLOG_READ))
		report(e);
}

static __always_inline void noted_send(struct entry *e, __u32 write_seq,
				       __u32 snd_una, __u32 srtt_us, __u8 state)
{
	__u32 position = write_seq - e->tx_base;
	__u64 now;
	int acked;

	if (position == e->last[HDRLOG_SEND])
		return;
	now = bpf_ktime_get_ns();
	e->journal.srtt_us = srtt_us >> 3;
	NOTE(e, HDRLOG_SEND, send, now, position);
	acked = snd_una == write_seq;
	/*
	 * After the peer's FIN its acknowledgements pass no hook. One that came while the bytes
	 * were being handed over is known now, to within that call.
	 */
	if (acked && state != TCP_ESTABLISHED && e->last[HDRLOG_ACK] != position)
		NOTE(e, HDRLOG_ACK, ack, now, position);
	if (acked || filling(e, HDRLOG_SEND))
		report(e);
}

#endif
