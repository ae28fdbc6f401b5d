import { eventRoster } from '@peregrine/events';
import { expect, test } from 'vitest';
import { type DropCounts, DropWatch } from './drop-watch.ts';

const settings = {
  threshold: 0.1,
  actions: ['log', 'alert'],
  rate: 0.5,
  max_burst: 1,
  simulate_drops: false,
} as const;

function codeOf(name: string): number {
  return eventRoster.findIndex((event) => event.name === name && event.direction === 'exit');
}

type ByName = Readonly<Record<string, number>>;
const byCode = (byName: ByName): ReadonlyMap<number, number> =>
  new Map(Object.entries(byName).map(([name, count]) => [codeOf(name), count]));

function counts(recordCount: number, dropped: ByName, limited: ByName = {}, busyCount = 0): DropCounts {
  return { recordCount, droppedByCode: byCode(dropped), limitedByCode: byCode(limited), busyCount };
}

test('losses beyond the threshold are acted on, with where they were', () => {
  const watch = new DropWatch(settings);
  const found = watch.look(1000, counts(100, { openat: 9, execve: 3, bind: 5 }, { openat: 3 }, 4));
  expect(found).toMatchObject({ actions: ['log', 'alert'], lostSinceLast: 20 });
  expect(found?.fields).toMatchObject({
    n_evts: '100',
    n_drops: '20',
    n_drops_buffer_total: '16',
    n_drops_buffer_open_exit: '12',
    n_drops_buffer_execve_exit: '3',
    n_drops_buffer_other_interest_exit: '5',
    n_drops_buffer_close_exit: '0',
    n_drops_scratch_map: '4',
    ebpf_enabled: '1',
  });
});

test('only what is lost since the last look counts, and a bucket holds actions back', () => {
  const watch = new DropWatch(settings);
  expect(watch.look(0, counts(100, { open: 10 }))).toBeUndefined();
  expect(watch.look(1000, counts(200, { open: 40 }))).toMatchObject({ lostSinceLast: 30 });
  expect(watch.look(2000, counts(300, { open: 80 }))).toBeUndefined();
  expect(watch.look(3000, counts(400, { open: 80 }))).toBeUndefined();
  expect(watch.look(4000, counts(500, { open: 120 }))).toMatchObject({ lostSinceLast: 40 });
});

test('ignoring, and trying it out', () => {
  expect(new DropWatch({ ...settings, actions: ['ignore'] }).look(0, counts(1, { open: 1 }))).toBeUndefined();
  expect(new DropWatch({ ...settings, simulate_drops: true }).look(0, counts(100, {}))).toMatchObject({
    lostSinceLast: 1,
  });
});

test('other settings do not count old losses again', () => {
  const watch = new DropWatch({ ...settings, actions: ['ignore'] });
  watch.look(0, counts(100, { open: 50 }));
  watch.settings = settings;
  expect(watch.look(1000, counts(200, { open: 50 }))).toBeUndefined();
  expect(watch.look(2000, counts(300, { open: 90 }))).toMatchObject({ lostSinceLast: 40 });
});

test('exit is one of the actions', () => {
  const watch = new DropWatch({ ...settings, actions: ['exit'] });
  expect(watch.look(0, counts(10, { open: 10 }))?.actions).toEqual(['exit']);
});
