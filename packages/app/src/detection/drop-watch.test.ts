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

function counts(events: number, lost: number, byName: Readonly<Record<string, number>> = {}): DropCounts {
  const codes = Object.entries(byName).map(([name, count]): [number, number] => [
    eventRoster.findIndex((event) => event.name === name && event.direction === 'exit'),
    count,
  ]);
  return { events, lost, lostByCode: new Map(codes) };
}

test('losses beyond the threshold are acted on, with where they were', () => {
  const watch = new DropWatch(settings);
  const found = watch.look(1000, counts(100, 20, { openat: 12, execve: 3, bind: 1 }));
  expect(found).toMatchObject({ actions: ['log', 'alert'], lostSinceLast: 20 });
  expect(found?.fields).toMatchObject({
    n_evts: '100',
    n_drops: '20',
    n_drops_buffer_total: '16',
    n_drops_buffer_open_exit: '12',
    n_drops_buffer_execve_exit: '3',
    n_drops_buffer_other_interest_exit: '1',
    n_drops_buffer_close_exit: '0',
    n_drops_scratch_map: '4',
    ebpf_enabled: '1',
  });
});

test('only what is lost since the last look counts, and a bucket holds actions back', () => {
  const watch = new DropWatch(settings);
  expect(watch.look(0, counts(100, 10))).toBeUndefined();
  expect(watch.look(1000, counts(200, 40))).toMatchObject({ lostSinceLast: 30 });
  expect(watch.look(2000, counts(300, 80))).toBeUndefined();
  expect(watch.look(3000, counts(400, 80))).toBeUndefined();
  expect(watch.look(4000, counts(500, 120))).toMatchObject({ lostSinceLast: 40 });
});

test('ignoring, and trying it out', () => {
  expect(new DropWatch({ ...settings, actions: ['ignore'] }).look(0, counts(1, 1))).toBeUndefined();
  expect(new DropWatch({ ...settings, simulate_drops: true }).look(0, counts(100, 0))).toMatchObject({
    lostSinceLast: 1,
  });
});
