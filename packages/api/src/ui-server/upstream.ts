/**
 * The interface of Falcosidekick-UI, `/api/v1`, so that sidekicks and scripts which know it need not change. COMPAT: paths,
 * parameters, answers and statuses are its own (falcosidekick-ui 2.2); texts in any script are taken, and bodies are bounded.
 */

export interface UpstreamFilter {
  readonly priorities: readonly string[];
  readonly rules: readonly string[];
  readonly sources: readonly string[];
  readonly hostnames: readonly string[];
  readonly tags: readonly string[];
  readonly text: string;
  readonly sinceMs: number | undefined;
}

/** What it asks of whoever has the alerts. */
export interface UpstreamPorts {
  /** `{"event": {...}, "outputs": [...]}`, as it came. Throws an `ApiError` for what is no event. */
  readonly addEvent: (json: string) => Promise<void>;
  readonly count: (filter: UpstreamFilter, signal: AbortSignal) => Promise<number>;
  readonly countBy: (
    filter: UpstreamFilter,
    by: string,
    signal: AbortSignal,
  ) => Promise<{
    readonly values: readonly { readonly value: string; readonly count: number }[];
    readonly total: number;
  }>;
  /** JSON of each event, newest first. */
  readonly search: (
    filter: UpstreamFilter,
    page: { readonly skip: number; readonly limit: number },
    signal: AbortSignal,
  ) => Promise<{ readonly events: readonly string[]; readonly total: number }>;
  readonly outputs: () => Promise<readonly string[]>;
  readonly configuration: () => Readonly<Record<string, unknown>>;
  readonly version: () => Readonly<Record<string, string>>;
}

const DIMENSIONS = ['priority', 'rule', 'source', 'tags', 'hostname'];
const DEFAULT_LIMIT = 100;
/** COMPAT: its own export asks for as many; there it is not bounded at all. */
const MOST_LIMIT = 10_000;
const MOST_SKIPPED = 1_000_000;

export interface UpstreamAnswer {
  readonly status: number;
  /** Whole, as text. */
  readonly json: string;
}

const units: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3_600,
  hour: 3_600,
  hours: 3_600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
  M: 2_592_000,
  month: 2_592_000,
  months: 2_592_000,
  y: 31_536_000,
  year: 31_536_000,
  years: 31_536_000,
};

/** `5min`, `24h`, `1W`, `90` (seconds): milliseconds. `undefined` for anything else. */
export function parseLongDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,9})([A-Za-z]*)$/.exec(text.trim()) ?? [];
  if (number === '') return undefined;
  // COMPAT: only of months and minutes the letter case counts; `W` is a week, as its help says.
  const seconds = unit === '' ? 1 : (units[unit] ?? units[unit.toLowerCase()]);
  return seconds === undefined ? undefined : Number(number) * seconds * 1_000;
}

const listOf = (query: URLSearchParams, name: string): readonly string[] => {
  const text = query.get(name) ?? '';
  return text === '' || text === 'null' ? [] : text.split(',').map((part) => part.trim());
};

function filterFrom(query: URLSearchParams): UpstreamFilter | undefined {
  const since = query.get('since') ?? '';
  const sinceMs = since === '' || since === 'null' ? undefined : parseLongDuration(since);
  if (since !== '' && since !== 'null' && sinceMs === undefined) return undefined;
  const text = query.get('filter') ?? '';
  return {
    priorities: listOf(query, 'priority'),
    rules: listOf(query, 'rule'),
    sources: listOf(query, 'source'),
    hostnames: listOf(query, 'hostname'),
    tags: listOf(query, 'tags'),
    text: text === 'null' ? '' : text,
    sinceMs,
  };
}

const badRequest = (message: string): UpstreamAnswer => ({ status: 400, json: JSON.stringify({ message }) });

/** `path`: what follows `/api/v1/`. `undefined`: there is no such path. */
export async function answerUpstream(
  path: readonly string[],
  query: URLSearchParams,
  ports: UpstreamPorts,
  signal: AbortSignal,
): Promise<UpstreamAnswer | undefined> {
  const isPretty = query.get('pretty') === 'true';
  const answer = (value: unknown): UpstreamAnswer => ({
    status: 200,
    json: JSON.stringify(value, undefined, isPretty ? 1 : 0),
  });
  const [first, second, third, ...more] = path;
  if (more.length > 0) return undefined;
  if (second === undefined) {
    switch (first) {
      case 'config':
      case 'configuration':
        return answer(ports.configuration());
      case 'version':
        return answer(ports.version());
      case 'outputs':
        return answer(await ports.outputs());
      default:
        return undefined;
    }
  }
  if (first !== 'events') return undefined;
  const filter = filterFrom(query);
  if (filter === undefined) return badRequest('`since` is no length of time, such as 5min, 24h or 1w');
  if (second === 'count' && third === undefined)
    return answer({ statistics: { all: await ports.count(filter, signal) } });
  if (second === 'count' && third !== undefined) {
    if (!DIMENSIONS.includes(third))
      return badRequest(`events are not counted by \`${third.slice(0, 100)}\``);
    const { values, total } = await ports.countBy(filter, third, signal);
    const results = Object.fromEntries(values.map(({ value, count }) => [value, count]));
    return answer({ results, statistics: { distincts: values.length, all: total } });
  }
  if (second !== 'search' || third !== undefined) return undefined;
  const limit = numberIn(query, 'limit', DEFAULT_LIMIT, MOST_LIMIT);
  const page = numberIn(query, 'page', 1, MOST_SKIPPED);
  const skip = Math.min(MOST_SKIPPED, Math.max(0, page - 1) * limit);
  const { events, total } = await ports.search(filter, { skip, limit }, signal);
  // Numbers keep their digits: the events are put in as they are.
  const results = `[${events.join(',')}]`;
  return {
    status: 200,
    json: `{"results":${results},"statistics":{"returned":${events.length},"all":${total}}}`,
  };
}

function numberIn(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = query.get(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Math.min(most, Number(text)) || fallback : fallback;
}
