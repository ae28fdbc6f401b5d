"""Runs one Python function for Peregrine.

Loads the function's module once, then forks for each call: a call starts with everything imported, and leaves nothing
behind. Speaks over descriptor 3 in frames: lengths of header and body (4 bytes each, big-endian), a header in JSON, a body.
Gives up privileges and takes limits upon itself before any code of the function runs.
"""

import ctypes
import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback

from peregrine_contract import answer_to
from peregrine_requirements import unmet

CONTROL_FD = 3
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
# While a module is loaded it may take this much, whatever a call may take.
LOAD_BYTES = 512 << 20
# Where the kernel cannot tell of the end of a process by a descriptor.
POLL_MS = 20
SWEEPS = 50


class Call:
    def __init__(self, number, pid, pipe):
        self.number = number
        self.pid = pid
        self.pipe = pipe
        self.answer = bytearray()
        self.is_killed = False
        self.is_too_large = False
        self.pidfd = None
        if hasattr(os, "pidfd_open"):
            try:
                self.pidfd = os.pidfd_open(pid)
            except OSError:
                pass


def send(control, header, body=b""):
    encoded = json.dumps(header).encode()
    control.sendall(struct.pack(">II", len(encoded), len(body)) + encoded + body)


def receive(control):
    """The next header and body; None when the other end is gone."""
    lengths = receive_bytes(control, 8)
    if lengths is None:
        return None
    header_length, body_length = struct.unpack(">II", lengths)
    header = receive_bytes(control, header_length)
    body = receive_bytes(control, body_length)
    return None if header is None or body is None else (json.loads(header.decode("utf-8")), body)


def receive_bytes(control, count):
    pieces = []
    while count > 0:
        piece = control.recv(min(count, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def virtual_bytes():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def limit(kind, amount, is_final=True):
    _, hard = resource.getrlimit(kind)
    most = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    resource.setrlimit(kind, (most, most if is_final else hard))


def confine(start, libc):
    """Limits, then the user, then no way back."""
    os.setpgid(0, 0)
    limits = start["limits"]
    limit(resource.RLIMIT_CORE, 0)
    # When memory is short, the kernel is to take ours first.
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
        score.write("1000")
    limit(resource.RLIMIT_NOFILE, limits["openFiles"])
    limit(resource.RLIMIT_FSIZE, limits["fileBytes"])
    limit(resource.RLIMIT_NPROC, limits["tasks"])
    limit(resource.RLIMIT_AS, virtual_bytes() + max(limits["memoryBytes"], LOAD_BYTES), is_final=False)
    account = start["account"]
    if account is not None:
        os.setgroups(account["groups"])
        os.setresgid(account["gid"], account["gid"], account["gid"])
        os.setresuid(account["uid"], account["uid"], account["uid"])
        if os.getuid() != account["uid"] or os.geteuid() != account["uid"]:
            raise OSError("the user could not be changed")
    parent = os.getppid()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def load(start):
    """The function itself."""
    path = start["code"]
    folder = os.path.dirname(path)
    sys.path[0:1] = [folder] + start["searchPaths"]
    spec = importlib.util.spec_from_file_location(start["moduleName"], path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[start["moduleName"]] = module
    spec.loader.exec_module(module)
    handler = getattr(module, start["exportName"], None)
    if not callable(handler):
        raise LookupError("it has no function `%s`" % start["exportName"])
    return handler


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


class Bridge:
    def __init__(self, control, libc, start, handler):
        self.control = control
        self.libc = libc
        self.start = start
        self.handler = handler
        self.calls = {}
        self.poll = select.poll()
        self.by_fd = {}
        self.pid = os.getpid()

    def run(self):
        self.poll.register(self.control, select.POLLIN)
        while True:
            is_blind = any(call.pidfd is None for call in self.calls.values())
            for fd, _ in self.poll.poll(POLL_MS if is_blind else None):
                if fd == self.control.fileno():
                    if not self.obey():
                        return
                elif fd in self.by_fd:
                    call = self.by_fd[fd]
                    if fd == call.pipe:
                        self.read(call)
                    else:
                        self.finish(call)
            if is_blind:
                for call in list(self.calls.values()):
                    if call.pidfd is None and os.waitid(
                        os.P_PID, call.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
                    ):
                        self.finish(call)

    def obey(self):
        frame = receive(self.control)
        if frame is None:
            for call in list(self.calls.values()):
                self.kill(call)
            self.sweep()
            return False
        header, body = frame
        if header["kind"] == "call":
            self.fork(header, body)
        elif header["kind"] == "kill" and header["id"] in self.calls:
            self.kill(self.calls[header["id"]])
        return True

    def fork(self, header, body):
        reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(reading)
            os.close(writing)
            reason = "no process can be made for it: %s" % error.strerror
            send(self.control, {"kind": "done", "id": header["id"], "outcome": "ended", "reason": reason})
            return
        if pid == 0:
            status = 1
            try:
                self.be_a_call(header, body, reading, writing)
                status = 0
            finally:
                os._exit(status)
        # Here as well as there: whichever comes first.
        try:
            os.setpgid(pid, pid)
        except OSError:
            pass
        os.close(writing)
        os.set_blocking(reading, False)
        call = Call(header["id"], pid, reading)
        self.calls[call.number] = call
        for fd in (call.pipe, call.pidfd):
            if fd is not None:
                self.by_fd[fd] = call
                self.poll.register(fd, select.POLLIN)

    def be_a_call(self, header, body, reading, writing):
        os.setpgid(0, 0)
        self.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != self.pid:
            return
        self.control.close()
        os.close(reading)
        for fd in self.by_fd:
            os.close(fd)
        limit(resource.RLIMIT_AS, virtual_bytes() + self.start["limits"]["memoryBytes"])
        answer, data = answer_to(self.handler, dict(self.start["context"]), header, body)
        encoded = json.dumps(answer).encode()
        write_all(writing, struct.pack(">I", len(encoded)) + encoded + data)
        os.close(writing)
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        sys.stdout.flush()
        sys.stderr.flush()

    def read(self, call):
        try:
            piece = os.read(call.pipe, 1 << 16)
        except BlockingIOError:
            return
        if not piece:
            self.poll.unregister(call.pipe)
            del self.by_fd[call.pipe]
            os.close(call.pipe)
            call.pipe = None
        elif len(call.answer) + len(piece) > self.start["limits"]["answerBytes"]:
            call.is_too_large = True
            self.kill(call)
        else:
            call.answer += piece

    def kill(self, call):
        # It is not waited for yet, so that its number is its own.
        call.is_killed = True
        for target in (os.killpg, os.kill):
            try:
                target(call.pid, signal.SIGKILL)
            except OSError:
                pass

    def finish(self, call):
        size = -1
        while call.pipe is not None and len(call.answer) != size and not call.is_too_large:
            size = len(call.answer)
            self.read(call)
        killed, too_large = call.is_killed, call.is_too_large
        self.kill(call)
        _, status = os.waitpid(call.pid, 0)
        for fd in (call.pipe, call.pidfd):
            if fd is not None:
                self.poll.unregister(fd)
                del self.by_fd[fd]
                os.close(fd)
        del self.calls[call.number]
        self.sweep()
        header, body = outcome_of(call, status, killed, too_large)
        header.update(kind="done", id=call.number)
        send(self.control, header, body)

    def sweep(self):
        """Ends what outlived the process that made it. Each end may hand more children over, so look again."""
        own = {call.pid for call in self.calls.values()}
        for _ in range(SWEEPS):
            try:
                with open("/proc/self/task/%d/children" % self.pid, encoding="ascii") as children:
                    orphans = [int(pid) for pid in children.read().split() if int(pid) not in own]
            except OSError:
                return
            if not orphans:
                return
            for pid in orphans:
                try:
                    if os.getpgid(pid) == pid:
                        os.killpg(pid, signal.SIGKILL)
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            for pid in orphans:
                try:
                    os.waitpid(pid, 0)
                except OSError:
                    pass
        # Something makes processes faster than they can be ended: all end together.
        os._exit(1)


def outcome_of(call, status, is_killed, is_too_large):
    if is_too_large:
        return {"outcome": "too_large"}, b""
    if len(call.answer) >= 4:
        (length,) = struct.unpack_from(">I", call.answer)
        if 0 < length <= len(call.answer) - 4:
            try:
                header = json.loads(bytes(call.answer[4 : 4 + length]).decode("utf-8"))
                return dict(header), bytes(call.answer[4 + length :])
            except (ValueError, TypeError):
                pass
    if is_killed:
        return {"outcome": "killed"}, b""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            return {"outcome": "ended", "reason": "ended by %s" % signal.Signals(number).name}, b""
        except ValueError:
            return {"outcome": "ended", "reason": "ended by signal %d" % number}, b""
    return {"outcome": "ended", "reason": "ended with status %d" % os.WEXITSTATUS(status)}, b""


def main():
    control = socket.socket(fileno=CONTROL_FD)
    control.set_inheritable(False)
    frame = receive(control)
    if frame is None:
        return
    start, _ = frame
    libc = ctypes.CDLL(None, use_errno=True)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    try:
        confine(start, libc)
        os.environ.clear()
        os.environ.update(start["environment"])
        time.tzset()
        os.chdir(start["home"])
        sys.path[1:1] = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    except Exception as error:
        send(control, {"kind": "unfit", "reason": "its process cannot be confined: %s" % error})
        return
    try:
        handler = load(start)
    except BaseException as error:
        own = error.__traceback__
        while own is not None and own.tb_frame.f_code.co_filename != start["code"]:
            own = own.tb_next
        if own is not None and not isinstance(error, ModuleNotFoundError):
            traceback.print_exception(type(error), error, own)
        missing = (error.name or "").split(".")[0] if isinstance(error, ModuleNotFoundError) else None
        reason = str(error) if isinstance(error, LookupError) else "%s: %s" % (type(error).__name__, error)
        send(control, {"kind": "unfit", "reason": reason[:1000], "missing": missing})
        return
    notes = list(unmet(start["requirements"]))
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()
    send(control, {"kind": "ready", "version": "Python " + sys.version.split()[0], "notes": notes})
    Bridge(control, libc, start, handler).run()


if __name__ == "__main__":
    main()
    # Threads that the module started do not keep the process.
    sys.stdout.flush()
    os._exit(0)
