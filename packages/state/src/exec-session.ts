/**
 * Commands that somebody had run in a container from outside (`kubectl exec`, `docker exec`): a session is the process so
 * started and all that descend from it. Who asked for it, others find out and write here. Not hot: an exec in a container
 * by a thread without a session is rare.
 */

import type { EventView } from '@peregrine/events';
import { HOST } from './containers/match.ts';
import { type Thread, threadFlag } from './thread.ts';
import type { World } from './world.ts';

/** Who asked for a session, as far as is known. Every text is byte text. */
export interface SessionUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** On whose behalf, where that is another. */
  readonly impersonated: string | undefined;
}

/**
 * How sure it is who asked: `sure`, one request fits and no other; `same_user`, several do, all of one user; `attached`,
 * somebody is attached to the container's own processes; `ambiguous`, requests of several users fit; `unknown`, none does.
 */
export type SessionMatch = 'sure' | 'same_user' | 'attached' | 'ambiguous' | 'unknown';

export interface SessionOrigin {
  readonly match: SessionMatch;
  /** `undefined` while it is ambiguous or unknown. */
  readonly user: SessionUser | undefined;
  /** Names of all users whose request it may have been, sorted. */
  readonly users: readonly string[];
  readonly kind: 'exec' | 'attach';
  /** `undefined` unless it is one request for sure. */
  readonly auditId: string | undefined;
  readonly sourceIp: string | undefined;
  readonly userAgent: string | undefined;
}

export class ExecSession {
  readonly key: string;
  readonly containerId: string;
  /** Process that it began with. */
  readonly tid: number;
  readonly startNs: bigint;
  /** Of the first program, byte text. */
  readonly argv: readonly string[];
  /** Changes as more becomes known. `undefined`: nobody has looked for it. */
  origin: SessionOrigin | undefined = undefined;

  constructor(key: string, thread: Thread, startNs: bigint) {
    this.key = key;
    this.containerId = thread.containerId;
    this.tid = thread.tid;
    this.startNs = startNs;
    this.argv = [thread.exe, ...thread.args.split('\0').slice(0, -1)];
  }
}

/** Sessions begin here: called after each exec in a container, if anybody wants to know. */
export class ExecSessions {
  readonly #world: World;
  readonly #onSession: (session: ExecSession) => void;
  #count = 0;

  constructor(world: World, onSession: (session: ExecSession) => void) {
    this.#world = world;
    this.#onSession = onSession;
  }

  ran(view: EventView, thread: Thread): void {
    if (thread.containerId === HOST || thread.containerId === '') return;
    const { execSession: known } = thread;
    if (known?.containerId === thread.containerId && !isRuntime(known, thread)) return;
    thread.execSession = undefined;
    if (!this.#isFromOutside(thread)) return;
    this.#count++;
    const session = new ExecSession(`exec ${this.#count}`, thread, view.timestampNs());
    thread.execSession = session;
    this.#onSession(session);
  }

  /** Whether no ancestor is the container's first process, and the thread is not that itself. */
  #isFromOutside(thread: Thread): boolean {
    let top = thread;
    for (
      let next: Thread | undefined = thread;
      next?.containerId === thread.containerId;
      next = next.parent
    ) {
      if (next.vpid === 1) return false;
      top = next;
    }
    if ((top.flags & threadFlag.inPidNamespace) !== 0 || top.vpid !== top.pid) return true;
    // In a shared pid namespace the first process looks like any other, but comes before all others.
    return this.#isInhabitedByOthers(thread);
  }

  #isInhabitedByOthers(thread: Thread): boolean {
    for (const other of this.#world.threads.values()) {
      if (other.containerId !== thread.containerId || (other.flags & threadFlag.dead) !== 0) continue;
      if (other.process !== thread.process && !isAncestor(other, thread)) return true;
    }
    return false;
  }
}

function isAncestor(of: Thread, thread: Thread): boolean {
  for (let next = thread.parent; next !== undefined; next = next.parent)
    if (next.process === of.process) return true;
  return false;
}

/** The runtime's own program may be in the container before the one that was asked for: `runc init`. */
function isRuntime({ argv, tid }: ExecSession, thread: Thread): boolean {
  return (
    (tid === thread.tid || tid === thread.parent?.tid) &&
    argv[1] === 'init' &&
    /(^|\/)(runc|crun|youki|exe)$/.test(argv[0] ?? '')
  );
}
