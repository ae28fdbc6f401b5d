/** Brings events of Falcosidekick-UI into a store, or to a web interface that runs. */

import type { HubAlert } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import type { AlertStore, IncomingAlert } from '@peregrine/store';
import { readEvents } from './read-events.ts';
import { upstreamAlert } from './upstream-ports.ts';

export interface ImportCounts {
  importedCount: number;
  /** Were there before. */
  knownCount: number;
  wrongCount: number;
  /** Time of the oldest, milliseconds since the epoch. */
  oldestMs: number | undefined;
  /** Why the first of those that are wrong is. */
  firstProblem: string | undefined;
}

export interface ImportTarget {
  /** Whether it is new there. Resolves when it is safe. */
  readonly take: (alerts: readonly HubAlert[]) => Promise<{ readonly newCount: number }>;
}

const BATCH = 500;
const SENT_AT_ONCE = 16;
const MOST_ATTEMPTS = 20;
const PAUSE_MS = 500;
const LIMIT_MS = 30_000;
/** As `intake.maxalertbytes` unless somebody sets it. */
const MOST_ALERT_BYTES = 1024 * 1024;

export async function importAlerts(source: string, target: ImportTarget): Promise<ImportCounts> {
  const counts: ImportCounts = {
    ...{ importedCount: 0, knownCount: 0, wrongCount: 0 },
    ...{ oldestMs: undefined, firstProblem: undefined },
  };
  let batch: HubAlert[] = [];
  const flush = async (): Promise<void> => {
    const { newCount } = await target.take(batch);
    counts.importedCount += newCount;
    counts.knownCount += batch.length - newCount;
    batch = [];
  };
  for await (const event of readEvents(source)) {
    const alert = 'problem' in event ? event : upstreamAlert(event.value, MOST_ALERT_BYTES);
    if ('problem' in alert) {
      counts.wrongCount++;
      counts.firstProblem ??= alert.problem;
      continue;
    }
    const ms = Number(alert.timeNs / 1_000_000n);
    counts.oldestMs = Math.min(counts.oldestMs ?? ms, ms);
    if (batch.push(alert) >= BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return counts;
}

/** What is there already, by its `uuid`, is not taken again. */
export function storeTarget(store: AlertStore): ImportTarget {
  return {
    take: async (alerts) => {
      const isKnown = await Promise.all(
        alerts.map(async ({ uuid }) => (await store.get(uuid)) !== undefined),
      );
      const fresh: IncomingAlert[] = alerts.filter((_, i) => isKnown[i] !== true).map((alert) => ({ alert }));
      await store.append(fresh);
      return { newCount: fresh.length };
    },
  };
}

/** Posts them as a sidekick does. What is sent twice is there twice. */
export function remoteTarget(url: string): ImportTarget {
  const address = new URL('/api/v1/events/add', url);
  const send = async ({ json }: HubAlert): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const reason = await post(address, `{"event":${json},"outputs":[]}`);
      if (reason === undefined) return;
      if (attempt >= MOST_ATTEMPTS)
        throw new Fault('import-refused', `\`${address.origin}\` does not take events: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  return {
    take: async (alerts) => {
      const waiting = [...alerts];
      const sender = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await send(next);
      };
      await Promise.all(Array.from({ length: SENT_AT_ONCE }, sender));
      return { newCount: alerts.length };
    },
  };
}

/** Why it was not taken, though it may be later. Throws a `Fault` for what stays as it is. */
async function post(address: URL, body: string): Promise<string | undefined> {
  let response: Response;
  try {
    const headers = { 'content-type': 'application/json' };
    response = await fetch(address, { method: 'POST', body, headers, signal: AbortSignal.timeout(LIMIT_MS) });
  } catch (cause) {
    const reason =
      cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new Fault('import-refused', `cannot reach \`${address.origin}\`: ${reason}`, { cause });
  }
  const text = await response.text();
  if (response.ok) return undefined;
  const reason = `status ${response.status}: ${text.slice(0, 200)}`;
  if (response.status === 503 || response.status === 429) return reason;
  throw new Fault('import-refused', `\`${address.origin}\` does not take an event: ${reason}`);
}
