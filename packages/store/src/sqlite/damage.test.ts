/** What the store makes of a file that is damaged: it tells, and what it gives is what was put in. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BASE_NS, numberedAlert } from '../../testing/sample.ts';
import { type CountsPart, joinCounts, joinTimelines, type TimelinePart } from '../join-parts.ts';
import { Engine } from './engine.ts';
import type { SharedQuestion } from './messages.ts';
import { faultOf } from './open-database.ts';
import { salvageAlerts } from './salvage.ts';
import { nextTurn } from './turns.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-damage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COUNT = 900;
const whole = join(folder, 'whole.db');
const texts = new Map(Array.from({ length: COUNT }, (_, i) => [i, numberedAlert(i).json]));
const story = (key: string) => ({
  ...{ key, ancestors: [], siblings: [], children: [], before: [], after: [] },
});

function open(path: string, troubles: string[]): Engine {
  return Engine.open({
    path,
    incidentGapMs: 3_600_000,
    cacheBytes: 100_000,
    segmentRows: 200,
    recentIncidents: 12,
    onTrouble: (text) => troubles.push(text),
  });
}

beforeAll(async () => {
  const engine = open(whole, []);
  for (let at = 0; at < COUNT; at += 30) {
    const bodies = Array.from({ length: 30 }, (_, i) => ({
      json: texts.get(at + i) ?? '',
      mark: i === 7 ? 'silence night' : undefined,
      story: i === 0 ? story(`story ${at}`) : undefined,
    }));
    await engine.append(bodies, { feed: 'numbers', seq: at + 30 });
    await nextTurn();
  }
  await engine.caughtUp();
  await engine.triage({ kind: 'alerts', ids: ['5', '6'] }, { state: 'expected' }, nextTurn);
  const [incident] = engine.incidents({}, { limit: 1 }).incidents;
  await engine.triage(
    { kind: 'incidents', ids: [incident?.id ?? ''] },
    { state: 'closed', assignee: 'ann' },
    nextTurn,
  );
  await engine.close();
});

interface Answers {
  readonly jsons: ReadonlyMap<string, string>;
  readonly count: number;
  readonly byRule: unknown;
  readonly byState: unknown;
  readonly bySecond: unknown;
  readonly found: number;
  readonly place: unknown;
  readonly incidents: unknown;
  readonly fields: unknown;
  readonly story: unknown;
}

/** Throws a `Fault` when it cannot be read at all. */
async function answersOf(path: string, troubles: string[]): Promise<Answers> {
  const asked = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw faultOf(error, path);
    }
  };
  const engine = asked(() => open(path, troubles));
  /** Its answer has the type that the question has. */
  const answer = async <T>(question: SharedQuestion): Promise<T> => {
    try {
      return (await engine.answer(question, 0, nextTurn)) as T;
    } catch (error) {
      throw faultOf(error, path);
    }
  };
  const by = async (dimension: string) =>
    joinCounts([await answer<CountsPart>({ kind: 'countBy', filter: {}, by: dimension })], 10);
  try {
    const request = { fromNs: BASE_NS, toNs: BASE_NS + 1_000_000_000n, bucketCount: 7, by: 'hostname' };
    return {
      jsons: new Map(asked(() => engine.since(undefined, 10_000)).map(({ id, json }) => [id, json])),
      count: await answer({ kind: 'count', filter: {} }),
      byRule: await by('rule'),
      byState: await by('state'),
      bySecond: joinTimelines(
        [await answer<TimelinePart>({ kind: 'timeline', filter: { text: 'curl' }, request })],
        request,
      ),
      found: await answer({
        kind: 'count',
        filter: { text: 'number 77 was', condition: 'proc.name = cat' },
      }),
      place: asked(() => engine.placeIn('numbers')),
      incidents: asked(() => engine.incidents({}, { limit: 100 })),
      fields: asked(() => engine.fieldNames(10)),
      story: asked(() => engine.story('1')),
    };
  } finally {
    await engine.close().catch(() => {});
  }
}

test('bytes that changed are told of, or change no answer', { timeout: 120_000 }, async () => {
  const right = await answersOf(whole, []);
  expect([right.jsons.size, right.count, right.place]).toEqual([COUNT, COUNT, COUNT]);
  const bytes = readFileSync(whole);
  let tells = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.option(fc.nat(bytes.length - 1)),
      async (flips, end) => {
        const damaged = Buffer.from(bytes);
        for (const [at, by] of flips) damaged[at] = (damaged[at] ?? 0) ^ by;
        const path = join(folder, 'damaged.db');
        for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true });
        writeFileSync(path, end === null ? damaged : damaged.subarray(0, end));
        const troubles: string[] = [];
        try {
          const answers = await answersOf(path, troubles);
          for (const [id, json] of answers.jsons) expect(json).toBe(right.jsons.get(id));
          expect(answers.count).toBeLessThanOrEqual(COUNT);
          if (troubles.length === 0) expect(answers).toEqual(right);
          else tells++;
          for (const text of troubles) expect(text).toMatch(/damaged/);
        } catch (error) {
          // An empty file is an empty store.
          if (end === 0) return;
          expect(error).toBeInstanceOf(Fault);
          if (!(error instanceof Fault)) return;
          expect(error.code).toMatch(/^store-(?:damaged|schema)$/);
          expect(error.hint).toContain('export');
          refusals++;
        }
        try {
          const salvage = salvageAlerts(path);
          for (const part of salvage.alerts)
            for (const { id, alert } of part) expect(alert.json).toBe(right.jsons.get(id));
          salvage.close();
        } catch (error) {
          expect(error).toMatchObject({ code: 'store-damaged' });
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(tells).toBeGreaterThan(0);
  expect(refusals).toBeGreaterThan(0);
});

test('alerts of a store that cannot be opened are saved, those that are well', () => {
  const path = join(folder, 'salvaged.db');
  const bytes = readFileSync(whole);
  writeFileSync(path, bytes);
  const salvage = salvageAlerts(path);
  const numbers = [...salvage.alerts].flat().map(({ alert }) => alert.fields.number);
  expect(numbers).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  expect(salvage.damagedCount).toBe(0);
  salvage.close();
  // Every third page of the second half.
  const size = 8_192;
  for (let page = Math.floor(bytes.length / size / 2); page * size < bytes.length; page += 3)
    bytes.fill(0xa5, page * size, page * size + 100);
  writeFileSync(path, bytes);
  const rest = salvageAlerts(path);
  const found = [...rest.alerts].flat();
  expect(found.length).toBeGreaterThan(0);
  for (const { alert } of found) expect(alert.json).toBe(texts.get(Number(alert.fields.number)));
  rest.close();
});
