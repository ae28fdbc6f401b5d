/**
 * The compiled probe. Its maps are made once; its programs come into the kernel as they are wanted, since checking one
 * takes the kernel's verifier up to a third of a second. What libbpf holds of the file, megabytes, is let go after each
 * load: descriptors are all that is kept.
 */

import { closeSync, openSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import type { Libbpf, Pointer } from './libbpf.ts';
import type { IteratorOutput } from './scan/record-reader.ts';

/** What is settled before the maps are made. */
export interface MapSettings {
  /** Entries of maps whose size is not in the object. */
  readonly maxEntries: Readonly<Record<string, number>>;
  /** The constants in `.rodata.rings`. */
  readonly constants: Uint32Array;
}

const CONSTANTS = '.rodata.rings';
const F_DUPFD_CLOEXEC = 1_030;
const BPF_TRACE_ITER = 28;
/** Bytes of `OpenOptions`. */
const OPEN_OPTIONS_BYTES = 16;
/** Lines of the verifier's log that a message shows. */
const SHOWN_LOG_LINES = 12;

export class ProbeObject {
  readonly #library: Libbpf;
  readonly #settings: MapSettings;
  /** Kept open: programs that are wanted later come from the same file, whatever has taken its place by then. */
  readonly #fileFd: number;
  readonly #mapFds = new Map<string, number>();
  readonly #programFds = new Map<string, number>();

  /** Throws a Fault when the file cannot be opened. */
  constructor(library: Libbpf, path: string, settings: MapSettings) {
    this.#library = library;
    this.#settings = settings;
    try {
      this.#fileFd = openSync(path, 'r');
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Fault('probe-load', `cannot open the probe: ${reason}`, { cause });
    }
  }

  /** Brings programs into the kernel, but for those that are there. Throws a Fault; what was there stays then. */
  load(programs: Iterable<string>): void {
    const missing = new Set([...programs].filter((name) => !this.#programFds.has(name)));
    if (missing.size === 0) return;
    const { bpf, libc, clearLog } = this.#library;
    clearLog();
    const path = `/proc/self/fd/${this.#fileFd}`;
    const options = { sz: OPEN_OPTIONS_BYTES, object_name: 'peregrine' };
    const object = checked(this.#library, bpf.openFile(path, options), 'open the probe');
    try {
      for (const program of pointersOf(object, bpf.nextProgram))
        bpf.setAutoload(program, missing.has(bpf.programName(program)));
      if (this.#mapFds.size === 0) this.#configure(object);
      else this.#reuseMaps(object);
      const status = bpf.loadObject(object);
      if (status < 0) throw refusal(this.#library, -status);
      this.#keep(object, missing);
    } finally {
      bpf.closeObject(object);
      libc.mallocTrim(0);
    }
  }

  #configure(object: Pointer): void {
    const { bpf, view } = this.#library;
    const { maxEntries, constants } = this.#settings;
    for (const [name, count] of Object.entries(maxEntries))
      bpf.setMaxEntries(this.#mapIn(object, name), count);
    const size: [number] = [0];
    const memory = bpf.initialValue(this.#mapIn(object, CONSTANTS), size);
    const address = checked(this.#library, memory, 'configure the probe');
    new Uint32Array(view(address, constants.byteLength)).set(constants);
  }

  #mapIn(object: Pointer, name: string): Pointer {
    return checked(this.#library, this.#library.bpf.findMap(object, name), `find the map ${name}`);
  }

  #reuseMaps(object: Pointer): void {
    const { bpf, libc } = this.#library;
    for (const [name, fd] of this.#mapFds) {
      const status = bpf.reuseMap(this.#mapIn(object, name), fd);
      if (status < 0)
        throw new Fault('probe-load', `cannot use the map ${name} again: ${libc.strerror(-status)}`);
    }
  }

  #keep(object: Pointer, programs: Iterable<string>): void {
    const { bpf } = this.#library;
    if (this.#mapFds.size === 0)
      for (const map of pointersOf(object, bpf.nextMap))
        this.#mapFds.set(bpf.mapName(map), this.#duplicate(bpf.mapFd(map)));
    for (const name of programs) {
      const program = checked(this.#library, bpf.findProgram(object, name), `find the program ${name}`);
      this.#programFds.set(name, this.#duplicate(bpf.programFd(program)));
    }
  }

  #duplicate(fd: number): number {
    const { libc, errno } = this.#library;
    const copy = libc.fcntl(fd, F_DUPFD_CLOEXEC, 'int', 0);
    if (copy < 0) throw new Fault('probe-load', `cannot keep a descriptor: ${libc.strerror(errno())}`);
    return copy;
  }

  /** Of a map, after the first load. */
  mapFd(name: string): number {
    return known(this.#mapFds, name);
  }

  /** Of a program that was loaded. */
  programFd(name: string): number {
    return known(this.#programFds, name);
  }

  /** Attaches a program that was loaded to what its place in the object says; gives what takes it off. */
  attach(name: string): () => void {
    const { bpf, libc } = this.#library;
    const link = bpf.attachTracing(null, this.programFd(name));
    if (link < 0) throw new Fault('probe-load', `cannot attach ${name}: ${libc.strerror(-link)}`);
    return () => libc.close(link);
  }

  /** What a loaded iterator has to say; the caller closes it. */
  iterate(name: string): IteratorOutput {
    const { bpf, libc } = this.#library;
    const link = bpf.createLink(this.programFd(name), 0, BPF_TRACE_ITER, null);
    if (link < 0) throw new Fault('probe-load', `cannot attach ${name}: ${libc.strerror(-link)}`);
    const fd = bpf.createIterator(link);
    libc.close(link);
    if (fd < 0) throw new Fault('probe-load', `cannot run ${name}: ${libc.strerror(-fd)}`);
    return { fd, close: () => libc.close(fd) };
  }

  /** Lets go of programs: those that are not attached leave the kernel. */
  unload(programs: Iterable<string>): void {
    for (const name of programs) {
      const fd = this.#programFds.get(name);
      if (fd === undefined) continue;
      this.#programFds.delete(name);
      this.#library.libc.close(fd);
    }
  }

  /** Programs that are attached, and maps that are mapped, stay until they are taken off. */
  close(): void {
    for (const fds of [this.#programFds, this.#mapFds]) {
      for (const fd of fds.values()) this.#library.libc.close(fd);
      fds.clear();
    }
    closeSync(this.#fileFd);
  }
}

function* pointersOf(
  object: Pointer,
  next: (object: Pointer, previous: Pointer | null) => Pointer | null,
): Generator<Pointer> {
  for (let pointer = next(object, null); pointer; pointer = next(object, pointer)) yield pointer;
}

function known(fds: ReadonlyMap<string, number>, name: string): number {
  const fd = fds.get(name);
  if (fd === undefined) throw new Error(`${name} was not loaded`);
  return fd;
}

function checked(library: Libbpf, pointer: Pointer | null, attempt: string): Pointer {
  if (pointer) return pointer;
  const reason = library.libc.strerror(library.errno());
  const log = lastLines(library.log());
  throw new Fault('probe-load', `cannot ${attempt}: ${reason}${log === '' ? '' : `\n${log}`}`);
}

/** The kernel said no: why, in the verifier's own last words. */
function refusal(library: Libbpf, errno: number): Fault {
  const log = library.log();
  const reason = library.libc.strerror(errno);
  const isDenied = errno === 1 || errno === 13;
  return new Fault('probe-refused', `the kernel refuses the eBPF probe: ${reason}\n${lastLines(log)}`, {
    hint: isDenied
      ? "a lockdown mode, a security module or a container's seccomp profile may forbid tracing programs"
      : 'the kernel may be older than the probe supports, or its type information incomplete',
  });
}

function lastLines(log: string): string {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('PROG LOAD LOG'))
    .slice(-SHOWN_LOG_LINES)
    .join('\n');
}
