/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The event contract: everything that both the kernel side and the Java side know.
 *
 * Every record in the ring begins with a type. There are two:
 *
 *   HDRLOG_JOURNAL  what was noted on one TCP socket
 *
 *     0        4        8               16              24              32
 *     +--------+--------+---------------+---------------+---------------+
 *     | type   | flags  | cookie        | established_ns| accepted_ns   |
 *     +--------+--------+---------------+---------------+---------------+
 *     | local_address (16)              | remote_address (16)           |  64
 *     +----+----+-------+-------+-------+-------+-------+-------+-------+
 *     |lprt|rprt|srtt_us| count[5]: how many marks of each kind, ever   |  96
 *     +----+----+-------+-----------------------------------------------+
 *     | recent_arrival[2]  recent_read[2]  recent_send[2]  recent_ack[2]| 224
 *     +-----------------------------------------------------------------+
 *     | arrival[8]  read[8]  send[8]  ack[8]  retransmit[4]             | 800
 *     +-----------------------------------------------------------------+
 *
 *     a mark is { ns (8), position (4), segments (4) }; mark number n of a kind stands in slot
 *     n modulo the array's length, so the newest ones are always there, the two newest twice. A
 *     report is a copy of the whole journal or, where no kind has more than one mark to report,
 *     of what comes before arrival[]; its length tells which. A report that was lost costs
 *     nothing while no more marks were made since than an array holds. That two recent ones are
 *     copied for one that counts leaves room for another to be made during the copy.
 *     segments is how many this socket has sent again by then, for retransmissions; else 0.
 *
 *   HDRLOG_PAUSE    the JVM stood at a safepoint: { type, zero, begin_ns, end_ns }
 *
 * Times are CLOCK_MONOTONIC. Positions count the bytes of one direction from the connection's
 * start, modulo 2^32. Java's view of the layout is generated from this header's BTF
 * (JournalLayout.java); a test fails when it is stale.
 */
#ifndef HDRLOG_H
#define HDRLOG_H

enum hdrlog_type {
	HDRLOG_JOURNAL = 1,
	HDRLOG_PAUSE = 2,
};

/* Indexes count[]; the order is that of MarkKind. */
enum hdrlog_kind {
	HDRLOG_ARRIVAL,
	HDRLOG_READ,
	HDRLOG_SEND,
	HDRLOG_ACK,
	HDRLOG_RETRANSMIT,
	HDRLOG_KINDS,
};

/* Bits of hdrlog_journal.flags; the values are those of SocketJournal. */
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
#define HDRLOG_MARKS_RECENT 2

struct hdrlog_mark {
	__u64 ns;
	__u32 position;
	__u32 segments;
};

struct hdrlog_journal {
	__u32 type;
	__u32 flags;
	__u64 cookie;
	__u64 established_ns;
	__u64 accepted_ns;
	__u8 local_address[16];
	__u8 remote_address[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 srtt_us;
	__u32 count[HDRLOG_KINDS];
	__u32 zero;
	struct hdrlog_mark recent_arrival[HDRLOG_MARKS_RECENT];
	struct hdrlog_mark recent_read[HDRLOG_MARKS_RECENT];
	struct hdrlog_mark recent_send[HDRLOG_MARKS_RECENT];
	struct hdrlog_mark recent_ack[HDRLOG_MARKS_RECENT];
	struct hdrlog_mark arrival[HDRLOG_MARKS];
	struct hdrlog_mark read[HDRLOG_MARKS];
	struct hdrlog_mark send[HDRLOG_MARKS];
	struct hdrlog_mark ack[HDRLOG_MARKS];
	struct hdrlog_mark retransmit[HDRLOG_MARKS_RETRANSMIT];
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
