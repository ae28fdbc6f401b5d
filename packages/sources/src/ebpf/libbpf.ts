/**
 * libbpf and the few libc calls that set a probe up, called through koffi. Set-up only: nothing here runs per event.
 *
 * Pointers are addresses as koffi gives them; a null pointer handed on would crash the process, so each one is
 * checked where it is made.
 */

import { Fault } from '@peregrine/base';
import koffi, { type LibraryHandle } from 'koffi';

/** An address. Opaque: only handed back to the same library. */
export type Pointer = bigint;

/** `struct bpf_object_open_opts`, as far as it is used. */
export interface OpenOptions {
  readonly sz: number;
  /** Begins the names of the object's maps in the kernel. */
  readonly object_name: string;
}

export interface LibbpfCalls {
  readonly openFile: (path: string, options: OpenOptions) => Pointer | null;
  readonly loadObject: (object: Pointer) => number;
  readonly closeObject: (object: Pointer) => void;
  readonly findMap: (object: Pointer, name: string) => Pointer | null;
  readonly findProgram: (object: Pointer, name: string) => Pointer | null;
  /** The first one after none. */
  readonly nextProgram: (object: Pointer, previous: Pointer | null) => Pointer | null;
  readonly programName: (program: Pointer) => string;
  /** The first one after none. */
  readonly nextMap: (object: Pointer, previous: Pointer | null) => Pointer | null;
  readonly mapName: (map: Pointer) => string;
  /** Has the object use a map that is in the kernel; the descriptor stays the caller's. */
  readonly reuseMap: (map: Pointer, fd: number) => number;
  /** Attaches a program to what it was loaded for. A descriptor: closing it takes the program off. */
  readonly attachTracing: (name: null, program: number) => number;
  /** Attaches a program to a place of that kind. A descriptor, as above. */
  readonly createLink: (program: number, target: number, type: number, options: null) => number;
  /** A descriptor whose reading has the kernel run an iterator's program over all it is for. */
  readonly createIterator: (link: number) => number;
  /** Loads instructions as they are. */
  readonly loadProgram: (
    type: number,
    name: string,
    license: string,
    instructions: Uint8Array,
    count: number,
    options: Uint8Array | null,
  ) => number;
  readonly initialValue: (map: Pointer, size: [number]) => Pointer | null;
  readonly setMaxEntries: (map: Pointer, count: number) => number;
  readonly mapFd: (map: Pointer) => number;
  readonly createMap: (
    type: number,
    name: string,
    keySize: number,
    valueSize: number,
    maxEntries: number,
    options: null,
  ) => number;
  readonly updateElement: (
    fd: number,
    key: Uint32Array | Uint8Array,
    value: Uint32Array,
    flags: number,
  ) => number;
  readonly deleteElement: (fd: number, key: Uint8Array) => number;
  /** Entries of a map, as many as `count` says. -ENOENT: these are the last ones. `from` is what `to` was before. */
  readonly lookupBatch: (
    fd: number,
    from: Uint32Array | null,
    to: Uint32Array,
    keys: BigUint64Array,
    values: BigUint64Array,
    count: Uint32Array,
    options: null,
  ) => number;
  readonly programFd: (program: Pointer) => number;
  /** Runs a program once, here and now. `options`: `struct bpf_test_run_opts`, which the result is written to. */
  readonly testRun: (program: number, options: Uint8Array) => number;
  /** A descriptor: programs are measured while it is open. */
  readonly enableStats: (kind: number) => number;
  readonly setAutoload: (program: Pointer, isLoaded: boolean) => number;
}

export interface LibcCalls {
  readonly mmap: (
    address: null,
    length: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ) => Pointer | null;
  readonly munmap: (address: Pointer, length: number) => number;
  readonly close: (fd: number) => number;
  readonly fcntl: (fd: number, command: number, type: 'int', argument: number) => number;
  readonly strerror: (errno: number) => string;
  readonly clockGettime: (clock: number, to: BigInt64Array) => number;
  readonly sysconf: (name: number) => number;
  /** Gives memory that was freed back to the machine. */
  readonly mallocTrim: (kept: number) => number;
  /** `fds`: `struct pollfd`, two words each. */
  readonly poll: (fds: Int32Array, count: number, timeoutMs: number) => number;
}

/** One loaded library with its log. Made once for each source. */
export interface Libbpf {
  readonly bpf: LibbpfCalls;
  readonly libc: LibcCalls;
  /** What libbpf has said since `clearLog`, the kernel verifier's words included. */
  readonly log: () => string;
  readonly clearLog: () => void;
  readonly errno: () => number;
  /** Memory at an address as an ArrayBuffer; good until it is unmapped. */
  readonly view: (address: Pointer, length: number) => ArrayBuffer;
  readonly release: () => void;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
const SC_PAGESIZE = 30;
/** Longest log kept, bytes: the end of it matters. */
const LOG_LIMIT = 1 << 20;

/** Throws a Fault when libbpf or libc cannot be loaded. */
export function loadLibbpf(): Libbpf {
  const libc = koffi.load('libc.so.6');
  const lib = (() => {
    try {
      return koffi.load('libbpf.so.1');
    } catch (cause) {
      throw new Fault('libbpf-missing', 'cannot load libbpf.so.1, which the eBPF probe is loaded with', {
        cause,
        hint: 'install it: apt-get install libbpf1',
      });
    }
  })();
  const log = captureLog(lib, libc);
  const openOptions = koffi.struct({ sz: 'size_t', object_name: 'const char *' });
  return {
    ...log,
    errno: () => koffi.errno(),
    view: (address, length) => koffi.view(address, length),
    bpf: {
      openFile: lib.func('bpf_object__open_file', koffi.pointer('void'), ['str', koffi.pointer(openOptions)]),
      loadObject: lib.func('int bpf_object__load(void *object)'),
      closeObject: lib.func('void bpf_object__close(void *object)'),
      findMap: lib.func('void *bpf_object__find_map_by_name(void *object, const char *name)'),
      findProgram: lib.func('void *bpf_object__find_program_by_name(void *object, const char *name)'),
      nextProgram: lib.func('void *bpf_object__next_program(void *object, void *previous)'),
      programName: lib.func('const char *bpf_program__name(void *program)'),
      nextMap: lib.func('void *bpf_object__next_map(void *object, void *previous)'),
      mapName: lib.func('const char *bpf_map__name(void *map)'),
      reuseMap: lib.func('int bpf_map__reuse_fd(void *map, int fd)'),
      attachTracing: lib.func('int bpf_raw_tracepoint_open(const char *name, int program)'),
      createLink: lib.func('int bpf_link_create(int program, int target, int type, void *options)'),
      createIterator: lib.func('int bpf_iter_create(int link)'),
      loadProgram: lib.func(
        'int bpf_prog_load(int type, const char *name, const char *license, void *instructions, size_t count, void *options)',
      ),
      initialValue: lib.func('void *bpf_map__initial_value(void *map, _Out_ size_t *size)'),
      setMaxEntries: lib.func('int bpf_map__set_max_entries(void *map, uint32_t count)'),
      mapFd: lib.func('int bpf_map__fd(void *map)'),
      createMap: lib.func(
        'int bpf_map_create(int type, const char *name, uint32_t keySize, uint32_t valueSize, uint32_t maxEntries, void *options)',
      ),
      updateElement: lib.func('int bpf_map_update_elem(int fd, void *key, void *value, uint64_t flags)'),
      deleteElement: lib.func('int bpf_map_delete_elem(int fd, void *key)'),
      lookupBatch: lib.func(
        'int bpf_map_lookup_batch(int fd, void *from, void *to, void *keys, void *values, void *count, void *options)',
      ),
      enableStats: lib.func('int bpf_enable_stats(int kind)'),
      programFd: lib.func('int bpf_program__fd(void *program)'),
      testRun: lib.func('int bpf_prog_test_run_opts(int program, void *options)'),
      setAutoload: lib.func('int bpf_program__set_autoload(void *program, bool isLoaded)'),
    },
    libc: {
      mmap: libc.func(
        'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
      ),
      munmap: libc.func('int munmap(void *address, size_t length)'),
      close: libc.func('int close(int fd)'),
      fcntl: libc.func('int fcntl(int fd, int command, ...)'),
      strerror: libc.func('const char *strerror(int errno)'),
      clockGettime: libc.func('int clock_gettime(int clock, void *to)'),
      sysconf: libc.func('long sysconf(int name)'),
      mallocTrim: libc.func('int malloc_trim(size_t kept)'),
      poll: libc.func('int poll(void *fds, unsigned long count, int timeout)'),
    },
  };
}

/** Keeps what libbpf prints. It formats with a C argument list, which only C can read. */
function captureLog(lib: LibraryHandle, libc: LibraryHandle): Pick<Libbpf, 'log' | 'clearLog' | 'release'> {
  let text = '';
  const format = libc.func('int vasprintf(_Out_ void **to, void *format, void *args)');
  const free = libc.func('void free(void *memory)');
  const setPrint = lib.func('void *libbpf_set_print(void *print)');
  const proto = koffi.proto('int (int level, void *format, void *args)');
  const callback = koffi.register((level: number, formatText: Pointer, args: Pointer) => {
    const to: [Pointer | null] = [null];
    if (level > 1) return 0;
    const length: number = format(to, formatText, args);
    if (length > 0 && to[0])
      text = (text + Buffer.from(koffi.view(to[0], length)).toString('latin1')).slice(-LOG_LIMIT);
    if (to[0]) free(to[0]);
    return 0;
  }, koffi.pointer(proto));
  const previous = setPrint(callback);
  return {
    log: () => text,
    clearLog: () => {
      text = '';
    },
    release: () => {
      setPrint(previous);
      koffi.unregister(callback);
    },
  };
}

export function pageSizeOf({ libc }: Libbpf): number {
  return libc.sysconf(SC_PAGESIZE);
}

export interface Mapping {
  readonly buffer: ArrayBuffer;
  readonly unmap: () => void;
}

/** Maps a part of a BPF map into memory. */
export function mapMemory(
  library: Libbpf,
  {
    fd,
    length,
    offset = 0,
    isWritable,
  }: { fd: number; length: number; offset?: number; isWritable: boolean },
): Mapping {
  const { libc } = library;
  const protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ;
  const address = libc.mmap(null, length, protection, MAP_SHARED, fd, offset);
  if (!address || address === MAP_FAILED)
    throw new Fault('probe-memory', `cannot map the probe's memory: ${libc.strerror(library.errno())}`);
  return { buffer: library.view(address, length), unmap: () => libc.munmap(address, length) };
}
