/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the calls that few rules ask for, and prints for each the event that must come of it, as `calls.c` does: between
 * two calls of getpgid, which has no event type of its own. Run in an empty folder. Arguments: nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/quota.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include "say.h"

static void files(void)
{
	char bytes[100] = {}, cwd[4096];
	struct iovec two[2] = {{"ab", 2}, {"cde", 3}}, into[2] = {{bytes, 1}, {bytes + 1, 50}};
	long fd = open("file", O_RDWR | O_CREAT, 0600), other = open("other", O_RDWR | O_CREAT, 0600);
	off_t offset = 1;
	int ends[2];

	say("write res=%ld data=68656c6c6f fd=%ld size=5\n", CALL(write, fd, "hello", 5), fd);
	say("write res=%ld data=78 fd=-7 size=1\n", CALL(write, -7, "x", 1));
	say("lseek res=%ld fd=%ld offset=1 whence=0\n", CALL(lseek, fd, 1, SEEK_SET), fd);
	say("read res=%ld data=656c6c6f fd=%ld size=90\n", CALL(read, fd, bytes, 90), fd);
	say("read res=%ld data=<none> fd=%ld size=90\n", CALL(read, fd, bytes, 90), fd);
	say("pwrite res=%ld data=5859 fd=%ld size=2 pos=3\n", CALL(pwrite64, fd, "XY", 2, 3), fd);
	say("pread res=%ld data=6c58 fd=%ld size=2 pos=2\n", CALL(pread64, fd, bytes, 2, 2), fd);
	say("writev res=%ld data=6162636465 fd=%ld size=5\n", CALL(writev, fd, two, 2), fd);
	say("pwritev res=%ld data=6162636465 fd=%ld size=5 pos=0\n", CALL(pwritev, fd, two, 2, 0), fd);
	say("preadv res=%ld size=51 data=61626364656162636465 fd=%ld pos=0\n", CALL(preadv, fd, into, 2, 0), fd);
	CALL(lseek, fd, 7, SEEK_SET);
	say("lseek res=7 fd=%ld offset=7 whence=0\n", fd);
	say("readv res=%ld size=51 data=636465 fd=%ld\n", CALL(readv, fd, into, 2), fd);
	say("sendfile res=%ld offset=4 out_fd=%ld in_fd=%ld size=3\n", CALL(sendfile, other, fd, &offset, 3), other, fd);
	offset = 2;
	say("copy_file_range res=%ld fdout=%ld offout=0 fdin=%ld offin=4 len=2\n",
	    CALL(copy_file_range, fd, &offset, other, 0, 2, 0), other, fd);
	pipe(ends);
	offset = 0;
	say("splice res=%ld fd_in=%ld fd_out=%d size=4 flags=2\n",
	    CALL(splice, fd, &offset, ends[1], 0, 4, SPLICE_F_NONBLOCK), fd, ends[1]);
	say("newfstatat res=%ld dirfd=-100 path=file flags=256\n",
	    CALL(newfstatat, AT_FDCWD, "file", cwd, AT_SYMLINK_NOFOLLOW));
	say("stat res=%ld path=nothing\n", CALL(stat, "nothing", cwd));
	say("lstat res=%ld path=file\n", CALL(lstat, "file", cwd));
	say("fstat res=%ld fd=%ld\n", CALL(fstat, fd, cwd), fd);
	say("access res=%ld name=file mode=6\n", CALL(access, "file", R_OK | W_OK));
	say("flock res=%ld fd=%ld operation=6\n", CALL(flock, fd, LOCK_EX | LOCK_NB), fd);
	say("ioctl res=%ld fd=%ld request=21523 argument=5\n", CALL(ioctl, fd, 0x5413, 5), fd);
	say("getdents res=%ld fd=%ld\n", CALL(getdents, fd, bytes, 10), fd);
	say("getdents64 res=%ld fd=%ld\n", CALL(getdents64, fd, bytes, 10), fd);
	say("getcwd res=%ld", CALL(getcwd, cwd, sizeof cwd));
	say(" path=%s\n", cwd);
	say("getcwd res=%ld path=<none>\n", CALL(getcwd, cwd, 1));
}

static void sockets(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000001)};
	struct iovec one = {"first", 5}, two = {"second", 6}, into[2];
	char bytes[2][16];
	struct mmsghdr sent[2] = {{.msg_hdr = {.msg_iov = &one, .msg_iovlen = 1}},
				  {.msg_hdr = {.msg_iov = &two, .msg_iovlen = 1}}};
	struct mmsghdr received[2] = {};
	int pair[2], number = 1, udp = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t size = sizeof number;
	struct timeval timeout = {2, 5000};

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	CALL(sendmmsg, pair[0], sent, 2, 0);
	say("sendmmsg res=5 fd=%d size=5 data=6669727374\n", pair[0]);
	say("sendmmsg res=6 fd=%d size=6 data=7365636f6e64\n", pair[0]);
	for (int i = 0; i < 2; i++) {
		into[i] = (struct iovec){bytes[i], 16};
		received[i].msg_hdr = (struct msghdr){.msg_iov = &into[i], .msg_iovlen = 1};
	}
	CALL(recvmmsg, pair[1], received, 2, 0, 0);
	say("recvmmsg res=5 fd=%d size=5 data=6669727374 msgcontrol=<none>\n", pair[1]);
	say("recvmmsg res=6 fd=%d size=6 data=7365636f6e64 msgcontrol=<none>\n", pair[1]);
	say("recvmmsg res=%ld fd=-5 size=0 data=<none> msgcontrol=<none>\n", CALL(recvmmsg, -5, received, 2, 0, 0));
	say("setsockopt res=%ld fd=%d level=1 optname=2 val=0201000000 optlen=4\n",
	    CALL(setsockopt, udp, SOL_SOCKET, SO_REUSEADDR, &number, 4), udp);
	say("setsockopt res=%ld fd=%d level=1 optname=20 val=0440df817700000000 optlen=16\n",
	    CALL(setsockopt, udp, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), udp);
	say("getsockopt res=%ld fd=%d level=1 optname=4 val=010000000000000000 optlen=4\n",
	    CALL(getsockopt, udp, SOL_SOCKET, SO_ERROR, &number, &size), udp);
	CALL(getsockname, udp, &address, &size);
	say("getsockname\n");
	CALL(getpeername, udp, &address, &size);
	say("getpeername\n");
}

static void waits(void)
{
	int ends[2];
	struct pollfd fds[2];
	struct timespec moment = {0, 1000};
	struct timeval shortly = {0, 1};
	unsigned long mask = 0x400;
	fd_set none;
	char bytes[4096];

	pipe(ends);
	fds[0] = (struct pollfd){ends[0], POLLIN, 0};
	fds[1] = (struct pollfd){ends[1], POLLOUT, 0};
	CALL(poll, fds, 2, 7);
	say("poll res=1 fds=0100%02x000000000000000400 timeout=7\n", ends[1]);
	CALL(ppoll, fds, 2, 0, &mask, 8);
	say("ppoll res=1 fds=0100%02x000000000000000400 timeout=18446744073709551615 sigmask=1024\n", ends[1]);
	FD_ZERO(&none);
	say("select res=%ld\n", CALL(select, 0, &none, 0, 0, &shortly));
	say("epoll_wait res=%ld maxevents=3\n", CALL(epoll_wait, ends[0], bytes, 3, 0));
	say("nanosleep res=%ld interval=1000\n", CALL(nanosleep, &moment, 0));
	say("futex res=%ld addr=%lu op=129 val=2\n", CALL(futex, bytes, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 2), (long)bytes);
}

static void ids(void)
{
	unsigned int three[3];
	struct rlimit limit = {};

	say("getuid uid=%ld\n", CALL(getuid));
	say("getgid gid=%ld\n", CALL(getgid));
	say("geteuid euid=%ld\n", CALL(geteuid));
	say("getegid egid=%ld\n", CALL(getegid));
	say("getresuid res=%ld ruid=0 euid=0 suid=0\n", CALL(getresuid, three, three + 1, three + 2));
	say("getresgid res=%ld rgid=0 egid=0 sgid=0\n", CALL(getresgid, three, three + 1, three + 2));
	CALL(getrlimit, RLIMIT_CORE, &limit);
	say("getrlimit res=0 cur=%ld max=%ld resource=4\n", limit.rlim_cur, limit.rlim_max);
}

static void memory(void)
{
	long page = CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), heap;

	say("mmap res=%ld addr=0 length=4096 prot=3 flags=10 fd=-1 offset=0\n", page);
	say("mprotect res=%ld addr=%ld length=4096 prot=5\n", CALL(mprotect, page, 4096, PROT_READ | PROT_EXEC), page);
	say("mlock res=%ld addr=%ld len=4096\n", CALL(mlock, page, 4096), page);
	say("mlock2 res=%ld addr=%ld len=4096 flags=1\n", CALL(mlock2, page, 4096, 1), page);
	say("munlock res=%ld addr=%ld len=4096\n", CALL(munlock, page, 4096), page);
	say("mlockall res=%ld flags=2\n", CALL(mlockall, MCL_FUTURE));
	say("munlockall res=%ld\n", CALL(munlockall));
	say("munmap res=%ld addr=%ld length=4096\n", CALL(munmap, page, 4096), page);
	heap = CALL(brk, 0);
	say("brk res=%ld addr=0\n", heap);
}

static void keys(void)
{
	/* A keyring of a child's own: nobody else's keys change. */
	long mine = CALL(keyctl, KEYCTL_JOIN_SESSION_KEYRING, "ours"), found;

	say("keyctl res=%ld operation=1 arg2=016f75727300 arg3=000000000000000000\n", mine);
	mine = CALL(keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	say("keyctl res=%ld operation=0 arg2=00fdffffffffffffff arg3=000000000000000000\n", mine);
	found = CALL(keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "no such", 0);
	say("keyctl res=%ld operation=10 arg2=00fdffffffffffffff arg3=017573657200 arg4=016e6f207375636800 arg5=000000000000000000\n",
	    found);
}

static void quotas(void)
{
	struct if_dqblk limits = {.dqb_bhardlimit = 9, .dqb_bsoftlimit = 8, .dqb_ihardlimit = 7, .dqb_itime = 5,
				  .dqb_valid = QIF_BLIMITS | QIF_ITIME};
	struct if_dqinfo info = {.dqi_igrace = 3, .dqi_flags = 2, .dqi_valid = IIF_IGRACE | IIF_FLAGS};

	say("quotactl res=%ld special=/dev/none quotafilepath=/quota dqb_bhardlimit=0 quota_fmt_out=1 cmd=1 type=1 id=0 quota_fmt=4\n",
	    CALL(quotactl, QCMD(Q_QUOTAON, USRQUOTA), "/dev/none", QFMT_VFS_V0, "/quota"));
	say("quotactl res=%ld special=/dev/none quotafilepath=<none> dqb_bhardlimit=9 dqb_bsoftlimit=8 dqb_curspace=0 "
	    "dqb_ihardlimit=0 dqb_isoftlimit=0 dqb_btime=0 dqb_itime=5 dqi_bgrace=0 dqi_igrace=0 dqi_flags=0 cmd=64 "
	    "type=2 id=1000 quota_fmt=1\n",
	    CALL(quotactl, QCMD(Q_SETQUOTA, GRPQUOTA), "/dev/none", 1000, &limits));
	say("quotactl res=%ld special=<none> dqb_itime=0 dqi_bgrace=0 dqi_igrace=3 dqi_flags=2 cmd=16 type=1 id=0 quota_fmt=1\n",
	    CALL(quotactl, QCMD(Q_SETINFO, USRQUOTA), 0, 1000, &info));
}

static void others(void)
{
	char bytes[8] = {}, text[] = "abc";
	struct iovec here = {bytes, 3}, there = {text, 3};
	struct sembuf operations[2] = {{0, 1, IPC_NOWAIT}, {0, -1, SEM_UNDO}};
	long set;

	say("process_vm_readv res=%ld pid=%d data=616263\n", CALL(process_vm_readv, getpid(), &here, 1, &there, 1, 0),
	    getpid());
	say("process_vm_writev res=%ld pid=%d data=616263\n",
	    CALL(process_vm_writev, getpid(), &here, 1, &there, 1, 0), getpid());
	say("seccomp res=%ld op=9 flags=3\n", CALL(seccomp, 9, 3, 0));
	say("io_uring_enter res=%ld fd=-1 to_submit=1 min_complete=2 flags=1 sig=0\n", CALL(io_uring_enter, -1, 1, 2, 1, 0, 0));
	say("io_uring_register res=%ld fd=-1 opcode=2 arg=7 nr_args=1\n", CALL(io_uring_register, -1, 2, 7, 1));
	say("fsconfig res=%ld fd=-1 cmd=1 key=source value_bytebuf=<none> value_charbuf=/dev/x aux=0\n",
	    CALL(fsconfig, -1, FSCONFIG_SET_STRING, "source", "/dev/x", 0));
	keys();
	quotas();
	set = CALL(semget, IPC_PRIVATE, 1, IPC_CREAT | 0600);
	say("semget res=%ld key=0 nsems=1 semflg=8576\n", set);
	say("semop res=%ld nsops=2 sem_num_0=0 sem_op_0=1 sem_flg_0=1 sem_num_1=0 sem_op_1=65535 sem_flg_1=2 semid=%ld\n",
	    CALL(semop, set, operations, 2), set);
	say("semctl res=%ld semid=%ld semnum=0 cmd=4096 val=5\n", CALL(semctl, set, 0, SETVAL, 5), set);
	say("semctl res=%ld semid=%ld semnum=0 cmd=4 val=0\n", CALL(semctl, set, 0, IPC_RMID, 0), set);
}

int main(void)
{
	syscall(SYS_getpgid, 0);
	files();
	sockets();
	waits();
	ids();
	memory();
	others();
	syscall(SYS_getpgid, 0);
	return print_said(0);
}
