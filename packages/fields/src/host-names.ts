/**
 * Host names that rules compare addresses with. Names are looked up when rules are loaded and again in the
 * background, never while an event waits: a comparison made before the first answer does not hold. See
 * `docs/decisions/` for why this differs from a lookup at the first comparison.
 *
 * The app supplies the lookup and calls `refresh` now and then; nothing here keeps a timer.
 */

import type { IpAddress } from '@peregrine/base';
/** Addresses of a host name, in the form of `IpAddress`. Rejects or gives none when the name is not known. */
export type LookUpHost = (name: string, signal: AbortSignal) => Promise<readonly IpAddress[]>;

const FIRST_INTERVAL_MS = 10_000;
const LONGEST_INTERVAL_MS = 320_000;
/** A name that no event was compared with for so long is not looked up until one is. */
const IDLE_MS = 3_600_000;

export interface WatchedHost {
  readonly name: string;
  /** HOT. */
  has(address: IpAddress): boolean;
}

class Host implements WatchedHost {
  readonly name: string;
  addresses: ReadonlySet<IpAddress> = new Set();
  isUsed = true;
  usedMs: number;
  dueMs: number;
  intervalMs = FIRST_INTERVAL_MS;
  isBusy = false;

  constructor(name: string, nowMs: number) {
    this.name = name;
    this.usedMs = nowMs;
    this.dueMs = nowMs;
  }

  has(address: IpAddress): boolean {
    this.isUsed = true;
    return this.addresses.has(address);
  }
}

export class HostNames {
  readonly #lookUp: LookUpHost;
  readonly #now: () => number;
  readonly #hosts = new Map<string, Host>();
  readonly #nameOf = new Map<IpAddress, string>();

  /** `now`: milliseconds on any clock that only goes forward. */
  constructor(lookUp: LookUpHost, now: () => number) {
    this.#lookUp = lookUp;
    this.#now = now;
  }

  /** The host's addresses, from the next `refresh` on. */
  watch(name: string): WatchedHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new Host(name, this.#now());
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** The first watched name that has the address. */
  nameOf(address: IpAddress): string | undefined {
    return this.#nameOf.get(address);
  }

  /** Looks up every name that is due. Failures keep the addresses known so far. */
  async refresh(signal: AbortSignal): Promise<void> {
    const nowMs = this.#now();
    const due: Promise<void>[] = [];
    for (const host of this.#hosts.values()) {
      if (host.isUsed) host.usedMs = nowMs;
      host.isUsed = false;
      if (host.isBusy || nowMs < host.dueMs || nowMs - host.usedMs > IDLE_MS) continue;
      due.push(this.#refreshOne(host, nowMs, signal));
    }
    await Promise.all(due);
    this.#index();
  }

  async #refreshOne(host: Host, nowMs: number, signal: AbortSignal): Promise<void> {
    host.isBusy = true;
    try {
      const found = new Set(await this.#lookUp(host.name, signal));
      const isSame = isEqualSet(found, host.addresses);
      host.intervalMs = isSame ? Math.min(host.intervalMs * 2, LONGEST_INTERVAL_MS) : FIRST_INTERVAL_MS;
      host.addresses = found;
    } catch {
      host.intervalMs = Math.min(host.intervalMs * 2, LONGEST_INTERVAL_MS);
    } finally {
      host.dueMs = nowMs + host.intervalMs;
      host.isBusy = false;
    }
  }

  #index(): void {
    this.#nameOf.clear();
    for (const host of this.#hosts.values())
      for (const address of host.addresses)
        if (!this.#nameOf.has(address)) this.#nameOf.set(address, host.name);
  }
}

function isEqualSet(left: ReadonlySet<IpAddress>, right: ReadonlySet<IpAddress>): boolean {
  if (left.size !== right.size) return false;
  for (const item of left) if (!right.has(item)) return false;
  return true;
}

/** For programs that look nothing up: no name has an address. */
export function createSilentHostNames(): HostNames {
  return new HostNames(
    () => Promise.resolve([]),
    () => 0,
  );
}
