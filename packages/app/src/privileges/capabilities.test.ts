import { describe, expect, test } from 'vitest';
import { holdingOf, keptSet, type Needs, neededCapabilities, neededFor, startSet } from './capabilities.ts';
import { capabilityNumber, capabilitySet, namesIn } from './capability-set.ts';

const least: Needs = { watchesKernel: true, ports: [], foreignFiles: [], kernelVersion: [6, 1] };
const nothing: Needs = { ...least, watchesKernel: false };
const always = ['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH'];

describe.each(neededCapabilities)('$name', ({ name, purpose, without, condition }) => {
  test('is a capability, and says what it is for and what is lost without it', () => {
    expect(capabilityNumber(name)).toBeDefined();
    expect(purpose).toMatch(/^[A-Z].*\.$/);
    if (without !== undefined) expect(without).not.toBe('');
    if (condition !== undefined) expect(condition.holds(nothing)).toBe(false);
  });
});

test.each<[string, Partial<Needs>, string[]]>([
  ['nothing special', {}, []],
  ['a low port', { ports: [8765, 80] }, ['CAP_NET_BIND_SERVICE']],
  ['the last low port', { ports: [1023] }, ['CAP_NET_BIND_SERVICE']],
  ['an open port', { ports: [1024] }, []],
  ["a file in another user's folder", { foreignFiles: ['/home/x'] }, ['CAP_DAC_OVERRIDE']],
  ['Linux 5.10', { kernelVersion: [5, 10] }, ['CAP_SYS_RESOURCE']],
  ['Linux 5.11', { kernelVersion: [5, 11] }, []],
  ['Linux 4.18', { kernelVersion: [4, 18] }, ['CAP_SYS_RESOURCE']],
])('%s', (_, needs, more) => {
  expect(neededFor({ ...least, ...needs }).map(({ name }) => name)).toEqual([...always, ...more]);
});

test('without events of the kernel, little is needed', () => {
  expect(neededFor(nothing).map(({ name }) => name)).toEqual(['CAP_DAC_READ_SEARCH']);
});

describe('what is there of it', () => {
  const needed = neededFor(least);
  const namesOf = (set: bigint): readonly string[] => namesIn(set);

  test('all: threads keep what their role takes', () => {
    const holding = holdingOf(needed, (1n << 41n) - 1n);
    expect(holding.missing).toEqual([]);
    expect(namesOf(startSet(holding)).toSorted()).toEqual(always.toSorted());
    expect(namesOf(keptSet(holding, ['main']))).toEqual(['CAP_DAC_READ_SEARCH']);
    expect(namesOf(keptSet(holding, ['sensor']))).toEqual([
      'CAP_DAC_READ_SEARCH',
      'CAP_SYS_PTRACE',
      'CAP_PERFMON',
      'CAP_BPF',
    ]);
    expect(keptSet(holding, [])).toBe(0n);
  });

  test('some: the others are missing', () => {
    const holding = holdingOf(needed, capabilitySet(['CAP_BPF', 'CAP_PERFMON']));
    expect(holding.missing.map(({ name }) => name)).toEqual(['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
    expect(namesOf(startSet(holding))).toEqual(['CAP_PERFMON', 'CAP_BPF']);
  });

  test('the older capability stands in for the two that it was split into', () => {
    const holding = holdingOf(needed, capabilitySet(['CAP_SYS_ADMIN', 'CAP_SYS_PTRACE']));
    expect(holding.missing.map(({ name }) => name)).toEqual(['CAP_DAC_READ_SEARCH']);
    expect(namesOf(startSet(holding))).toEqual(['CAP_SYS_PTRACE', 'CAP_SYS_ADMIN']);
    expect(namesOf(keptSet(holding, ['sensor']))).toEqual(['CAP_SYS_PTRACE', 'CAP_SYS_ADMIN']);
    expect(keptSet(holding, ['main'])).toBe(0n);
  });

  test('the older capability is not kept beside the finer ones', () => {
    const holding = holdingOf(needed, capabilitySet([...always, 'CAP_SYS_ADMIN']));
    expect(namesOf(startSet(holding))).not.toContain('CAP_SYS_ADMIN');
  });
});
