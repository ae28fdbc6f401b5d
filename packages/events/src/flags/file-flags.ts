/** Flags of opening, locking and creating files. */

import { defineFlags } from './define-flags.ts';

export const fileFlags = defineFlags('file_flags', [
  ['O_LARGEFILE', 0x800],
  ['O_DIRECTORY', 0x400],
  ['O_DIRECT', 0x200],
  ['O_TRUNC', 0x100],
  ['O_SYNC', 0x80],
  ['O_NONBLOCK', 0x40],
  ['O_EXCL', 0x20],
  ['O_DSYNC', 0x10],
  ['O_APPEND', 0x8],
  ['O_CREAT', 0x4],
  ['O_RDWR', 0x3],
  ['O_WRONLY', 0x2],
  ['O_RDONLY', 0x1],
  ['O_CLOEXEC', 0x1000],
  ['O_NONE', 0x0],
  ['O_TMPFILE', 0x2000],
  ['O_F_CREATED', 0x4000],
  ['FD_UPPER_LAYER', 0x8000],
  ['FD_LOWER_LAYER', 0x10000],
]);

export const creatFlags = defineFlags('creat_flags', [
  ['FD_UPPER_LAYER_CREAT', 1],
  ['FD_LOWER_LAYER_CREAT', 2],
]);

export const accessFlags = defineFlags('access_flags', [
  ['F_OK', 0],
  ['R_OK', 4],
  ['W_OK', 2],
  ['X_OK', 1],
]);

const permissions = [
  ['S_IXOTH', 0x1],
  ['S_IWOTH', 0x2],
  ['S_IROTH', 0x4],
  ['S_IXGRP', 0x8],
  ['S_IWGRP', 0x10],
  ['S_IRGRP', 0x20],
  ['S_IXUSR', 0x40],
  ['S_IWUSR', 0x80],
  ['S_IRUSR', 0x100],
  ['S_ISVTX', 0x200],
  ['S_ISGID', 0x400],
  ['S_ISUID', 0x800],
] as const;

export const chmodMode = defineFlags('chmod_mode', [...permissions]);

export const mknodMode = defineFlags('mknod_mode', [
  ...permissions,
  ['S_IFREG', 0x8000],
  ['S_IFCHR', 0x2000],
  ['S_IFBLK', 0x6000],
  ['S_IFIFO', 0x1000],
  ['S_IFSOCK', 0xc000],
]);

export const flockFlags = defineFlags('flock_flags', [
  ['LOCK_SH', 1],
  ['LOCK_EX', 2],
  ['LOCK_NB', 4],
  ['LOCK_UN', 8],
  ['LOCK_NONE', 0],
]);

export const lseekWhence = defineFlags('lseek_whence', [
  ['SEEK_END', 2],
  ['SEEK_CUR', 1],
  ['SEEK_SET', 0],
]);

export const openat2Flags = defineFlags('openat2_flags', [
  ['RESOLVE_BENEATH', 0x1],
  ['RESOLVE_IN_ROOT', 0x2],
  ['RESOLVE_NO_MAGICLINKS', 0x4],
  ['RESOLVE_NO_SYMLINKS', 0x8],
  ['RESOLVE_NO_XDEV', 0x10],
  ['RESOLVE_CACHED', 0x20],
]);

export const newfstatatFlags = defineFlags('newfstatat_flags', [
  ['AT_EMPTY_PATH', 0x1000],
  ['AT_NO_AUTOMOUNT', 0x800],
  ['AT_SYMLINK_NOFOLLOW', 0x100],
]);

export const linkatFlags = defineFlags('linkat_flags', [
  ['AT_SYMLINK_FOLLOW', 0x400],
  ['AT_EMPTY_PATH', 0x1000],
]);

export const unlinkatFlags = defineFlags('unlinkat_flags', [['AT_REMOVEDIR', 0x200]]);

export const fchownatFlags = defineFlags('fchownat_flags', [
  ['AT_SYMLINK_NOFOLLOW', 0x400],
  ['AT_EMPTY_PATH', 0x1000],
]);

export const renameat2Flags = defineFlags('renameat2_flags', [
  ['RENAME_NOREPLACE', 1],
  ['RENAME_EXCHANGE', 2],
  ['RENAME_WHITEOUT', 4],
]);

export const spliceFlags = defineFlags('splice_flags', [
  ['SPLICE_F_MOVE', 1],
  ['SPLICE_F_NONBLOCK', 2],
  ['SPLICE_F_MORE', 4],
  ['SPLICE_F_GIFT', 8],
]);

export const memfdCreateFlags = defineFlags('memfd_create_flags', [
  ['MFD_CLOEXEC', 1],
  ['MFD_ALLOW_SEALING', 2],
  ['MFD_HUGETLB', 4],
]);

export const closeRangeFlags = defineFlags('close_range_flags', [
  ['CLOSE_RANGE_UNSHARE', 2],
  ['CLOSE_RANGE_CLOEXEC', 4],
]);

export const fcntlCommands = defineFlags('fcntl_commands', [
  ['F_GETPIPE_SZ', 29],
  ['F_SETPIPE_SZ', 28],
  ['F_NOTIFY', 27],
  ['F_DUPFD_CLOEXEC', 26],
  ['F_CANCELLK', 25],
  ['F_GETLEASE', 24],
  ['F_SETLEASE', 23],
  ['F_GETOWN_EX', 22],
  ['F_SETOWN_EX', 21],
  ['F_SETLKW64', 19],
  ['F_SETLK64', 18],
  ['F_GETLK64', 17],
  ['F_GETSIG', 15],
  ['F_SETSIG', 13],
  ['F_GETOWN', 12],
  ['F_SETOWN', 10],
  ['F_SETLKW', 9],
  ['F_SETLK', 8],
  ['F_GETLK', 6],
  ['F_SETFL', 5],
  ['F_GETFL', 4],
  ['F_SETFD', 3],
  ['F_GETFD', 2],
  ['F_DUPFD', 1],
  ['F_OFD_GETLK', 30],
  ['F_OFD_SETLK', 31],
  ['F_OFD_SETLKW', 32],
  ['UNKNOWN', 0],
]);
