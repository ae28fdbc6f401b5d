/** What the interface of Falcosidekick-UI asks for, answered by the store. */

import { ExactNumber, type HubAlert, type HubValue, parseJson } from '@peregrine/alert';
import { ApiError, type UpstreamFilter, type UpstreamPorts } from '@peregrine/api';
import { decodeAlert, type ProcessingSettings, processAlert } from '@peregrine/hub';
import type { AlertFilter, AlertStore, WhereClause } from '@peregrine/store';
import type { Intake } from '../hub/intake.ts';
import { versions } from '../versions.ts';

export interface UpstreamOptions {
  readonly store: AlertStore;
  readonly intake: Pick<Intake, 'submit'>;
  readonly outputs: readonly string[];
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly mostAlertBytes: number;
  readonly nowMs: () => number;
}

export function createUpstreamPorts(options: UpstreamOptions): UpstreamPorts {
  const { store, intake, nowMs, mostAlertBytes } = options;
  let outputs = options.outputs;
  const filterOf = (filter: UpstreamFilter): AlertFilter => filterFrom(filter, nowMs());
  return {
    addEvent: async (json) => {
      const parsed = parseJson(json);
      if ('problem' in parsed) throw new ApiError(400, 'bad-event', parsed.problem);
      const { event, outputs: names } = mapIn(parsed.value);
      if (event === undefined || !Array.isArray(names))
        throw new ApiError(400, 'bad-event', 'the body needs `event` and `outputs`');
      const alert = upstreamAlert(event, mostAlertBytes);
      if ('problem' in alert) throw new ApiError(400, 'bad-event', alert.problem);
      if (names.length > 0)
        outputs = names.filter((name): name is string => typeof name === 'string').slice(0, 256);
      // It was delivered by whoever posts it: it is kept, and goes to no output.
      const appended = await intake.submit([alert], { to: [] });
      if (appended.kind === 'refused')
        throw new ApiError(503, 'not-kept', appended.reason, { retryAfterSeconds: 5 });
    },
    count: (filter, signal) => store.count(filterOf(filter), signal),
    countBy: (filter, by, signal) => store.countBy(filterOf(filter), by, 10_000, signal),
    search: async (filter, { skip, limit }, signal) => {
      const [page, total] = await Promise.all([
        store.search(filterOf(filter), { limit, offset: skip }, signal),
        store.count(filterOf(filter), signal),
      ]);
      return { events: page.alerts.map(({ alert }) => alert.json), total };
    },
    outputs: async () => outputs,
    configuration: () => options.configuration,
    version: () => ({
      GitVersion: versions.version,
      GitCommit: '',
      GitTreeState: '',
      BuildDate: '',
      GoVersion: '',
      Compiler: 'node',
      Platform: `${process.platform}/${process.arch}`,
    }),
  };
}

/** An event as Falcosidekick-UI has it, which keeps its id; or why it is none. */
export function upstreamAlert(
  event: HubValue,
  mostAlertBytes: number,
): HubAlert | { readonly problem: string } {
  const decoded = decodeAlert(event);
  if ('problem' in decoded) return decoded;
  const uuid = uuidIn(mapIn(event).uuid) ?? crypto.randomUUID();
  const settings: ProcessingSettings = {
    customFields: {},
    customTags: [],
    templatedFields: {},
    bracketReplacer: '',
    outputFieldFormat: '',
    mostAlertBytes,
    newUuid: () => uuid,
    onTemplateTrouble: () => {},
  };
  const processed = processAlert(decoded, settings);
  return processed.kind === 'alert' ? processed.alert : { problem: processed.reason };
}

function filterFrom(filter: UpstreamFilter, nowMs: number): AlertFilter {
  const clause = (field: string, values: readonly string[]): WhereClause[] =>
    values.length === 0 ? [] : [{ field, values, isNegated: false }];
  return {
    fromNs:
      filter.sinceMs === undefined ? undefined : BigInt(Math.floor(nowMs - filter.sinceMs)) * 1_000_000n,
    text: filter.text,
    where: [
      ...clause('priority', filter.priorities),
      ...clause('rule', filter.rules),
      ...clause('source', filter.sources),
      ...clause('hostname', filter.hostnames),
      ...clause('tags', filter.tags),
    ],
  };
}

function mapIn(value: HubValue): Readonly<Record<string, HubValue>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof ExactNumber)
    return {};
  // None of the other kinds of objects: a map.
  return value as Readonly<Record<string, HubValue>>;
}

/** In lower case; anything else gets a new one. */
function uuidIn(uuid: HubValue | undefined): string | undefined {
  return typeof uuid === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)
    ? uuid.toLowerCase()
    : undefined;
}
