/* SPDX-License-Identifier: GPL-2.0 */
/* quotactl: limits of users and groups on a file system. */
#ifndef PEREGRINE_QUOTAS_H
#define PEREGRINE_QUOTAS_H

#include "call.h"
#include "flags.h"

#define QUOTA_TYPE_BITS 8

/* The wire's command bits, of which some are looked for. */
#define WIRE_Q_QUOTAON 0x1
#define WIRE_Q_GETFMT 0x4
#define WIRE_Q_GETINFO 0x8
#define WIRE_Q_SETINFO 0x10
#define WIRE_Q_GETQUOTA 0x20
#define WIRE_Q_SETQUOTA 0x40
#define WIRE_Q_XGETQUOTA 0x400
#define WIRE_Q_XSETQLIM 0x800

static __always_inline u16 wire_quota_command(u32 command)
{
	switch (command >> QUOTA_TYPE_BITS) {
	case 0x800001: /* Q_SYNC */
		return 0x80;
	case 0x800002: /* Q_QUOTAON */
		return WIRE_Q_QUOTAON;
	case 0x800003: /* Q_QUOTAOFF */
		return 0x2;
	case 0x800004:
		return WIRE_Q_GETFMT;
	case 0x800005:
		return WIRE_Q_GETINFO;
	case 0x800006:
		return WIRE_Q_SETINFO;
	case 0x800007:
		return WIRE_Q_GETQUOTA;
	case 0x800008:
		return WIRE_Q_SETQUOTA;
	case 0x5801: /* Q_XQUOTAON */
		return 0x100;
	case 0x5802: /* Q_XQUOTAOFF */
		return 0x200;
	case 0x5803:
		return WIRE_Q_XGETQUOTA;
	case 0x5804:
		return WIRE_Q_XSETQLIM;
	case 0x5805: /* Q_XGETQSTAT */
		return 0x1000;
	case 0x5806: /* Q_XQUOTARM */
		return 0x2000;
	case 0x5807: /* Q_XQUOTASYNC */
		return 0x4000;
	default:
		return 0;
	}
}

/* USRQUOTA and GRPQUOTA; project quotas have no bit. */
static __always_inline u8 wire_quota_type(u32 command)
{
	u32 type = command & 0xff;

	return type == 0 ? 1 : type == 1 ? 2 : 0;
}

#define WIRE_QFMT_NOT_USED 1

static __always_inline u8 wire_quota_format(u32 format)
{
	return format == 1 ? 2 : format == 2 ? 4 : format == 4 ? 8 : WIRE_QFMT_NOT_USED;
}

/* Which members of a limit or of an information are valid. */
#define LIMIT_BLOCKS 1
#define LIMIT_SPACE 2
#define LIMIT_INODES 4
#define LIMIT_BLOCK_TIME 16
#define LIMIT_INODE_TIME 32
#define INFO_BLOCK_GRACE 1
#define INFO_INODE_GRACE 2
#define INFO_FLAGS 4

struct user_quota_limits {
	u64 block_hard, block_soft, space, inode_hard, inode_soft, inodes, block_time, inode_time;
	u32 valid, padding;
};

struct user_quota_info {
	u64 block_grace, inode_grace;
	u32 flags, valid;
};

static __always_inline void put_valid(struct writer *w, u64 value, u32 is_valid)
{
	put_u64(w, is_valid ? value : 0);
}

/* Not inline: what it reads would take room on the stack from all calls of `dispatch_rare`. */
static __noinline int emit_quotactl(struct call *c)
{
	struct user_quota_limits limits = {};
	struct user_quota_info info = {};
	u32 command = ARG0(c->regs), id = ARG2(c->regs), format = 0;
	u16 wire = wire_quota_command(command);
	void *data = (void *)ARG3(c->regs);
	struct writer w;

	if (!BEGIN(&w, quotactl))
		return 0;
	if (wire & (WIRE_Q_GETQUOTA | WIRE_Q_SETQUOTA))
		read_user(&limits, sizeof(limits), data);
	if (wire & (WIRE_Q_GETINFO | WIRE_Q_SETINFO))
		read_user(&info, sizeof(info), data);
	if (wire == WIRE_Q_GETFMT)
		read_user(&format, sizeof(format), data);
	put_s64(&w, c->ret);
	put_user_text(&w, ARG1(c->regs));
	put_user_text(&w, wire == WIRE_Q_QUOTAON ? (u64)data : 0);
	put_valid(&w, limits.block_hard, limits.valid & LIMIT_BLOCKS);
	put_valid(&w, limits.block_soft, limits.valid & LIMIT_BLOCKS);
	put_valid(&w, limits.space, limits.valid & LIMIT_SPACE);
	put_valid(&w, limits.inode_hard, limits.valid & LIMIT_INODES);
	put_valid(&w, limits.inode_soft, limits.valid & LIMIT_INODES);
	put_valid(&w, limits.block_time, limits.valid & LIMIT_BLOCK_TIME);
	put_valid(&w, limits.inode_time, limits.valid & LIMIT_INODE_TIME);
	put_valid(&w, info.block_grace, info.valid & INFO_BLOCK_GRACE);
	put_valid(&w, info.inode_grace, info.valid & INFO_INODE_GRACE);
	put_u8(&w, info.valid & INFO_FLAGS ? info.flags : 0);
	put_u8(&w, wire_quota_format(format));
	put_u16(&w, wire);
	put_u8(&w, wire_quota_type(command));
	put_u32(&w, wire & (WIRE_Q_GETQUOTA | WIRE_Q_SETQUOTA | WIRE_Q_XGETQUOTA | WIRE_Q_XSETQLIM) ? id : 0);
	put_u8(&w, wire == WIRE_Q_QUOTAON ? wire_quota_format(id) : WIRE_QFMT_NOT_USED);
	return record_end(&w);
}

#endif
