import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capabilityNumber, capabilitySet, hasCapability, namesIn, numbersIn } from './capability-set.ts';

test.each([
  ['CAP_CHOWN', 0],
  ['CAP_SYS_PTRACE', 19],
  ['cap_bpf', 39],
  ['Net_Raw', 13],
  ['CAP_CHECKPOINT_RESTORE', 40],
  ['CAP_NOTHING', undefined],
  ['', undefined],
  ['CAP_', undefined],
])('the number of %j is %j', (name, number) => {
  expect(capabilityNumber(name)).toBe(number);
});

test('names give a set, and a set gives its names, lowest first', () => {
  const set = capabilitySet(['CAP_BPF', 'CAP_CHOWN', 'CAP_WRONG', 'CAP_BPF']);
  expect(set).toBe((1n << 39n) | 1n);
  expect(namesIn(set)).toEqual(['CAP_CHOWN', 'CAP_BPF']);
  expect(hasCapability(set, 'CAP_BPF')).toBe(true);
  expect(hasCapability(set, 'CAP_PERFMON')).toBe(false);
  expect(hasCapability(set, 'CAP_WRONG')).toBe(false);
});

test('numbers are those of the set bits, known or not', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(63)), (numbers) => {
      const set = numbers.reduce((all, number) => all | (1n << BigInt(number)), 0n);
      expect(numbersIn(set)).toEqual([...numbers].sort((left, right) => left - right));
      expect(capabilitySet(namesIn(set))).toBe(set & ((1n << 41n) - 1n));
    }),
  );
});
