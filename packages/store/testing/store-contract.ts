/** What every store must do, whatever keeps its alerts: run by the tests of each. */

import { exactNumber, type HubValue, priorities } from '@peregrine/alert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlertFilter, AlertStore, IncomingAlert, KeptAlert } from '../src/alert-store.ts';
import { FilterError } from '../src/alert-store.ts';
import { createMatcher } from '../src/match-alert.ts';
import { countsOf, isFound } from './plain-store.ts';
import { BASE_NS, type SampleParts, sampleAlert } from './sample.ts';

/** `open` gives an empty store, which is closed by whoever asked. */
export function describeStore(open: () => Promise<AlertStore>): void {
  async function withStore(work: (store: AlertStore) => Promise<void>): Promise<void> {
    const store = await open();
    try {
      await work(store);
    } finally {
      await store.close();
    }
  }
  const append = async (
    store: AlertStore,
    ...parts: readonly SampleParts[]
  ): Promise<readonly KeptAlert[]> => {
    const kept: KeptAlert[] = [];
    const stop = store.onAppend((alerts) => kept.push(...alerts));
    await store.append(parts.map((part) => ({ alert: sampleAlert(part) })));
    stop();
    return kept;
  };
  const at = (seconds: number): bigint => BASE_NS + BigInt(seconds) * 1_000_000_000n;

  test('an alert comes back as it was, by id and by uuid', () =>
    withStore(async (store) => {
      const fields = {
        'evt.time': 1_610_667_584_834_631_763n,
        exact: exactNumber('1.50e3'),
        list: ['a', 2, null],
        map: { x: true },
        'proc.tty': null,
        japanese: 'シェル 한국어 Übung \u0000 \u202e',
        'proc.name': 'sh',
      };
      const alert = sampleAlert({ fields, tags: ['a', 'b'], output: 'nul \u0000 and "quotes"\nlines' });
      await store.append([{ alert, mark: 'silence night' }]);
      const { alerts } = await store.search({}, { limit: 10 });
      expect(alerts).toHaveLength(1);
      expect(alerts[0]?.alert.json).toBe(alert.json);
      expect(alerts[0]).toMatchObject({ mark: 'silence night', state: 'new', assignee: undefined });
      const id = alerts[0]?.id ?? '';
      expect((await store.get(id))?.alert.json).toBe(alert.json);
      expect((await store.get(alert.uuid))?.id).toBe(id);
      expect(await store.get('nothing')).toBe(undefined);
      expect(await store.get(crypto.randomUUID())).toBe(undefined);
    }));

  test('pages are newest first, whatever the order of arrival, and go on where they ended', () =>
    withStore(async (store) => {
      await append(store, { timeNs: at(5) }, { timeNs: at(1) }, { timeNs: at(9) }, { timeNs: at(5) });
      await append(store, { timeNs: at(3) }, { timeNs: at(7) });
      const all = (await store.search({}, { limit: 100 })).alerts;
      expect(all.map(({ alert }) => alert.timeNs)).toEqual([9, 7, 5, 5, 3, 1].map(at));
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.search({}, { limit: 2, cursor });
        ids.push(...page.alerts.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(ids).toEqual(all.map(({ id }) => id));
      const oldest = await store.search({}, { limit: 2, isOldestFirst: true });
      expect(oldest.alerts.map(({ alert }) => alert.timeNs)).toEqual([1, 3].map(at));
      const skipped = await store.search({}, { limit: 2, offset: 2 });
      expect(skipped.alerts.map(({ id }) => id)).toEqual(ids.slice(2, 4));
      const order = await store.since(undefined, 100);
      expect(order.map(({ alert }) => alert.timeNs)).toEqual([5, 1, 9, 5, 3, 7].map(at));
      const rest = await store.since(order[3]?.id, 100);
      expect(rest.map(({ id }) => id)).toEqual(order.slice(4).map(({ id }) => id));
      expect(await store.latestId()).toBe(order.at(-1)?.id);
    }));

  test('places in journals are kept with the alerts', () =>
    withStore(async (store) => {
      expect(await store.placeIn('journal')).toBe(undefined);
      await store.append([{ alert: sampleAlert() }], { feed: 'journal', seq: 17 });
      await store.append([], { feed: 'other', seq: 2 });
      expect([await store.placeIn('journal'), await store.placeIn('other')]).toEqual([17, 2]);
    }));

  test('a condition that cannot be understood is refused', () =>
    withStore(async (store) => {
      await expect(store.search({ condition: 'rule = (' }, { limit: 1 })).rejects.toThrow(FilterError);
      await expect(store.count({ condition: 'nonsense' })).rejects.toThrow(/nonsense/);
    }));

  test('alerts of a rule and a workload are one incident while they follow each other', () =>
    withStore(async (store) => {
      const web = (pod: string) => ({ 'k8s.ns.name': 'shop', 'k8s.pod.name': pod });
      const kept = await append(
        store,
        { timeNs: at(0), fields: web('web-5d4f8c7b9-x2x4z') },
        { timeNs: at(60), fields: web('web-5d4f8c7b9-aaaaa'), priority: 'Critical', output: 'the latest' },
        { timeNs: at(60), fields: web('db-0') },
        { timeNs: at(60), fields: web('web-5d4f8c7b9-x2x4z'), rule: 'Other' },
        { timeNs: at(200_000), fields: web('web-5d4f8c7b9-x2x4z') },
      );
      const ids = kept.map(({ incidentId }) => incidentId);
      expect(ids[0]).toBe(ids[1]);
      expect(new Set(ids).size).toBe(4);
      expect(await store.incident(ids[0] ?? '')).toMatchObject({
        rule: 'Sample',
        workload: 'web in shop',
        priority: 'Critical',
        count: 2,
        firstNs: at(0),
        lastNs: at(60),
        state: 'new',
        output: 'the latest',
      });
      const { incidents, next } = await store.incidents({ order: 'urgent' }, { limit: 3 });
      expect(incidents[0]?.id).toBe(ids[0]);
      const rest = await store.incidents({ order: 'urgent' }, { limit: 3, cursor: next });
      expect(new Set([...incidents, ...rest.incidents].map(({ id }) => id))).toEqual(new Set(ids));
      expect((await store.incidents({ rule: 'Other' }, { limit: 9 })).incidents).toHaveLength(1);
      expect((await store.incidents({ text: 'LATEST' }, { limit: 9 })).incidents).toHaveLength(1);
      expect((await store.incidents({ minimumPriority: 'Critical' }, { limit: 9 })).incidents).toHaveLength(
        1,
      );
    }));

  test('incidents are counted by priority, with the latest of each and those that nobody looks after', () =>
    withStore(async (store) => {
      const kept = await append(
        store,
        { timeNs: at(0), rule: 'A', priority: 'Critical' },
        { timeNs: at(3), rule: 'B', priority: 'Critical' },
        { timeNs: at(1), rule: 'C' },
        { timeNs: at(2), rule: 'D' },
      );
      const incidentOf = (i: number): string => kept[i]?.incidentId ?? '';
      await store.triage({ kind: 'incidents', ids: [incidentOf(1)] }, { assignee: 'ann' });
      await store.triage({ kind: 'incidents', ids: [incidentOf(3)] }, { state: 'closed' });
      // More of what was written already: it is another priority now.
      await append(store, { timeNs: at(4), rule: 'A', priority: 'Alert' });
      const counts = await store.incidentCounts({ states: ['new', 'investigating'] });
      expect(counts).toMatchObject([
        { priority: 'Alert', count: 1, unassignedCount: 1, latest: { id: incidentOf(0), count: 2 } },
        { priority: 'Critical', count: 1, unassignedCount: 0, latest: { id: incidentOf(1) } },
        { priority: 'Notice', count: 1, unassignedCount: 1, latest: { id: incidentOf(2) } },
      ]);
      const ofPriority = await store.incidents({ priority: 'Critical' }, { limit: 9 });
      expect(ofPriority.incidents.map(({ id }) => id)).toEqual([incidentOf(1)]);
      expect(await store.incidentCounts({ assignee: '', minimumPriority: 'Critical' })).toMatchObject([
        { priority: 'Alert', count: 1 },
      ]);
    }));

  test('triage of incidents and of single alerts', () =>
    withStore(async (store) => {
      const [first, second, other] = await append(
        store,
        { timeNs: at(0) },
        { timeNs: at(1) },
        { timeNs: at(2), rule: 'Other' },
      );
      const incident = first?.incidentId ?? '';
      expect(
        await store.triage(
          { kind: 'incidents', ids: [incident, 'none'] },
          { state: 'investigating', assignee: 'ann' },
        ),
      ).toBe(1);
      expect(await store.get(second?.id ?? '')).toMatchObject({ state: 'investigating', assignee: 'ann' });
      expect(await store.triage({ kind: 'alerts', ids: [second?.id ?? ''] }, { state: 'expected' })).toBe(1);
      expect(await store.get(second?.id ?? '')).toMatchObject({ state: 'expected', assignee: 'ann' });
      const found = async (filter: AlertFilter) =>
        (await store.search(filter, { limit: 9 })).alerts.map(({ id }) => id);
      expect(
        await found({ where: [{ field: 'state', values: ['investigating'], isNegated: false }] }),
      ).toEqual([first?.id]);
      expect(await found({ condition: 'state = expected or assignee != ann' })).toEqual([second?.id]);
      expect(await found({ where: [{ field: 'assignee', values: [''], isNegated: false }] })).toEqual([
        other?.id,
      ]);
      expect((await store.countBy({}, 'state', 9)).values.map(({ value }) => value).sort()).toEqual([
        'expected',
        'investigating',
        'new',
      ]);
      await store.triage(
        { kind: 'filter', filter: { condition: 'rule = Other' } },
        { state: 'closed', assignee: null },
      );
      expect((await store.incident(other?.incidentId ?? ''))?.state).toBe('closed');
      const [again, still] = await append(store, { timeNs: at(3), rule: 'Other' }, { timeNs: at(3) });
      expect(again?.incidentId).not.toBe(other?.incidentId);
      expect(still).toMatchObject({ incidentId: incident, state: 'investigating' });
      expect(
        (await store.incidents({ states: ['investigating'], assignee: 'ann' }, { limit: 9 })).incidents,
      ).toHaveLength(1);
    }));

  test('stories, and what comes after', () =>
    withStore(async (store) => {
      const story = { key: 'k1', ancestors: [], siblings: [], children: [], before: [], after: [] };
      const event = { timeNs: '5', type: 'execve', pid: 3, processName: 'sh', text: 'ran sh' };
      await store.append([{ alert: sampleAlert(), story }, { alert: sampleAlert() }]);
      const [first, second] = await store.since(undefined, 2);
      await store.continueStory('k1', [event]);
      await store.continueStory('k2', [event]);
      expect(await store.story(first?.id ?? '')).toEqual({ ...story, after: [event] });
      expect(await store.story(second?.id ?? '')).toBe(undefined);
    }));

  test('names of fields, and facts', () =>
    withStore(async (store) => {
      await append(store, { fields: { a: 1, b: null } }, { fields: { a: 2, c: 'x' }, timeNs: at(9) });
      expect(await store.fieldNames(9)).toEqual([
        { name: 'a', count: 2 },
        { name: 'c', count: 1 },
      ]);
      expect(await store.facts()).toMatchObject({ alertCount: 2, oldestNs: BASE_NS, newestNs: at(9) });
    }));

  test('what is too old is no longer found', () =>
    withStore(async (store) => {
      await append(store, { timeNs: at(0) }, { timeNs: at(100) });
      const nowMs = Number(at(110) / 1_000_000n);
      await store.retain({ maxAgeMs: 50_000, maxCount: 0, maxBytes: 0 }, nowMs);
      expect((await store.search({}, { limit: 9 })).alerts.map(({ alert }) => alert.timeNs)).toEqual([
        at(100),
      ]);
      expect(await store.count({})).toBe(1);
    }));

  test('records: all of a transaction, or nothing', () =>
    withStore(async ({ records }) => {
      await records.run('CREATE TABLE things (name TEXT PRIMARY KEY, number BIGINT)');
      await records.run('INSERT INTO things VALUES ($1, $2)', ["o'hara; --", 9_007_199_254_740_993n]);
      await expect(
        records.transaction(async (session) => {
          await session.run('INSERT INTO things VALUES ($1, $2)', ['b', 1]);
          await session.run('INSERT INTO things VALUES ($1, $2)', ['b', 1]);
        }),
      ).rejects.toThrow();
      expect(await records.all('SELECT * FROM things')).toEqual([
        { name: "o'hara; --", number: 9_007_199_254_740_993n },
      ]);
    }));

  const word = fc.constantFrom(
    'sh',
    'bash',
    'Shadow',
    'üBER',
    '漢字',
    '/etc/shadow',
    'a b',
    '"',
    '\u0000',
    '',
  );
  const value: fc.Arbitrary<HubValue> = fc.oneof(
    word,
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(null, true, 12_345_678_901_234_567_890n),
    fc.array(word, { maxLength: 2 }),
  );
  const parts: fc.Arbitrary<SampleParts> = fc.record({
    rule: fc.constantFrom('Read', 'Ran a shell', 'シェル'),
    priority: fc.constantFrom(...priorities),
    source: fc.constantFrom('syscall', 'k8s_audit'),
    hostname: fc.constantFrom('', 'node-1', 'node-2'),
    tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
    output: fc
      .array(word, { maxLength: 4 })
      .map((words) => `10:00:00.5: Notice Ran ${words.join(' ')} here (a=b)`),
    timeNs: fc.integer({ min: 0, max: 20 }).map((seconds) => BASE_NS + BigInt(seconds) * 600_000_000_000n),
    fields: fc.dictionary(fc.constantFrom('proc.name', 'proc.pid', 'fd.name', 'list'), value, { maxKeys: 4 }),
  });
  const test1 = fc.constantFrom(
    'rule = Read',
    'priority >= error',
    'rule contains shell',
    'tags in (a, c)',
    'proc.name = sh',
    'proc.pid > 0',
    'proc.name in (bash, sh)',
    'fd.name startswith /etc',
    'proc.name exists',
    'output contains Shadow',
    'hostname = node-2',
    'proc.name = fd.name',
    'fd.name icontains SHADOW',
    'state = new',
    'output_fields.list = sh',
    'proc.name regex "^s.*"',
    'proc.name glob "*sh"',
    'proc.name endswith sh',
    'proc.name != sh',
    'proc.name icontains "漢"',
    'proc.pid in (1, -2)',
    'proc.pid != 2',
    'proc.pid exists',
    'proc.pid > 1234567890123456789',
    'fd.name = "\\\\"',
    'rule in (Read, "シェル")',
    'rule startswith R',
    'output endswith "here (a=b)"',
    'output icontains "ÜBER"',
    'tags contains a',
    'tags != a',
    'source != syscall',
    'priority in (error, warning)',
    'hostname exists',
    'assignee exists',
    'incident in (1, 4)',
    'output_fields.list in (sh, bash)',
  );
  const condition = test1.chain((text) => fc.constantFrom('', text, `not ${text}`));
  const filter: fc.Arbitrary<AlertFilter> = fc.record(
    {
      fromNs: fc.integer({ min: 0, max: 20 }).map((seconds) => BASE_NS + BigInt(seconds) * 600_000_000_000n),
      toNs: fc.integer({ min: 0, max: 20 }).map((seconds) => BASE_NS + BigInt(seconds) * 600_000_000_000n),
      condition: fc.tuple(condition, condition, fc.constantFrom('and', 'or')).map(([a, b, operator]) => {
        const terms = [a, b].filter((text) => text !== '').map((text) => `(${text})`);
        return terms.join(` ${operator} `);
      }),
      text: fc.constantFrom(
        '',
        'SH',
        'shadow',
        'a b',
        'ran ',
        '漢',
        'über',
        ' ',
        'read',
        '"',
        '-1',
        'ran sh here',
        'notice',
        'a=b)',
        '10:00',
      ),
      where: fc.array(
        fc.record({
          field: fc.constantFrom(
            'rule',
            'priority',
            'tags',
            'proc.name',
            'list',
            'hostname',
            'state',
            'proc.pid',
          ),
          values: fc.array(fc.constantFrom('', 'Read', 'a', 'sh', 'node-1', 'new', '1', 'Error'), {
            maxLength: 2,
          }),
          isNegated: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  );

  test('whatever is in an alert, it is taken, and comes back as it was', () =>
    withStore(async (store) => {
      const text = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          '\u0000',
          '\\u0000',
          '\ufffe',
          '\uffff',
          '\ud800',
          '\udc00x',
          'x'.repeat(9_000),
          '{}',
          '#a',
        ),
      );
      const values: fc.Arbitrary<HubValue> = fc.oneof(
        text,
        fc.bigInt(),
        fc.double(),
        fc.constantFrom(10n ** 3_000n, exactNumber('1e400000'), true, null),
        fc.array(text, { maxLength: 3 }),
        fc.dictionary(text, text, { maxKeys: 2 }),
      );
      const names = fc.oneof(text, fc.constantFrom('proc.pid', 'fd.sport', 'evt.time', 'proc.aname[2]'));
      const hostile: fc.Arbitrary<SampleParts> = fc.record({
        ...{ rule: text, source: text, hostname: text, output: text },
        tags: fc.array(text, { maxLength: 3 }),
        fields: fc.dictionary(names, values, { maxKeys: 6 }),
      });
      let count = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 8 }), async (more) => {
          const alerts = more.map((part) => sampleAlert(part));
          const story = {
            key: `${more[0]?.output}`,
            ancestors: [],
            siblings: [],
            children: [],
            before: [],
            after: [],
          };
          const mark = `silence ${more[0]?.rule}`.toWellFormed();
          await store.append(alerts.map((alert) => ({ alert, story, mark })));
          count += alerts.length;
          for (const alert of alerts)
            expect((await store.get(alert.uuid))?.alert.json).toBe(alert.json.toWellFormed());
          expect(await store.count({})).toBe(count);
        }),
        { numRuns: 40 },
      );
      await store.fieldNames(100);
      await store.incidents({}, { limit: 100 });
      await store.countBy({}, 'proc.pid', 100);
    }));

  test('finds, counts and groups exactly what the plain reading of a filter says', () =>
    withStore(async (store) => {
      const plain: KeptAlert[] = [];
      store.onAppend((alerts) => plain.push(...alerts));
      await fc.assert(
        fc.asyncProperty(
          fc.array(parts, { maxLength: 12 }),
          fc.array(filter, { minLength: 1, maxLength: 4 }),
          async (more, filters) => {
            await store.append(more.map((part): IncomingAlert => ({ alert: sampleAlert(part) })));
            for (const asked of filters) {
              const matches = createMatcher(asked);
              expect(plain.filter((kept) => matches(kept))).toEqual(
                plain.filter((kept) => isFound(kept, asked)),
              );
              const wanted = plain.filter((kept) => isFound(kept, asked));
              const found = await store.search(asked, { limit: 10_000 });
              expect(new Set(found.alerts.map(({ alert }) => alert.uuid))).toEqual(
                new Set(wanted.map(({ alert }) => alert.uuid)),
              );
              expect(await store.count(asked)).toBe(wanted.length);
              for (const by of ['rule', 'tags', 'list', 'state', 'proc.name']) {
                const counts = await store.countBy(asked, by, 1_000);
                expect(counts.values).toEqual(countsOf(wanted, by));
                expect(counts.total).toBe(wanted.length);
              }
              const toNs = BASE_NS + 20n * 600_000_000_000n + 1n;
              const timeline = await store.timeline(asked, {
                fromNs: BASE_NS,
                toNs,
                bucketCount: 7,
                by: 'priority',
                mostSeries: 3,
              });
              const sum = timeline.series
                .flatMap(({ counts }) => counts)
                .reduce((total, count) => total + count, 0);
              expect(sum).toBe(wanted.length);
            }
          },
        ),
        { numRuns: 60 },
      );
    }));
}
