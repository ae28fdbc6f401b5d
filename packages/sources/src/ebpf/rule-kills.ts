/**
 * Rules whose processes the kernel is to end at once, handed to the running probe, and what it did: `bpf/kills.h` judges
 * and keeps a log of its latest deeds.
 */

import { Fault } from '@peregrine/base';
import { syscallByName, syscallRoster } from '@peregrine/events';
import type { Libbpf } from './libbpf.ts';
import { killEntryLayout, killsLayout, SYSCALL_TABLE_SIZE } from './probe-layout.ts';

/** Conditions as clauses over bits that the kernel's programs set for a call; the engine makes them of rules. */
export interface ProbeKills {
  readonly clauses: readonly { readonly mask: number; readonly value: number; readonly rule: number }[];
  /** By name of the call: the clauses that count for it, as bits. */
  readonly calls: ReadonlyMap<string, number>;
  readonly uids: readonly number[];
  /** `facts`: bits of the paths that it equals or begins with. Byte text. */
  readonly paths: readonly {
    readonly of: 'file' | 'program';
    readonly text: string;
    readonly isStart: boolean;
    readonly facts: number;
  }[];
}

/** `dry-run`: only says what it would have done. */
export type KillMode = 'off' | 'dry-run' | 'on';

export interface Kill {
  readonly timeNs: bigint;
  readonly pid: number;
  readonly tid: number;
  readonly uid: number;
  readonly comm: string;
  /** Index among the rules that were handed over. */
  readonly rule: number;
  readonly call: string;
  readonly isDryRun: boolean;
  /** Why the signal was not sent; `undefined` when it was, or would have been. */
  readonly error: string | undefined;
}

export interface TakenKills {
  readonly kills: readonly Kill[];
  /** Deeds that others took the place of before they were read. */
  readonly missed: number;
}

const modes: Readonly<Record<KillMode, number>> = { off: 0, 'dry-run': 1, on: 2 };
const callNames: ReadonlyMap<number, string> = new Map(
  syscallRoster.flatMap(({ name, x86Number }) =>
    x86Number === undefined ? [] : [[x86Number, name] as const],
  ),
);
const none: TakenKills = Object.freeze({ kills: [], missed: 0 });

export class RuleKills {
  readonly #library: Libbpf;
  readonly #memory: DataView;
  readonly #pathsFd: number;
  #keys: readonly Uint8Array[] = [];
  #seen = 0n;

  /** `memory`: the section `.data.kills`, shared with the kernel; `pathsFd`: the map `kill_paths`. */
  constructor(library: Libbpf, memory: DataView, pathsFd: number) {
    this.#library = library;
    this.#memory = memory;
    this.#pathsFd = pathsFd;
  }

  /** Nothing is judged while the one takes the place of the other. Throws a Fault when the kernel does not take a path. */
  use(kills: ProbeKills, mode: KillMode): void {
    const memory = this.#memory;
    memory.setUint32(killsLayout.mode, modes.off, true);
    for (const key of this.#keys) this.#library.bpf.deleteElement(this.#pathsFd, key);
    this.#keys = [];
    if (mode === 'off' || kills.clauses.length === 0) return;
    for (const { of, text, isStart, facts } of kills.paths) this.#addPath(pathKey(of, text, isStart), facts);
    memory.setUint32(killsLayout.uidCount, kills.uids.length, true);
    for (const [index, uid] of kills.uids.entries())
      memory.setUint32(killsLayout.uids + 4 * index, uid, true);
    for (const [index, { mask, value, rule }] of kills.clauses.entries()) {
      const at = killsLayout.clauses + killsLayout.clauseBytes * index;
      for (const [word, part] of [mask, value, rule].entries()) memory.setUint32(at + 4 * word, part, true);
    }
    for (let number = 0; number < SYSCALL_TABLE_SIZE; number++)
      memory.setUint32(killsLayout.clausesOf + 4 * number, 0, true);
    for (const [name, clauses] of kills.calls) {
      const number = syscallByName(name)?.x86Number;
      if (number !== undefined) memory.setUint32(killsLayout.clausesOf + 4 * number, clauses, true);
    }
    memory.setUint32(killsLayout.mode, modes[mode], true);
  }

  #addPath(key: Uint8Array, facts: number): void {
    const { bpf, libc } = this.#library;
    const status = bpf.updateElement(this.#pathsFd, key, Uint32Array.of(facts), 0);
    if (status < 0)
      throw new Fault('probe-memory', `cannot hand a path to the probe: ${libc.strerror(-status)}`);
    this.#keys = [...this.#keys, key];
  }

  /** What was done since the last look. Cheap when it is nothing. */
  take(): TakenKills {
    const logged = this.#memory.getBigUint64(killsLayout.logged, true);
    if (logged === this.#seen) return none;
    const kills: Kill[] = [];
    const oldest = logged - BigInt(killsLayout.logEntries);
    let missed = 0;
    if (oldest > this.#seen) {
      missed = Number(oldest - this.#seen);
      this.#seen = oldest;
    }
    for (; this.#seen < logged; this.#seen++) {
      const at =
        killsLayout.log + killsLayout.entryBytes * Number(this.#seen % BigInt(killsLayout.logEntries));
      const sequence = this.#memory.getBigUint64(at + killEntryLayout.sequence, true);
      // Just being written: the next look finds it.
      if (sequence === 0n || sequence <= this.#seen) break;
      if (sequence > this.#seen + 1n) missed++;
      else kills.push(this.#killAt(at));
    }
    return { kills, missed };
  }

  #killAt(at: number): Kill {
    const word = (offset: number): number => this.#memory.getUint32(at + offset, true);
    const error = this.#memory.getInt32(at + killEntryLayout.error, true);
    const comm = new Uint8Array(
      this.#memory.buffer,
      this.#memory.byteOffset + at + killEntryLayout.comm,
      killEntryLayout.commBytes,
    );
    return {
      timeNs: this.#memory.getBigUint64(at + killEntryLayout.timeNs, true),
      pid: word(killEntryLayout.pid),
      tid: word(killEntryLayout.tid),
      uid: word(killEntryLayout.uid),
      comm: Buffer.from(comm).toString('latin1').replace(/\0.*$/s, ''),
      rule: word(killEntryLayout.rule),
      call: callNames.get(word(killEntryLayout.number)) ?? '',
      isDryRun: word(killEntryLayout.mode) === modes['dry-run'],
      error: error === 0 ? undefined : this.#library.libc.strerror(-error),
    };
  }
}

/** Length in bits, what the path is of, the path; a whole path ends with its NUL. */
function pathKey(of: 'file' | 'program', text: string, isStart: boolean): Uint8Array {
  const key = new Uint8Array(killsLayout.pathKeyBytes);
  const bytes = Buffer.from(`${of === 'file' ? 'f' : 'x'}${text}${isStart ? '' : '\0'}`, 'latin1');
  new DataView(key.buffer).setUint32(0, 8 * bytes.length, true);
  key.set(bytes, 4);
  return key;
}
