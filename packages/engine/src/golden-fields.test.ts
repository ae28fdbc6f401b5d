/**
 * What fields give for recorded events, compared value by value with what the reference gave. Every difference must be
 * of a kind that is listed here and explained in `docs/compatibility.md`.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { eventTypeOf } from '@peregrine/events';
import { createSyscallSource } from '@peregrine/fields';
import { type BoundField, type JsonValue, renderJson } from '@peregrine/lang';
import { openCapture } from '@peregrine/sources';
import { type EventContext, StateEngine } from '@peregrine/state';
import { describe, expect, test } from 'vitest';

type Wanted = ReadonlyMap<string, JsonValue>;

interface Difference {
  readonly field: string;
  readonly event: EventContext;
  readonly wanted: JsonValue;
  readonly got: JsonValue;
}

interface KnownDifference {
  readonly why: string;
  readonly covers: (difference: Difference) => boolean;
}

const AT_FDCWD = -100n;
/** Runs of the reference that share their captures with everybody, and those that only some machines have. */
const ownCaptures = ['host/host.scap.gz', 'container/container.scap.gz'];
const olderCaptures = [
  'curl_google/curl_google.scap',
  'single_ipv6_conn/single_ipv6_conn.scap',
  'test_ipv6_client/test_ipv6_client.scap',
];
const LEAST_PERCENT = 99.5;

/** A path that is relative to a directory fd: rendering it makes the reference take the directory for the event's fd. */
function hasPathBelowFd({ view }: EventContext): boolean {
  const params = eventTypeOf(view.code)?.params ?? [];
  return params.some(
    (param, index) =>
      param.dirfdParamIndex !== undefined &&
      view.bigI64(param.dirfdParamIndex) !== AT_FDCWD &&
      view.text(index)?.startsWith('/') === false,
  );
}

const knownDifferences: readonly KnownDifference[] = [
  {
    why: 'the reference shows what its memory held before behind the text',
    covers: ({ field, event, wanted, got }) =>
      field === 'evt.buffer' &&
      ['ptrace', 'sendto'].includes(event.type.name) &&
      typeof wanted === 'string' &&
      wanted.startsWith(typeof got === 'string' ? got : 'NULL'),
  },
  {
    why: 'the reference shows the directory in place of the file below it',
    covers: ({ field, event }) =>
      (field.startsWith('fd.') || field === 'fs.path.name') && hasPathBelowFd(event),
  },
  {
    why: 'the reference leaves two slashes where the directory is the root',
    covers: ({ field, wanted, got }) => field === 'evt.abspath' && wanted === `/${got}`,
  },
  {
    why: 'the reference looks for a directory fd that the call does not have',
    covers: ({ field, event, wanted }) =>
      field === 'fs.path.target' &&
      event.type.name === 'symlinkat' &&
      typeof wanted === 'string' &&
      wanted.startsWith('<UNKNOWN>'),
  },
  {
    why: 'the reference attaches threads that begin in a pid namespace to another process',
    covers: ({ field, event: { thread } }) =>
      /^proc\.(sid|sname|is_sid_leader|std(in|out|err))/.test(field) &&
      thread?.isInPidNamespace === true &&
      thread.tid !== thread.pid,
  },
  {
    why: 'the reference keeps an address that the socket no longer has',
    covers: ({ field, event }) =>
      /^(fd\.[cl]ip|fd\.(container)?name|fd\.is_server|evt\.(args|info))$/.test(field) &&
      event.type.name === 'sendto' &&
      event.fd?.name.startsWith(':::0->') === true,
  },
];

function parseExact(line: string): Wanted {
  const values: unknown = JSON.parse(line, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value,
  );
  return new Map(Object.entries(values as Record<string, JsonValue>)); // Lines are objects of JSON values.
}

/** Order within lists means nothing to `in` and `intersects`. */
function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

const source = createSyscallSource();

function bind(text: string): BoundField<EventContext> {
  const [, name = '', argument] = /^([^[]*)(?:\[(.*)\])?$/.exec(text) ?? [];
  const resolution = source.resolve(name, argument);
  if (resolution.kind !== 'field') throw new Error(`${text}: ${resolution.kind}`);
  return resolution.field;
}

interface Comparison {
  readonly events: number;
  readonly wantedEvents: number;
  readonly values: number;
  readonly unexplained: readonly string[];
  readonly differences: ReadonlyMap<string, number>;
}

function compare(capture: URL): Comparison {
  const lines = gunzipSync(readFileSync(new URL('fields.jsonl.gz', capture)))
    .toString()
    .trim()
    .split('\n');
  const wantedByNum = new Map(lines.map(parseExact).map((wanted) => [wanted.get('evt.num'), wanted]));
  const [first] = wantedByNum.values();
  const fields = [...(first?.keys() ?? [])].map((text) => [text, bind(text)] as const);
  const state = new StateEngine();
  const input = openCapture(fileURLToPath(capture));
  const unexplained: string[] = [];
  const differences = new Map<string, number>();
  let events = 0;
  const check = (event: EventContext): void => {
    const wanted = wantedByNum.get(event.num);
    if (wanted === undefined) return;
    events++;
    for (const [field, bound] of fields) {
      const want = wanted.get(field) ?? null;
      const got = renderJson(bound, event);
      if (canonical(got) === canonical(want)) continue;
      const known = knownDifferences.find(({ covers }) => covers({ field, event, wanted: want, got }));
      const text = `event ${event.num} ${event.type.name}: ${field} is ${canonical(got)}, not ${canonical(want)}`;
      if (known === undefined) unexplained.push(text);
      else differences.set(known.why, (differences.get(known.why) ?? 0) + 1);
    }
  };
  try {
    while (
      input.poll(
        state.sink,
        (view) => {
          const event = state.apply(view);
          if (event !== undefined) check(event);
        },
        10_000,
      ) !== 'end'
    );
  } finally {
    input.close();
  }
  return { events, wantedEvents: wantedByNum.size, values: events * fields.length, unexplained, differences };
}

function expectAgreement({ events, wantedEvents, values, unexplained, differences }: Comparison): void {
  expect(unexplained.slice(0, 20)).toEqual([]);
  expect(events).toBe(wantedEvents);
  let differing = 0;
  // A count of reads says nothing of how well values agree.
  for (const [why, count] of differences) if (!why.startsWith('counts reads')) differing += count;
  expect(100 * (1 - differing / values)).toBeGreaterThan(LEAST_PERCENT);
}

describe('fields of recorded events', () => {
  test.each(ownCaptures)('%s', (name) => {
    expectAgreement(compare(new URL(`../../../corpora/captures/${name}`, import.meta.url)));
  });

  describe.each(olderCaptures)('%s', (name) => {
    const capture = new URL(`../../../../shared/golden/${name}`, import.meta.url);
    test.skipIf(!existsSync(capture))('as the reference has them', () => {
      expectAgreement(compare(capture));
    });
  });
});
