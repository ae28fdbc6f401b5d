/** Containers that come and go live: who is told of them, and when they leave the tables. */

import { type EventInput, type EventView, encodeView as encode, TextInterner } from '@peregrine/events';
import { expect, test } from 'vitest';
import { record } from '../testing/records.ts';
import { containerEvent, keepEvent, StateEngine, type StateOptions } from './index.ts';

const CLOSE = 5;
const PROCEXIT = 186;
const ID = '5892b41bcf46aa4d5f2b7b1f8d3a9c0e6d7f8a9b0c1d2e3f405162738495a6b7';
const inside = { cgroups: `memory=/docker/${ID}\0`, vtid: 1, vpid: 1 };

const interner = new TextInterner();
const encodeView = (event: EventInput): EventView => encode(event, interner);

interface Told {
  readonly state: StateEngine;
  readonly met: string[];
  readonly ended: string[];
  exit(tid: number): void;
}

function engine(options: StateOptions = {}): Told {
  const met: string[] = [];
  const ended: string[] = [];
  const state = new StateEngine({
    ...options,
    onContainer: ({ fullId, type, metadata }) => met.push(`${type} ${fullId} ${metadata}`),
    onContainerEnd: (id) => ended.push(id),
  });
  const exit = (tid: number): void => {
    state.apply(encodeView({ code: PROCEXIT, tid, params: [0n, 0n, 0, 0, 0n] }));
  };
  return { state, met, ended, exit };
}

test('a container is told of once, when its first process is met', () => {
  const { state, met } = engine();
  state.sink.process({ ...record(10), ...inside });
  state.sink.process({ ...record(11), ...inside, vtid: 2, vpid: 2 });
  expect(met).toEqual([]);
  state.sink.settle();
  expect(met).toEqual([`docker ${ID} undefined`]);
  expect([...state.tables.containers()].map(({ id }) => id)).toEqual([ID.slice(0, 12)]);
});

test('its end is that of the first process of its pid namespace', () => {
  const { state, ended, exit } = engine();
  state.sink.process({ ...record(10), ...inside });
  state.sink.process({ ...record(11), ...inside, vtid: 2, vpid: 2 });
  state.sink.process({ ...record(1) });
  state.sink.settle();
  exit(11);
  exit(1);
  expect(ended).toEqual([]);
  exit(10);
  expect(ended).toEqual([ID.slice(0, 12)]);
});

test('one that no thread is in any more is found the second time', () => {
  const { state, exit } = engine();
  state.sink.process({ ...record(11), ...inside, vtid: 2, vpid: 2 });
  state.sink.settle();
  const id = ID.slice(0, 12);
  expect(state.isInhabited(id)).toBe(true);
  const found = (): readonly string[] => state.abandonedContainers().map(({ id }) => id);
  expect([found(), found()]).toEqual([[], []]);
  exit(11);
  state.apply(encodeView({ code: CLOSE, tid: 5, params: [0n, 1n] }));
  expect(state.isInhabited(id)).toBe(false);
  expect([found(), found()]).toEqual([[], [id]]);
});

test('an event that tells of a container carries it, also when it goes', () => {
  const { state } = engine();
  const container = { id: 'a', fullId: 'abc', type: 'podman', startNs: 0, metadata: undefined };
  const tell = (change: 'added' | 'removed') =>
    state.apply(encodeView(containerEvent(container, change, 1n)));
  expect(tell('added')?.container).toMatchObject({ id: 'a', type: 'podman' });
  expect(state.tables.container('a')).toBeDefined();
  expect(tell('removed')?.container).toMatchObject({ id: 'a', type: 'podman' });
  expect(state.tables.container('a')).toBeUndefined();
});

test('10,000 containers that come and go leave nothing behind', () => {
  const removed: string[] = [];
  const { state, exit } = engine({ limits: { containers: 100 } });
  const ended = (id: string): void => {
    const container = state.tables.container(id);
    if (container !== undefined) state.apply(encodeView(containerEvent(container, 'removed', 1n)));
    removed.push(id);
  };
  for (let i = 0; i < 10_000; i++) {
    const id = i.toString(16).padStart(64, 'a');
    const cgroups = `memory=/docker/${id.slice(52)}${id.slice(12)}\0`;
    state.sink.process({ ...record(100 + i), ...inside, cgroups });
    if (i === 0) state.sink.settle();
    exit(100 + i);
    ended(id.slice(52));
  }
  expect([...state.tables.containers()]).toEqual([]);
  expect(state.counters.n_drops_full_containertable).toBe(0);
  expect(removed).toHaveLength(10_000);
});

test('an event that is kept stays as it was', () => {
  const { state } = engine();
  state.sink.process({ ...record(10), ...inside, comm: 'first' });
  state.sink.settle();
  const view = encodeView({ code: CLOSE, tid: 10, timestampNs: 7n, params: [0n, 3n] });
  const event = state.apply(view);
  if (event === undefined) throw new Error('the event does not reach rules');
  const kept = keepEvent(event);
  const thread = state.tables.thread(10);
  if (thread !== undefined) thread.comm = 'second';
  state.apply(encodeView({ code: CLOSE, tid: 99, timestampNs: 9n, params: [0n, 4n] }));
  view.bytes.fill(0);
  expect(kept.thread?.comm).toBe('first');
  expect(kept.thread?.containerId).toBe(ID.slice(0, 12));
  expect([kept.view.timestampNs(), kept.view.bigI64(1), kept.num]).toEqual([7n, 3n, 1]);
});
