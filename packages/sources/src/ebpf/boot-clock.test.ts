import { expect, test } from 'vitest';
import { BootClock } from './boot-clock.ts';

const SECOND = 1_000_000_000n;

/** Clocks that stand still, and that a test sets. */
function fakeClocks(boot: bigint, wall: bigint) {
  const clocks = { boot, wall };
  const clockGettime = (clock: number, to: BigInt64Array): number => {
    const now = clock === 0 ? clocks.wall : clocks.boot;
    to[0] = now / SECOND;
    to[1] = now % SECOND;
    return 0;
  };
  return { clocks, clockGettime };
}

test('the offset leads from boot time to the time of day', () => {
  const { clockGettime } = fakeClocks(5n * SECOND + 7n, 1_700_000_000n * SECOND + 9n);
  const clock = new BootClock({ clockGettime });
  expect(clock.offsetNs).toBe(1_699_999_995n * SECOND + 2n);
  expect(clock.bootNs()).toBe(5n * SECOND + 7n);
});

test.each([
  ['forward', 3600n * SECOND],
  ['back', -3600n * SECOND],
  ['by little more than is tolerated', 1_000_001n],
])('a step of the wall clock %s is followed', (_, step) => {
  const { clocks, clockGettime } = fakeClocks(SECOND, 1_000n * SECOND);
  const clock = new BootClock({ clockGettime });
  const before = clock.offsetNs;
  clocks.wall += step;
  expect(clock.correct()).toBe(true);
  expect(clock.offsetNs).toBe(before + step);
  expect(clock.correct()).toBe(false);
});

test('small differences are left alone, so that events keep their order', () => {
  const { clocks, clockGettime } = fakeClocks(SECOND, 1_000n * SECOND);
  const clock = new BootClock({ clockGettime });
  const before = clock.offsetNs;
  clocks.wall += 999_999n;
  expect(clock.correct()).toBe(false);
  expect(clock.offsetNs).toBe(before);
});
