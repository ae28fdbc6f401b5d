import { expect, test } from 'vitest';
import { inheritedDescriptors } from './confine.ts';

test.each([
  [[], [0, 1, 2]],
  [
    ['-r', '/dev/fd/63', '-c=/proc/self/fd/7'],
    [0, 1, 2, 63, 7],
  ],
  [
    ['/dev/fd/1', '/dev/fd/x', '/dev/fd/99999999999'],
    [0, 1, 2],
  ],
])('descriptors that %j keeps', (given, kept) => {
  expect(inheritedDescriptors(given)).toEqual(kept);
});
