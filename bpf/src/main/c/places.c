// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* Where uprobes may be put: functions by name and USDT probes, as offsets in an ELF file. */
#define _GNU_SOURCE
#include "library.h"
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#define ENDBR64 "\xf3\x0f\x1e\xfa"

enum { NT_STAPSDT_NOTE = 3 };

struct search {
	const struct hdrlog_find_request *request;
	Elf *elf;
	uint64_t count;
	/* .stapsdt.base, which tells how far the file was moved after its notes were written. */
	uint64_t base;
};

/* The number of the line that says this, or -1. */
static int64_t line_of(const char *lines, const char *text)
{
	size_t length = strlen(text);

	for (int64_t n = 0; *lines; n++) {
		size_t line = strcspn(lines, "\n");

		if (line == length && !memcmp(lines, text, length))
			return n;
		lines += line + (lines[line] == '\n');
	}
	return -1;
}

static int64_t file_offset(Elf *elf, uint64_t address)
{
	size_t n = 0, bytes = 0;

	elf_getphdrnum(elf, &n);
	elf_rawfile(elf, &bytes);
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    address >= p.p_vaddr && address - p.p_vaddr < p.p_filesz &&
		    address - p.p_vaddr + p.p_offset < bytes)
			return (int64_t)(address - p.p_vaddr + p.p_offset);
	}
	return -1;
}

static void found(struct search *s, int64_t name, int64_t offset)
{
	if (name < 0 || offset < 0 || s->count >= s->request->place_max)
		return;
	for (uint64_t i = 0; i < s->count; i++)
		if (s->request->places[i].name == (uint64_t)name &&
		    s->request->places[i].offset == (uint64_t)offset)
			return;
	s->request->places[s->count].name = (uint64_t)name;
	s->request->places[s->count++].offset = (uint64_t)offset;
}

/* A probe may stand behind a landing pad, which is dear to step over, as well as on it. */
static int64_t after_landing_pad(Elf *elf, int64_t offset)
{
	size_t bytes;
	const char *file = elf_rawfile(elf, &bytes);

	if (file && offset >= 0 && (size_t)offset + 4 <= bytes &&
	    !memcmp(file + offset, ENDBR64, 4))
		return offset + 4;
	return offset;
}

static void functions_searched(struct search *s, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = header->sh_entsize && data ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 0; i < n; i++) {
		const char *name;
		GElf_Sym symbol;

		if (!gelf_getsym(data, (int)i, &symbol) ||
		    GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !symbol.st_value)
			continue;
		name = elf_strptr(s->elf, header->sh_link, symbol.st_name);
		if (name)
			found(s, line_of(s->request->names, name),
			      after_landing_pad(s->elf, file_offset(s->elf, symbol.st_value)));
	}
}

/* A note's content: location, base, semaphore, then provider, probe and arguments as strings. */
static void note_searched(struct search *s, const char *content, size_t bytes)
{
	const char *provider = content + 24, *end = content + bytes, *probe;
	uint64_t location, base;
	char name[128];

	if (bytes < 24 || !(probe = memchr(provider, 0, (size_t)(end - provider))))
		return;
	probe++;
	if (!memchr(probe, 0, (size_t)(end - probe)) ||
	    strlen(provider) + strlen(probe) + 2 > sizeof(name))
		return;
	strcpy(name, provider);
	strcat(name, ":");
	strcat(name, probe);
	memcpy(&location, content, 8);
	memcpy(&base, content + 8, 8);
	if (s->base)
		location += s->base - base;
	found(s, line_of(s->request->names, name), file_offset(s->elf, location));
}

static void notes_searched(struct search *s, Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, name, content;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &content)))
		if (note.n_type == NT_STAPSDT_NOTE && content + note.n_descsz <= data->d_size)
			note_searched(s, (const char *)data->d_buf + content, note.n_descsz);
}

static void sections_searched(struct search *s)
{
	Elf_Scn *section = NULL, *notes = NULL;
	int functions = !strchr(s->request->names, ':');
	size_t names = 0;

	elf_getshdrstrndx(s->elf, &names);
	while ((section = elf_nextscn(s->elf, section))) {
		const char *name;
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header) ||
		    !(name = elf_strptr(s->elf, names, header.sh_name)))
			continue;
		if (functions && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
			functions_searched(s, section, &header);
		else if (!strcmp(name, ".stapsdt.base"))
			s->base = header.sh_addr;
		else if (!functions && header.sh_type == SHT_NOTE && !strcmp(name, ".note.stapsdt"))
			notes = section;
	}
	if (notes)
		notes_searched(s, notes);
}

int64_t hdrlog_find(const struct hdrlog_find_request *request)
{
	struct search s = { .request = request };
	int fd = open(request->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	s.elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!s.elf || elf_kind(s.elf) != ELF_K_ELF || gelf_getclass(s.elf) != ELFCLASS64) {
		elf_end(s.elf);
		close(fd);
		return -ENOEXEC;
	}
	sections_searched(&s);
	elf_end(s.elf);
	close(fd);
	return (int64_t)s.count;
}
