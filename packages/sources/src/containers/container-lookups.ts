/**
 * Asks runtimes about containers: at once, then again with longer and longer pauses for minutes. A runtime that hangs
 * holds up nobody else's answer. All of it is bounded: how many containers are asked for, how many questions a runtime
 * gets at a time, how long each may take.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from '@peregrine/state';
import { AskedRuntime } from './asked-runtime.ts';
import { findSockets } from './find-sockets.ts';
import type { InspectedContainer, MetadataBounds } from './runtime-client.ts';
import { isAskable, noMetadata, type Runtime, runtimeRoster } from './runtimes.ts';

export interface RuntimeSettings {
  /** Paths of sockets by the name of the runtime; those without are not asked. */
  readonly sockets: Readonly<Partial<Record<Runtime['name'], readonly string[]>>>;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  readonly bounds: MetadataBounds;
  /** How long a container is asked for again and again. */
  readonly retryMs: number;
}

export interface LookupOptions {
  readonly settings: RuntimeSettings;
  /** What a runtime told of a container. */
  readonly onKnown: (container: Container) => void;
  /** No runtime that is there knows the container, or none is there. It may be told of yet. */
  readonly onUnknown: (id: string) => void;
  /** A runtime cannot be asked any more, or can be again. Told when it changes. */
  readonly onTrouble: (message: string) => void;
  readonly onRecovery: (message: string) => void;
  /** Milliseconds on a clock that only goes forward, and a pause on it: for tests. */
  readonly now?: () => number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const MOST_LOOKUPS = 4_096;
/** Several times as many as a node runs. */
const MOST_REMEMBERED = 1_024;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 30_000;
/** An answer that takes longer is not waited for before the next try; it counts when it comes. */
const PATIENCE_MS = 1_000;
/** Tries after which a container that every runtime denies is said to be unknown: runtimes learn of containers late. */
const DENIALS = 5;

export interface LookupCounters {
  asked: number;
  known: number;
  givenUp: number;
  /** Not asked for, since too many are asked for already. */
  refused: number;
}

interface Lookup {
  readonly container: Container;
  readonly stop: AbortController;
  readonly underWay: Set<AskedRuntime>;
  isToldUnknown: boolean;
}

export class ContainerLookups {
  readonly #options: LookupOptions;
  readonly #now: () => number;
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #lookups = new Map<string, Lookup>();
  /** By path of the socket. */
  readonly #runtimes = new Map<string, AskedRuntime>();
  /** What was told, by full id: for when the tables are filled anew. */
  readonly #remembered = new Map<string, InspectedContainer>();
  readonly counters: LookupCounters = { asked: 0, known: 0, givenUp: 0, refused: 0 };

  constructor(options: LookupOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#pause = options.pause ?? (async (ms, signal) => pause(ms, undefined, { signal, ref: false }));
  }

  /** Containers that are asked for at present. */
  get pendingCount(): number {
    return this.#lookups.size;
  }

  pending(): readonly Container[] {
    return [...this.#lookups.values()].map(({ container }) => container);
  }

  /** Gets ready to ask the runtimes that are there. */
  prepare(): void {
    for (const type of ['docker', 'podman', 'containerd'])
      for (const runtime of this.#runtimesOf(type)) runtime.prepare();
  }

  /**
   * `container`: as its cgroup names it. Every question is answered by `onKnown` or `onUnknown`, or by the former after
   * the latter.
   */
  ask(container: Container): void {
    if (!isAskable(container.type)) {
      this.#options.onKnown({ ...container, metadata: noMetadata });
      return;
    }
    const remembered = this.#remembered.get(container.fullId);
    if (remembered !== undefined) {
      this.#options.onKnown({ ...container, ...remembered });
      return;
    }
    if (this.#lookups.has(container.id)) return;
    if (this.#lookups.size >= MOST_LOOKUPS) {
      if (this.counters.refused++ === 0)
        this.#options.onTrouble(
          `more than ${MOST_LOOKUPS} containers are asked for at a time: what runtimes know of some of them is missing`,
        );
      this.#options.onUnknown(container.id);
      return;
    }
    this.counters.asked++;
    const lookup = {
      container,
      stop: new AbortController(),
      underWay: new Set<AskedRuntime>(),
      isToldUnknown: false,
    };
    this.#lookups.set(container.id, lookup);
    this.#follow(lookup).catch(() => {
      // Its pauses are cut short when nobody wants to know any more.
      if (!lookup.stop.signal.aborted) this.#giveUp(lookup);
    });
  }

  /** The container is gone. */
  forget(id: string, fullId: string): void {
    this.#remembered.delete(fullId);
    this.#end(id);
  }

  close(): void {
    for (const id of [...this.#lookups.keys()]) this.#end(id);
    for (const runtime of this.#runtimes.values()) runtime.close();
    this.#runtimes.clear();
  }

  #end(id: string): void {
    this.#lookups.get(id)?.stop.abort(new Error('no longer wanted'));
    this.#lookups.delete(id);
  }

  async #follow(lookup: Lookup): Promise<void> {
    const { signal } = lookup.stop;
    const endMs = this.#now() + this.#options.settings.retryMs;
    for (let tries = 1, pauseMs = FIRST_PAUSE_MS; !signal.aborted; tries++) {
      const runtimes = this.#runtimesOf(lookup.container.type);
      await this.#try(lookup, runtimes);
      if (signal.aborted) return;
      const isDenied =
        tries >= DENIALS && lookup.underWay.size === 0 && runtimes.every((each) => each.isAnswering);
      if (runtimes.length === 0 || isDenied) this.#tellUnknown(lookup);
      if (this.#now() + pauseMs > endMs) break;
      await this.#pause(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    if (!signal.aborted) this.#giveUp(lookup);
  }

  #giveUp(lookup: Lookup): void {
    this.counters.givenUp++;
    this.#tellUnknown(lookup);
    this.#end(lookup.container.id);
  }

  #tellUnknown(lookup: Lookup): void {
    if (lookup.isToldUnknown) return;
    lookup.isToldUnknown = true;
    this.#options.onUnknown(lookup.container.id);
  }

  /** Ends when all have answered, or when one knows the container, or when patience does. */
  async #try(lookup: Lookup, runtimes: readonly AskedRuntime[]): Promise<void> {
    const fresh = runtimes.filter((runtime) => !lookup.underWay.has(runtime));
    if (fresh.length === 0) return;
    const rest = new AbortController();
    const asked = Promise.all(fresh.map((runtime) => this.#ask(lookup, runtime)));
    try {
      await Promise.race([
        asked,
        this.#pause(PATIENCE_MS, AbortSignal.any([lookup.stop.signal, rest.signal])).catch(() => {}),
      ]);
    } finally {
      rest.abort();
    }
  }

  async #ask(lookup: Lookup, runtime: AskedRuntime): Promise<void> {
    lookup.underWay.add(runtime);
    const found = await runtime.inspect(lookup.container.fullId, lookup.stop.signal);
    lookup.underWay.delete(runtime);
    if (found !== undefined && !lookup.stop.signal.aborted) this.#answer(lookup, found);
  }

  #answer({ container }: Lookup, { type, metadata }: InspectedContainer): void {
    this.counters.known++;
    if (this.#remembered.size >= MOST_REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.set(container.fullId, { type, metadata });
    this.#end(container.id);
    this.#options.onKnown({ ...container, type, metadata });
  }

  /** Those whose sockets are there now. */
  #runtimesOf(type: string): readonly AskedRuntime[] {
    const { sockets, hostRoot, bounds } = this.#options.settings;
    return runtimeRoster
      .filter(({ types }) => types.includes(type))
      .flatMap((runtime) =>
        findSockets(sockets[runtime.name] ?? [], hostRoot).map((socket) =>
          this.#runtimeAt(runtime, socket, bounds),
        ),
      );
  }

  #runtimeAt(runtime: Runtime, socket: string, bounds: MetadataBounds): AskedRuntime {
    const key = `${runtime.name} ${socket}`;
    let known = this.#runtimes.get(key);
    if (known === undefined) {
      const { onTrouble, onRecovery } = this.#options;
      known = new AskedRuntime({ runtime, socket, bounds, onTrouble, onRecovery });
      this.#runtimes.set(key, known);
    }
    return known;
  }
}
