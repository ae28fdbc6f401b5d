import { expect, test } from 'vitest';
import { HostWatch } from './host-watch.ts';
import { createDnsLookUp } from './look-up.ts';

const ADDRESS = 0x7f00_0001;

function setUp(lookUp: (name: string) => Promise<readonly number[]>) {
  let nowMs = 0;
  const troubles: string[] = [];
  const watch = new HostWatch({ lookUp, now: () => nowMs, onTrouble: (message) => troubles.push(message) });
  const refreshAt = (ms: number, limitMs?: number): Promise<void> => {
    nowMs = ms;
    return watch.refresh(limitMs);
  };
  return { watch, troubles, refreshAt };
}

test('a name has its addresses after the first refresh', async () => {
  const { watch, troubles, refreshAt } = setUp(async () => [ADDRESS]);
  const host = watch.names.watch('example.test');
  expect(host.has(ADDRESS)).toBe(false);
  const refreshing = refreshAt(0);
  expect(watch.isBusy).toBe(true);
  await refreshing;
  expect([watch.isBusy, host.has(ADDRESS), troubles]).toEqual([false, true, []]);
});

test('trouble is told once until the name has an address again', async () => {
  let answer: readonly number[] = [];
  const { watch, troubles, refreshAt } = setUp(async () => answer);
  const host = watch.names.watch('example.test');
  await refreshAt(0);
  await refreshAt(400_000);
  expect(troubles).toEqual(['the host name `example.test` of a rule cannot be looked up: it has no address']);
  answer = [ADDRESS];
  await refreshAt(800_000);
  answer = [];
  await refreshAt(1_200_000);
  expect([troubles.length, host.has(ADDRESS)]).toEqual([2, true]);
});

test('a lookup without end is given up, and the other names are there', async () => {
  const { watch, troubles, refreshAt } = setUp((name) =>
    name === 'slow.test' ? new Promise(() => {}) : Promise.resolve([ADDRESS]),
  );
  watch.names.watch('slow.test');
  const host = watch.names.watch('example.test');
  await refreshAt(0, 20);
  expect([host.has(ADDRESS), watch.isBusy]).toEqual([true, false]);
  expect(troubles).toEqual(['the host name `slow.test` of a rule cannot be looked up: no answer in time']);
});

test('without names there is nothing to do', async () => {
  const { watch, refreshAt } = setUp(() => Promise.reject(new Error('not to be called')));
  const refreshing = refreshAt(0);
  expect(watch.isBusy).toBe(false);
  await refreshing;
});

test('this machine’s own lookup knows localhost', async () => {
  expect(await createDnsLookUp()('localhost', new AbortController().signal)).toContain(ADDRESS);
});
