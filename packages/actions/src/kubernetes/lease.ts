/**
 * Which of several replicas acts: the one that holds a Lease. Clocks of machines are not compared: a lease is over when it was
 * not renewed for as long as it lasts, by the clock of whoever watches it.
 */

import { type JsonObject, objectIn, textIn } from '@peregrine/base';
import { leases } from './kinds.ts';
import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';

/** COMPAT: Talon's times. */
export const leaseTimes = { leaseMs: 4_000, renewMs: 3_000, retryMs: 2_000 } as const;

export interface LeaseOptions {
  /** Rejects where the API cannot be reached. */
  readonly kube: () => Promise<KubePort>;
  readonly namespace: string;
  readonly name: string;
  /** What others see of who leads: an address. */
  readonly identity: string;
  /** How long a lease lasts, how long it is tried to renew one, how often either is tried, milliseconds. */
  readonly times: { readonly leaseMs: number; readonly renewMs: number; readonly retryMs: number };
  /** Milliseconds from any start, never backwards. */
  readonly monotonicMs: () => number;
  readonly nowMs: () => number;
  /** Told once, until it works again. */
  readonly onTrouble: (reason: string) => void;
  readonly onChange: () => void;
}

interface Seen {
  /** What tells that it was renewed. */
  readonly mark: string;
  readonly sinceMs: number;
}

export class LeaderElection {
  readonly #options: LeaseOptions;
  readonly #place: ObjectPlace;
  #seen: Seen | undefined;
  #renewedMs: number | undefined;
  #leader: string | undefined;
  #isTroubled = false;
  #timer: NodeJS.Timeout | undefined;
  #trying: Promise<void> = Promise.resolve();

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#place = { kind: leases, namespace: options.namespace, name: options.name };
  }

  /** Not any more as soon as it may be that another one leads. */
  get isLeading(): boolean {
    const { times, monotonicMs } = this.#options;
    return this.#renewedMs !== undefined && monotonicMs() - this.#renewedMs < times.renewMs;
  }

  /** Who leads, as far as it is known. */
  get leader(): string | undefined {
    return this.#leader;
  }

  /** Resolves after the first try. */
  start(): Promise<void> {
    const { retryMs } = this.#options.times;
    this.#timer = setInterval(() => {
      this.#trying = this.#trying.then(() => this.#try());
    }, retryMs);
    this.#trying = this.#try();
    return this.#trying;
  }

  /** Lets another one lead at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#trying;
    if (this.#renewedMs === undefined) return;
    this.#renewedMs = undefined;
    const { kube, times } = this.#options;
    const signal = AbortSignal.timeout(times.retryMs);
    try {
      const port = await kube();
      const lease = await port.get(this.#place, signal);
      if (lease !== undefined && holderOf(lease) === this.#options.identity)
        await port.replace(this.#place, this.#leaseOf(lease, '', 1), signal);
    } catch {
      // It runs out by itself.
    }
  }

  async #try(): Promise<void> {
    const { kube, times, onTrouble } = this.#options;
    const wasLeading = this.isLeading;
    const leader = this.#leader;
    try {
      await this.#acquire(await kube(), AbortSignal.timeout(times.renewMs));
      this.#isTroubled = false;
    } catch (error) {
      // Another one was faster.
      const isConflict = error instanceof KubeFailure && error.status === 409;
      if (!isConflict && !this.#isTroubled) {
        this.#isTroubled = true;
        onTrouble(error instanceof Error ? error.message : String(error));
      }
    }
    if (this.isLeading !== wasLeading || this.#leader !== leader) this.#options.onChange();
  }

  async #acquire(port: KubePort, signal: AbortSignal): Promise<void> {
    const { identity, times, monotonicMs } = this.#options;
    const askedMs = monotonicMs();
    const seconds = Math.ceil(times.leaseMs / 1000);
    const lease = await port.get(this.#place, signal);
    if (lease === undefined) {
      await port.create(this.#place, this.#leaseOf(undefined, identity, seconds), signal);
    } else {
      const holder = holderOf(lease);
      if (holder !== identity && holder !== '' && !this.#isOver(lease)) {
        this.#leader = holder;
        this.#renewedMs = undefined;
        return;
      }
      await port.replace(this.#place, this.#leaseOf(lease, identity, seconds), signal);
    }
    this.#leader = identity;
    // Others count from when they see it; we, from before it was written.
    this.#renewedMs = askedMs;
  }

  #isOver(lease: JsonObject): boolean {
    const spec = objectIn(lease.spec);
    const mark = `${holderOf(lease)} ${textIn(spec?.renewTime)} ${textIn(objectIn(lease.metadata)?.resourceVersion)}`;
    const nowMs = this.#options.monotonicMs();
    if (this.#seen?.mark !== mark) this.#seen = { mark, sinceMs: nowMs };
    const lastsMs = Number(spec?.leaseDurationSeconds ?? 0) * 1000 || this.#options.times.leaseMs;
    return nowMs - this.#seen.sinceMs >= lastsMs;
  }

  #leaseOf(lease: JsonObject | undefined, holderIdentity: string, leaseDurationSeconds: number): JsonObject {
    const { namespace, name, nowMs } = this.#options;
    const before = objectIn(lease?.spec) ?? {};
    const now = new Date(nowMs()).toISOString().replace(/Z$/, '000Z');
    const isOther = before.holderIdentity !== holderIdentity;
    return {
      apiVersion: leases.apiVersion,
      kind: leases.kind,
      metadata: objectIn(lease?.metadata) ?? { namespace, name },
      spec: {
        ...before,
        ...{ holderIdentity, leaseDurationSeconds, renewTime: now },
        acquireTime: isOther ? now : (before.acquireTime ?? now),
        leaseTransitions: Number(before.leaseTransitions ?? 0) + (isOther && holderIdentity !== '' ? 1 : 0),
      },
    };
  }
}

function holderOf(lease: JsonObject): string {
  return textIn(objectIn(lease.spec)?.holderIdentity);
}
