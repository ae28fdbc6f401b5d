/** A disk in memory that fails when told, and whose machine can stop: what was not synced may be there, in part or not. */

import type { JournalDisk, JournalFile } from '../src/disk.ts';

export type DiskStep = 'write' | 'sync' | 'truncate' | 'create' | 'replace';

interface FileState {
  bytes: Buffer;
  /** What a stop of the machine cannot take away. */
  synced: Buffer;
}

export class SimulatedDisk {
  #files = new Map<string, FileState>();
  /** Steps that fail next, in order of their kind. */
  readonly failing: DiskStep[] = [];
  /** Bytes that there are; more is `ENOSPC`, after what fits was written. */
  capacityBytes = Number.POSITIVE_INFINITY;
  syncCount = 0;

  get names(): readonly string[] {
    return [...this.#files.keys()];
  }

  get usedBytes(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  sizeOf(name: string): number {
    return this.#file(name).bytes.length;
  }

  /** A view of the disk that dies with its process: afterwards every step fails. */
  attach(): { readonly disk: JournalDisk; readonly detach: () => void } {
    let isAttached = true;
    const step = async (kind?: DiskStep): Promise<void> => {
      await Promise.resolve();
      if (!isAttached) throw new Error('the process is gone');
      const at = kind === undefined ? -1 : this.failing.indexOf(kind);
      if (at < 0) return;
      this.failing.splice(at, 1);
      throw new Error(`EIO: ${kind}`);
    };
    const openFile = (name: string): JournalFile => ({
      write: async (bytes, position) => {
        const file = this.#file(name);
        const room = this.capacityBytes - this.usedBytes;
        const isPartial = this.failing.includes('write') || bytes.length > room;
        const written = isPartial ? bytes.subarray(0, Math.min(room, Math.floor(bytes.length / 2))) : bytes;
        await step();
        const grown = Buffer.alloc(Math.max(file.bytes.length, position + written.length));
        file.bytes.copy(grown);
        written.copy(grown, position);
        file.bytes = grown;
        if (bytes.length > room) throw new Error('ENOSPC: no space left on device');
        await step('write');
      },
      sync: async () => {
        await step('sync');
        this.syncCount++;
        const file = this.#file(name);
        file.synced = Buffer.from(file.bytes);
      },
      read: async (position, length) => {
        await step();
        return Buffer.from(this.#file(name).bytes.subarray(position, position + length));
      },
      truncate: async (sizeBytes) => {
        await step('truncate');
        const file = this.#file(name);
        file.bytes = Buffer.from(file.bytes.subarray(0, sizeBytes));
      },
      sizeBytes: async () => this.#file(name).bytes.length,
      close: async () => {},
    });
    const disk: JournalDisk = {
      list: async () => this.names,
      create: async (name) => {
        await step('create');
        if (this.#files.has(name)) throw new Error('EEXIST');
        this.#files.set(name, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) });
        return openFile(name);
      },
      open: async (name) => {
        await step();
        this.#file(name);
        return openFile(name);
      },
      remove: async (name) => {
        await step();
        this.#files.delete(name);
      },
      readWhole: async (name) => this.#files.get(name)?.bytes,
      replace: async (name, bytes) => {
        await step('replace');
        this.#files.set(name, { bytes: Buffer.from(bytes), synced: Buffer.from(bytes) });
      },
    };
    return { disk, detach: () => (isAttached = false) };
  }

  /** The machine stops; `share` (0 to 1) says how much of what was not synced survives, `isGarbled` that it is not what it was. */
  stop(share: number, isGarbled: boolean): void {
    for (const file of this.#files.values()) {
      const { bytes, synced } = file;
      const isLonger = bytes.length > synced.length && bytes.subarray(0, synced.length).equals(synced);
      if (!isLonger) {
        // Cut off, and the cut not synced: both are possible.
        file.bytes = share < 0.5 && bytes.length < synced.length ? Buffer.from(synced) : bytes;
      } else {
        const kept = synced.length + Math.floor((bytes.length - synced.length) * share);
        file.bytes = Buffer.from(bytes.subarray(0, kept));
        if (isGarbled && kept > synced.length) file.bytes.fill(0, Math.floor((synced.length + kept) / 2));
      }
      file.synced = Buffer.from(file.bytes);
    }
  }

  /** The file is gone. */
  forget(name: string): void {
    this.#files.delete(name);
  }

  /** Turns a bit; false when the file has no such byte. */
  damage(name: string, share: number): boolean {
    const { bytes, synced } = this.#file(name);
    const at = Math.floor(bytes.length * share);
    if (at >= bytes.length) return false;
    bytes.writeUInt8((bytes[at] ?? 0) ^ 0x10, at);
    if (at < synced.length) synced.writeUInt8((synced[at] ?? 0) ^ 0x10, at);
    return true;
  }

  #file(name: string): FileState {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`ENOENT: ${name}`);
    return file;
  }
}
