/* SPDX-License-Identifier: GPL-2.0 */
/* Files: open, and the calls that take paths. Paths are emitted as the caller gave them. */
#ifndef PEREGRINE_FILES_H
#define PEREGRINE_FILES_H

#include "call.h"
#include "flags.h"
#include "task.h"

#define FMODE_CREATED 0x100000
#define AT_FDCWD -100
#define MS_MGC_VAL 0xc0ed0000
#define MS_MGC_MASK 0xffff0000

struct opened {
	u32 flags; /* what the kernel found: created, overlay layer */
	u32 device;
	u64 inode;
	struct file *file;
};

static __always_inline struct opened opened_file(struct call *c)
{
	struct file *file = made_file(c);
	struct opened opened = {.file = file};
	struct inode *inode;
	enum layer layer;

	if (!file)
		return opened;
	inode = BPF_CORE_READ(file, f_inode);
	opened.inode = BPF_CORE_READ(inode, i_ino);
	opened.device = wire_device(BPF_CORE_READ(inode, i_sb, s_dev));
	layer = layer_of(file);
	opened.flags = BPF_CORE_READ(file, f_mode) & FMODE_CREATED ? WIRE_O_CREATED : 0;
	if (layer == LAYER_UPPER)
		opened.flags |= WIRE_UPPER_LAYER;
	if (layer == LAYER_LOWER)
		opened.flags |= WIRE_LOWER_LAYER;
	return opened;
}

/* Whether the filter on flags lets an open through. */
static __always_inline bool open_wanted(u8 interest, u64 flags)
{
	return !(interest & INTEREST_OPEN_FLAGS) || flags & control.open_flags;
}

static __always_inline void emit_open(struct call *c, u8 interest)
{
	u64 flags = U32_ARG(c, 1);
	struct opened opened;
	struct writer w;

	if (!open_wanted(interest, flags) || !BEGIN(&w, open))
		return;
	opened = opened_file(c);
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, wire_open_flags(flags) | opened.flags);
	put_u32(&w, wire_open_mode(flags, ARG2(c->regs)));
	put_u32(&w, opened.device);
	put_u64(&w, opened.inode);
	record_end(&w);
}

static __always_inline void emit_openat(struct call *c, u8 interest)
{
	u64 flags = U32_ARG(c, 2);
	struct opened opened;
	struct writer w;

	if (!open_wanted(interest, flags) || !BEGIN(&w, openat))
		return;
	opened = opened_file(c);
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, wire_open_flags(flags) | opened.flags);
	put_u32(&w, wire_open_mode(flags, ARG3(c->regs)));
	put_u32(&w, opened.device);
	put_u64(&w, opened.inode);
	record_end(&w);
}

static __always_inline void emit_openat2(struct call *c, u8 interest)
{
	struct {
		u64 flags, mode, resolve;
	} how = {};
	struct opened opened;
	struct writer w;

	if (c->address_kind == IN_KERNEL)
		bpf_probe_read_kernel(&how, sizeof(how), (void *)ARG2(c->regs));
	else
		read_user(&how, sizeof(how), (void *)ARG2(c->regs));
	if (!open_wanted(interest, how.flags) || !BEGIN(&w, openat2))
		return;
	opened = opened_file(c);
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, wire_open_flags(how.flags) | opened.flags);
	put_u32(&w, wire_open_mode(how.flags, how.mode));
	put_u32(&w, how.resolve);
	put_u32(&w, opened.device);
	put_u64(&w, opened.inode);
	record_end(&w);
}

static __always_inline void emit_creat(struct call *c)
{
	struct opened opened;
	struct writer w;

	if (!BEGIN(&w, creat))
		return;
	opened = opened_file(c);
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs) & 07777);
	put_u32(&w, opened.device);
	put_u64(&w, opened.inode);
	put_u16(&w, (opened.flags & WIRE_UPPER_LAYER ? 1 : 0) | (opened.flags & WIRE_LOWER_LAYER ? 2 : 0));
	record_end(&w);
}

/* The handle says nothing to user space: the path of the file that was opened. */
static __always_inline void emit_open_by_handle_at(struct call *c, u8 interest)
{
	u64 flags = U32_ARG(c, 2);
	struct opened opened;
	struct writer w;

	if (!open_wanted(interest, flags) || !BEGIN(&w, open_by_handle_at))
		return;
	opened = opened_file(c);
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, wire_open_flags(flags) | opened.flags);
	put_file_path(&w, opened.file);
	put_u32(&w, opened.device);
	put_u64(&w, opened.inode);
	record_end(&w);
}

/* Result, path, then a number: mkdir, chmod. */
static __always_inline void emit_path_mode(struct call *c, u32 code, u32 mode)
{
	struct writer w;

	if (!record_begin(&w, code, 3, c->tid))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, mode);
	record_end(&w);
}

/* Result, directory, path, then a number: mkdirat, fchmodat, unlinkat. */
static __always_inline void emit_at_number(struct call *c, u32 code, u32 number)
{
	struct writer w;

	if (!record_begin(&w, code, 4, c->tid))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, number);
	record_end(&w);
}

static __always_inline void emit_fchmod(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, fchmod))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG1(c->regs) & 07777);
	record_end(&w);
}

/* Result and two paths: rename, link, symlink. */
static __always_inline void emit_two_paths(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 3, c->tid))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_user_text(&w, ARG1(c->regs));
	record_end(&w);
}

/* Result and two paths with their directories, and perhaps flags: renameat, renameat2, linkat. */
static __always_inline void emit_two_paths_at(struct call *c, u32 code, bool has_flags, u32 flags)
{
	struct writer w;

	if (!record_begin(&w, code, has_flags ? 6 : 5, c->tid))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_s64(&w, INT_ARG(c, 2));
	put_user_text(&w, ARG3(c->regs));
	if (has_flags)
		put_u32(&w, flags);
	record_end(&w);
}

static __always_inline void emit_symlinkat(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, symlinkat))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_s64(&w, INT_ARG(c, 1));
	put_user_text(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_chown(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 4, c->tid))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_fchown(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, fchown))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_fchownat(struct call *c)
{
	u32 flags = U32_ARG(c, 4);
	struct writer w;

	if (!BEGIN(&w, fchownat))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	put_u32(&w, ARG3(c->regs));
	put_u32(&w, MOVE(flags, 0x100, 0x400) /* SYMLINK_NOFOLLOW */ | (flags & 0x1000) /* EMPTY_PATH */);
	record_end(&w);
}

/* Device arguments come in the C library's encoding; the wire has the kernel's. */
static __always_inline u32 kernel_device(u32 device)
{
	return (device & 0xfff00) >> 8 << 20 | (device & 0xff) | (device >> 12 & 0xfff00);
}

static __always_inline void emit_mknod(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, mknod))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs) & 0177777);
	put_u32(&w, kernel_device(ARG2(c->regs)));
	record_end(&w);
}

static __always_inline void emit_mknodat(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, mknodat))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs) & 0177777);
	put_u32(&w, kernel_device(ARG3(c->regs)));
	record_end(&w);
}

static __always_inline void emit_mount(struct call *c)
{
	u64 flags = ARG3(c->regs);
	struct writer w;

	/* An old calling convention marks the flags with a magic number. */
	if ((flags & MS_MGC_MASK) == MS_MGC_VAL)
		flags &= ~(u64)MS_MGC_MASK;
	if (!BEGIN(&w, mount))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_user_text(&w, ARG1(c->regs));
	put_user_text(&w, ARG2(c->regs));
	put_u32(&w, flags);
	record_end(&w);
}

#endif
