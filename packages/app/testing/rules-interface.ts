/** The parts of the web interface that have to do with rules, over a store on disk, for tests. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeAlert, type HubAlert, parseAlertTime } from '@peregrine/alert';
import type { ApiRequest, Caller } from '@peregrine/api';
import type { OperationName } from '@peregrine/api/contract';
import { type AlertStore, openSqliteStore, prepareRecords, RulesVersions } from '@peregrine/store';
import { RuleBook } from '../src/ui/rules/rule-book.ts';
import { type ChangePolicy, RuleChanges } from '../src/ui/rules/rule-changes.ts';
import { createRuleHandlers } from '../src/ui/rules/rule-handlers.ts';
import type { SensorPort } from '../src/ui/rules/sensor-port.ts';
import { createTuneHandlers } from '../src/ui/tune/tune-handlers.ts';

export interface RulesInterface {
  readonly store: AlertStore;
  readonly book: RuleBook;
  readonly managedPath: string;
  readonly rules: ReturnType<typeof createRuleHandlers>;
  readonly tune: ReturnType<typeof createTuneHandlers>;
  close(): Promise<void>;
}

export async function openRulesInterface(options: {
  /** Text of the rules file. */
  readonly rules: string;
  readonly policy?: ChangePolicy;
  readonly captureFolder?: string;
  readonly nowMs?: () => number;
  readonly sensor?: (managedPath: string) => SensorPort;
}): Promise<RulesInterface> {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-rules-'));
  const rulesPath = join(folder, 'rules.yaml');
  const managedPath = join(folder, 'web-rules.yaml');
  writeFileSync(rulesPath, options.rules);
  const store = await openSqliteStore({ path: join(folder, 'alerts.db') });
  await prepareRecords(store.records);
  const sensor = options.sensor?.(managedPath);
  const book = await RuleBook.open({ managedPath, sensor, paths: [rulesPath] });
  const versions = new RulesVersions(store.records);
  const { policy = 'signedin', nowMs = Date.now, captureFolder = '' } = options;
  const changes = new RuleChanges({ book, versions, sensor, managedPath, policy, nowMs });
  return {
    ...{ store, book, managedPath },
    rules: createRuleHandlers({ store, book, changes, versions, sensor, managedPath, captureFolder, nowMs }),
    tune: createTuneHandlers({ store, book, changes, nowMs }),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const admin: Caller = { name: 'ann', role: 'admin', via: 'password', address: '127.0.0.1' };

/** A request as the server hands it on; what the operation does not have is left out. */
export function asked<K extends OperationName>(parts: {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly caller?: Caller;
}): ApiRequest<K> {
  const request: unknown = {
    params: parts.params ?? {},
    query: parts.query ?? {},
    body: parts.body,
    caller: parts.caller ?? admin,
    lastEventId: undefined,
    signal: new AbortController().signal,
  };
  return request as ApiRequest<K>; // The tests give what the operation has.
}

export async function keep(store: AlertStore, alerts: readonly HubAlert[]): Promise<void> {
  await store.append(alerts.map((alert) => ({ alert })));
}

/** Some day, as nanoseconds since the epoch. */
export const BASE_NS = 1_790_000_000_000_000_000n;

export function alertOf(parts: Partial<HubAlert>): HubAlert {
  const { timeNs = BASE_NS } = parts;
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  const alert = {
    uuid: crypto.randomUUID(),
    output: 'something happened',
    priority: 'Notice' as const,
    rule: 'Sample',
    time: parseAlertTime(`${seconds}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z`)?.text ?? '',
    source: 'syscall',
    tags: [],
    hostname: 'a',
    fields: {},
    ...parts,
  };
  return { ...alert, timeNs, json: encodeAlert(alert) };
}
