// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * Stands in for libelf's own elf_error.o. Debian's libelf.a is built for executables, and its
 * thread-local error is the one thing in it that cannot go into a shared library: the linker finds
 * these here and leaves that object out.
 */
static int last_error;

void __libelf_seterrno(int value);
int elf_errno(void);
const char *elf_errmsg(int error);

void __libelf_seterrno(int value)
{
	last_error = value;
}

int elf_errno(void)
{
	int error = last_error;

	last_error = 0;
	return error;
}

const char *elf_errmsg(int error)
{
	(void)error;
	return "malformed ELF";
}
