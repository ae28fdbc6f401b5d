import { expect, test } from 'vitest';
import { WaitingRoom } from './waiting-room.ts';

test('so many in, so many waiting, no more', async () => {
  const room = new WaitingRoom({ mostInside: 2, mostWaiting: 1 });
  expect(await room.enter(undefined)).toBe('inside');
  expect(await room.enter(undefined)).toBe('inside');
  const waiting = room.enter(undefined);
  expect(await room.enter(undefined)).toBe('full');
  expect([room.insideCount, room.waitingCount]).toEqual([2, 1]);
  room.leave();
  expect(await waiting).toBe('inside');
  expect([room.insideCount, room.waitingCount]).toEqual([2, 0]);
  room.leave();
  room.leave();
  expect(room.insideCount).toBe(0);
});

test('who gives up makes room for the next', async () => {
  const room = new WaitingRoom({ mostInside: 1, mostWaiting: 2 });
  await room.enter(undefined);
  const stop = new AbortController();
  const first = room.enter(stop.signal);
  const second = room.enter(undefined);
  stop.abort();
  expect(await first).toBe('given_up');
  room.leave();
  expect(await second).toBe('inside');
  expect(await room.enter(AbortSignal.abort())).toBe('given_up');
});

test('first come, first served', async () => {
  const room = new WaitingRoom({ mostInside: 1, mostWaiting: 10 });
  await room.enter(undefined);
  const order: number[] = [];
  const all = [1, 2, 3].map(async (number) => {
    await room.enter(undefined);
    order.push(number);
    room.leave();
  });
  room.leave();
  await Promise.all(all);
  expect(order).toEqual([1, 2, 3]);
});
