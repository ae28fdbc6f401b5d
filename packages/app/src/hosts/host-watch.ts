/**
 * Host names that rules compare with, kept resolved: all of them before detection begins, within a limit, and in the
 * background from then on. `HostNames` says which name is due when.
 */

import type { IpAddress } from '@peregrine/base';
import { HostNames, type LookUpHost } from '@peregrine/fields';
import { createDnsLookUp } from './look-up.ts';

/** How long detection waits for names at its start. */
export const FIRST_WAIT_MS = 2_000;
/** How long a lookup may take in the background. */
const LATER_WAIT_MS = 10_000;

export interface HostWatchOptions {
  /** By DNS and the machine's hosts file unless stated. */
  readonly lookUp?: LookUpHost | undefined;
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
  /** Told of a name that has no address when the one before it had, or when it is the first time. */
  readonly onTrouble: (message: string) => void;
}

export class HostWatch {
  /** What the fields compare with. */
  readonly names: HostNames;
  readonly #lookUp: LookUpHost;
  readonly #onTrouble: (message: string) => void;
  readonly #inTrouble = new Set<string>();
  #pendingCount = 0;

  constructor({ lookUp = createDnsLookUp(), now = () => performance.now(), onTrouble }: HostWatchOptions) {
    this.#lookUp = lookUp;
    this.#onTrouble = onTrouble;
    this.names = new HostNames((name, signal) => this.#look(name, signal), now);
  }

  /** Whether lookups are under way, so that the thread's event loop must get a turn. */
  get isBusy(): boolean {
    return this.#pendingCount > 0;
  }

  /** Looks up what is due; ends at the limit at the latest. Nothing to look up costs next to nothing. */
  async refresh(limitMs = LATER_WAIT_MS): Promise<void> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), limitMs);
    try {
      await this.names.refresh(stop.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #look(name: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
    this.#pendingCount++;
    try {
      const addresses = await Promise.race([this.#lookUp(name, signal), whenAborted(signal)]);
      if (addresses.length === 0) throw new Error('it has no address');
      this.#inTrouble.delete(name);
      return addresses;
    } catch (error) {
      if (!this.#inTrouble.has(name)) {
        const why = error instanceof Error ? error.message : String(error);
        this.#onTrouble(`the host name \`${name}\` of a rule cannot be looked up: ${why}`);
      }
      this.#inTrouble.add(name);
      throw error;
    } finally {
      this.#pendingCount--;
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
  return promise;
}
