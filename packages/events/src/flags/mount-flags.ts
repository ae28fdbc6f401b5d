/** Flags of mounts and quotas. */

import { defineFlags } from './define-flags.ts';

export const mountFlags = defineFlags('mount_flags', [
  ['RDONLY', 0x1],
  ['NOSUID', 0x2],
  ['NODEV', 0x4],
  ['NOEXEC', 0x8],
  ['SYNCHRONOUS', 0x10],
  ['REMOUNT', 0x20],
  ['MANDLOCK', 0x40],
  ['DIRSYNC', 0x80],
  ['NOATIME', 0x400],
  ['NODIRATIME', 0x800],
  ['BIND', 0x1000],
  ['MOVE', 0x2000],
  ['REC', 0x4000],
  ['SILENT', 0x8000],
  ['POSIXACL', 0x10000],
  ['UNBINDABLE', 0x20000],
  ['PRIVATE', 0x40000],
  ['SLAVE', 0x80000],
  ['SHARED', 0x100000],
  ['RELATIME', 0x200000],
  ['KERNMOUNT', 0x400000],
  ['I_VERSION', 0x800000],
  ['STRICTATIME', 0x1000000],
  ['LAZYTIME', 0x2000000],
  ['NOSEC', 0x10000000],
  ['BORN', 0x20000000],
  ['ACTIVE', 0x40000000],
  ['NOUSER', 0x80000000],
]);

export const umountFlags = defineFlags('umount_flags', [
  ['FORCE', 1],
  ['DETACH', 2],
  ['EXPIRE', 4],
  ['NOFOLLOW', 8],
]);

export const fsconfigCmds = defineFlags('fsconfig_cmds', [
  ['FSCONFIG_SET_FLAG', 0],
  ['FSCONFIG_SET_STRING', 1],
  ['FSCONFIG_SET_BINARY', 2],
  ['FSCONFIG_SET_PATH', 3],
  ['FSCONFIG_SET_PATH_EMPTY', 4],
  ['FSCONFIG_SET_FD', 5],
  ['FSCONFIG_CMD_CREATE', 6],
  ['FSCONFIG_CMD_RECONFIGURE', 7],
]);

export const quotactlCmds = defineFlags('quotactl_cmds', [
  ['Q_QUOTAON', 0x1],
  ['Q_QUOTAOFF', 0x2],
  ['Q_GETFMT', 0x4],
  ['Q_GETINFO', 0x8],
  ['Q_SETINFO', 0x10],
  ['Q_GETQUOTA', 0x20],
  ['Q_SETQUOTA', 0x40],
  ['Q_SYNC', 0x80],
  ['Q_XQUOTAON', 0x100],
  ['Q_XQUOTAOFF', 0x200],
  ['Q_XGETQUOTA', 0x400],
  ['Q_XSETQLIM', 0x800],
  ['Q_XGETQSTAT', 0x1000],
  ['Q_XQUOTARM', 0x2000],
  ['Q_XQUOTASYNC', 0x4000],
]);

export const quotactlTypes = defineFlags('quotactl_types', [
  ['USRQUOTA', 1],
  ['GRPQUOTA', 2],
]);

export const quotactlDqiFlags = defineFlags('quotactl_dqi_flags', [
  ['DQF_NONE', 1],
  ['V1_DQF_RSQUASH', 2],
]);

export const quotactlQuotaFmts = defineFlags('quotactl_quota_fmts', [
  ['QFMT_NOT_USED', 1],
  ['QFMT_VFS_OLD', 2],
  ['QFMT_VFS_V0', 4],
  ['QFMT_VFS_V1', 8],
]);
