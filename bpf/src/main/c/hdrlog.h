/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The event contract: everything that both the kernel side and the Java side know.
 *
 * Every record in the ring begins with a type. There are three:
 *
 *   HDRLOG_EXCHANGE what is new on one TCP socket where that is little: the newest mark of each kind
 *
 *     0        4        8               16              32              48
 *     +----+---+--------+---------------+---------------+---------------+
 *     |type|flg| srtt_us| cookie        | local_address | remote_address|
 *     +----+---+--------+--------+------+---------------+---------------+
 *     |lprt|rprt| count[5]       | position[4]   | ns[4]               | 120
 *     +---------+----------------+---------------+---------------------+
 *
 *     With the ring's own header two cache lines.
 *
 *   HDRLOG_JOURNAL  all that is noted on one TCP socket: its first report, and whenever more than
 *     one mark of a kind is to be told
 *
 *     0        4        8               16              24              32
 *     +----+---+--------+---------------+---------------+---------------+
 *     |type|flg| zero   | cookie        | established_ns| accepted_ns   |
 *     +----+---+--------+---------------+---------------+---------------+
 *     | local_address (16)              | remote_address (16)           |  64
 *     +----+----+-------+-------+-------+-------------------------------+
 *     |lprt|rprt|retrans| recent[4]                                     | 328
 *     +----+----+-------+-----------------------------------------------+
 *     | older[4 * 8]    | retransmit[4]                                 | 904
 *     +-----------------+-----------------------------------------------+
 *
 *     recent[kind] has the four newest marks of arrival, read, send and ack: number n in slot n
 *     modulo 4. Its count is how many there ever were, reported how many of them some earlier
 *     report told. A mark that three younger ones push out before it was told lies in older[],
 *     eight a kind, number n in slot n modulo 8. Of the four only the newest three are to be read,
 *     since a fourth may be made during the copy. A report that was lost costs nothing while no
 *     more than eight marks of a kind were made since the last that was not.
 *     segments is how many this socket has sent again by then, for retransmissions; else 0.
 *
 *   HDRLOG_PAUSE    the JVM stood at a safepoint: { type, zero, begin_ns, end_ns }
 *
 * Times are CLOCK_MONOTONIC; a mark whose time nothing saw has 0. Positions count the bytes of one
 * direction from the connection's start, modulo 2^32. Java's view of the layout is generated from
 * this header's BTF (EventLayout.java); a test fails when it is stale.
 */
#ifndef HDRLOG_H
#define HDRLOG_H

enum hdrlog_type {
	HDRLOG_JOURNAL = 1,
	HDRLOG_PAUSE = 2,
	HDRLOG_EXCHANGE = 3,
};

/* The order is that of MarkKind; the first four are timed, and have newest marks. */
enum hdrlog_kind {
	HDRLOG_ARRIVAL,
	HDRLOG_READ,
	HDRLOG_SEND,
	HDRLOG_ACK,
	HDRLOG_RETRANSMIT,
	HDRLOG_KINDS,
	HDRLOG_TIMED = HDRLOG_RETRANSMIT,
};

/* Bits of flags; the values are those of SocketJournal. */
enum hdrlog_flag {
	HDRLOG_OPENED = 1,
	HDRLOG_CLOSED = 2,
	HDRLOG_RESET_BY_PEER = 4,
	HDRLOG_RESET_BY_US = 8,
	HDRLOG_OUTBOUND = 16,
	HDRLOG_FIN_BY_PEER = 32,
};

/* Powers of two: a slot is the low bits of a mark's number. */
#define HDRLOG_MARKS 8
#define HDRLOG_MARKS_RETRANSMIT 4
#define HDRLOG_MARKS_RECENT 4

struct hdrlog_mark {
	__u64 ns;
	__u32 position;
	__u32 segments;
};

/* One cache line: each kind has a writer of its own, on a core of its own perhaps. */
struct hdrlog_marks {
	__u32 count;
	__u32 reported;
	__u64 ns[HDRLOG_MARKS_RECENT];
	__u32 position[HDRLOG_MARKS_RECENT];
	/* Of HDRLOG_SEND: when the newest was made. */
	__u32 srtt_us;
	__u32 zero;
};

struct hdrlog_journal {
	__u16 type;
	__u16 flags;
	__u32 zero;
	__u64 cookie;
	__u64 established_ns;
	__u64 accepted_ns;
	__u8 local_address[16];
	__u8 remote_address[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 retransmits;
	struct hdrlog_marks recent[HDRLOG_TIMED];
	struct hdrlog_mark older[HDRLOG_TIMED * HDRLOG_MARKS];
	struct hdrlog_mark retransmit[HDRLOG_MARKS_RETRANSMIT];
};

struct hdrlog_exchange {
	__u16 type;
	__u16 flags;
	__u32 srtt_us;
	__u64 cookie;
	__u8 local_address[16];
	__u8 remote_address[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 count[HDRLOG_KINDS];
	__u32 position[HDRLOG_TIMED];
	__u64 ns[HDRLOG_TIMED];
};

struct hdrlog_pause {
	__u32 type;
	__u32 zero;
	__u64 begin_ns;
	__u64 end_ns;
};

/* Why something was lost; running totals, in the map of that name. */
struct hdrlog_losses {
	/* The ring was full. The next report of the socket carries the same marks again. */
	__u64 ring_full;
	/* Marks overwritten before any report carried them. */
	__u64 marks_overwritten;
	/* No memory for another socket's journal. */
	__u64 journals_full;
	/* More threads inside a probed native call than the table holds. */
	__u64 calls_full;
	/* A native call's descriptor did not lead to a socket though it should have. */
	__u64 descriptor_unread;
	/* Bytes that came while the kernel skipped the hook that times them: arrivals without time. */
	__u64 arrivals_unseen;
};

/* What Java decides before the programs are loaded (.rodata): the verifier drops what is off. */
struct hdrlog_settings {
	/* Where FileDescriptor.fd lies in its object. */
	__u32 fd_offset;
	/* Sockets that this process opened are wanted, too. */
	__u8 outbound;
	/* Journals lie in a hash, not in the socket: some hook in use cannot reach the latter. */
	__u8 by_hash;
	/* This kernel tells tracing programs a socket's cookie (5.12). */
	__u8 cookie_helper;
	__u8 zero;
};

/* A port that this process listens on. */
struct hdrlog_listener {
	/* Inode of the network namespace. */
	__u32 netns;
	__u16 port;
	__u16 zero;
};

#endif
