/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The programs on native functions that call read, write and accept for Java.
 *
 * On entry the descriptor is among the arguments: an int (Netty), or inside a FileDescriptor object
 * that a JNI handle points to (the JDK). It leads to the socket through the task's file table. On
 * return the result says whether anything happened. One program for each shape: cookies, which
 * could tell the shapes apart, are younger (5.15) than what these programs run on.
 */
#ifndef HDRLOG_CALLS_H
#define HDRLOG_CALLS_H

struct call {
	/* The socket being read or written; for accept the handle of the FileDescriptor. */
	__u64 subject;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct call);
} hdrlog_calls SEC(".maps");

static __always_inline void call_entered(__u64 subject)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	struct call call = { .subject = subject };

	if (bpf_map_update_elem(&hdrlog_calls, &thread, &call, BPF_ANY))
		COUNT_LOSS(calls_full);
}

static __always_inline __u64 call_left(void)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&hdrlog_calls, &thread);
	__u64 subject = call ? call->subject : 0;

	if (call)
		bpf_map_delete_elem(&hdrlog_calls, &thread);
	return subject;
}

/* What JNI's GetIntField does: handle -> object -> field. */
static __always_inline int fd_in_object(__u64 handle)
{
	__u64 object = 0;
	int fd = -1;

	if (bpf_probe_read_user(&object, sizeof(object), (void *)handle) || !object)
		return -1;
	if (bpf_probe_read_user(&fd, sizeof(fd), (void *)(object + settings.fd_offset)))
		return -1;
	return fd;
}

static __always_inline struct sock *sock_of(int fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots, *file = 0;
	struct socket *socket;

	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	slots = BPF_CORE_READ(table, fd);
	if (bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]) || !file)
		return 0;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline void socket_call_entered(int fd)
{
	struct sock *sk;

	if (!ours())
		return;
	if (fd < 0) {
		COUNT_LOSS(descriptor_unread);
		return;
	}
	sk = sock_of(fd);
	if (sk)
		call_entered((__u64)sk);
}

static __always_inline void read_left(long returned)
{
	struct sock *sk = (struct sock *)call_left();
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct entry *e;

	if (!sk || returned <= 0)
		return;
	e = touched(sk, entry_in_hash(sk), 0);
	if (e)
		noted_read(e, BPF_CORE_READ(tp, copied_seq), BPF_CORE_READ(tp, rcv_nxt),
			   BPF_CORE_READ(sk, __sk_common.skc_state));
}

static __always_inline void send_left(long returned)
{
	struct sock *sk = (struct sock *)call_left();
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct entry *e;

	if (!sk || returned <= 0)
		return;
	e = touched(sk, entry_in_hash(sk), 0);
	if (e)
		noted_send(e, BPF_CORE_READ(tp, write_seq), BPF_CORE_READ(tp, snd_una),
			   BPF_CORE_READ(tp, srtt_us),
			   BPF_CORE_READ(sk, __sk_common.skc_state));
}

/* f(env, class, FileDescriptor, ...) and f(env, class, int, ...): read and write alike. */
SEC("uprobe")
int on_call_object(struct pt_regs *regs)
{
	socket_call_entered(fd_in_object(ARG3(regs)));
	return 0;
}

SEC("uprobe")
int on_call_int(struct pt_regs *regs)
{
	socket_call_entered((int)ARG3(regs));
	return 0;
}

/* transferTo0(env, class, FileDescriptor from, position, count, FileDescriptor to, ...) */
SEC("uprobe")
int on_call_transfer(struct pt_regs *regs)
{
	socket_call_entered(fd_in_object(ARG6(regs)));
	return 0;
}

SEC("uprobe")
int on_read_return(struct pt_regs *regs)
{
	read_left((long)RETURNED(regs));
	return 0;
}

SEC("uprobe")
int on_read_return_int(struct pt_regs *regs)
{
	read_left((int)RETURNED(regs));
	return 0;
}

SEC("uprobe")
int on_send_return(struct pt_regs *regs)
{
	send_left((long)RETURNED(regs));
	return 0;
}

SEC("uprobe")
int on_send_return_int(struct pt_regs *regs)
{
	send_left((int)RETURNED(regs));
	return 0;
}

static __always_inline void accepted(int fd)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 key = (__u64)sock_of(fd);

	if (key)
		bpf_map_update_elem(&hdrlog_accepts, &key, &now, BPF_ANY);
}

/* accept(env, class, FileDescriptor, FileDescriptor accepted, ...): 1 if there was one */
SEC("uprobe")
int on_accept_object(struct pt_regs *regs)
{
	if (ours())
		call_entered(ARG4(regs));
	return 0;
}

SEC("uprobe")
int on_accept_object_return(struct pt_regs *regs)
{
	__u64 handle = call_left();

	if (handle && (int)RETURNED(regs) == 1)
		accepted(fd_in_object(handle));
	return 0;
}

/* accept(env, class, int, ...): the descriptor accepted, or a negative number */
SEC("uprobe")
int on_accept_int_return(struct pt_regs *regs)
{
	if (ours() && (int)RETURNED(regs) >= 0)
		accepted((int)RETURNED(regs));
	return 0;
}

#endif
