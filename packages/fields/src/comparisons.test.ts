import { fdFlag, fdKind, l4 } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { CAT, createShellWorld, START_NS } from '../testing/world.ts';
import { HostNames } from './host-names.ts';
import { createSyscallSource } from './syscall-source.ts';

const CLOSE = 5;
const SERVER = 0x0a000009;

function comparisonOf(source: ReturnType<typeof createSyscallSource>, name: string, argument?: string) {
  const resolution = source.resolve(name, argument);
  if (resolution.kind !== 'field' || resolution.field.compare === undefined) throw new Error(name);
  return resolution.field.compare;
}

describe('evt.around', () => {
  const compare = comparisonOf(createSyscallSource(), 'evt.around', String(START_NS));

  test.each([
    [0n, true],
    [2_000_000n, true],
    [-2_000_000n, true],
    [2_000_001n, false],
    [-2_000_001n, false],
  ] as const)('%i ns away, within 2 ms: %s', (distance, holds) => {
    const test = compare('=', ['2']);
    if (typeof test === 'string') throw new Error(test);
    const world = createShellWorld();
    const event = world.apply({ code: CLOSE, tid: CAT, timestampNs: START_NS + distance, params: [0n, 1n] });
    expect(test(event)).toBe(holds);
  });

  test('takes no other operator', () => {
    expect(compare('<', ['2'])).toMatch('can only be compared with `=`');
  });
});

describe('fd.sip.name', () => {
  const signal = new AbortController().signal;

  function setUp(lookUp: (name: string) => Promise<readonly number[]>) {
    let nowMs = 0;
    const calls: string[] = [];
    const hostNames = new HostNames(
      (name) => {
        calls.push(`${name}@${nowMs}`);
        return lookUp(name);
      },
      () => nowMs,
    );
    const source = createSyscallSource({ hostNames });
    const world = createShellWorld({ hostNames });
    world.fd({
      tid: CAT,
      fd: 5,
      kind: fdKind.ipv4,
      l4: l4.tcp,
      flags: fdFlag.roleClient,
      sourceIp: 1,
      destinationIp: SERVER,
    });
    world.settle();
    const event = world.apply({ code: CLOSE, tid: CAT, params: [0n, 5n] });
    const compare = (operator: string, ...names: string[]): boolean => {
      const holds = comparisonOf(source, 'fd.sip.name')(operator, names);
      if (typeof holds === 'string') throw new Error(holds);
      return holds(event);
    };
    const refreshAt = (ms: number): Promise<void> => {
      nowMs = ms;
      return hostNames.refresh(signal);
    };
    return { world, event, compare, refreshAt, calls };
  }

  test('no address belongs to a name that was not looked up yet', async () => {
    const { compare, refreshAt, world, event } = setUp(() => Promise.resolve([SERVER]));
    expect([compare('=', 'a'), compare('!=', 'a'), world.show('fd.sip.name', event)]).toEqual([
      false,
      true,
      null,
    ]);
    await refreshAt(0);
    expect([compare('=', 'a'), compare('!=', 'a'), compare('in', 'b', 'a')]).toEqual([true, false, true]);
    expect(world.show('fd.sip.name', event)).toBe('a');
  });

  test('names are looked up ever less often, and not at all when nobody asks', async () => {
    const { compare, refreshAt, calls } = setUp(() => Promise.resolve([SERVER]));
    for (const ms of [0, 5_000, 10_000, 20_000, 30_000, 3_000_000]) {
      compare('=', 'a');
      await refreshAt(ms);
    }
    expect(calls).toEqual(['a@0', 'a@10000', 'a@30000', 'a@3000000']);
    await refreshAt(9_000_000);
    expect(calls).toHaveLength(4);
    compare('=', 'a');
    await refreshAt(9_000_001);
    expect(calls).toHaveLength(5);
  });

  test('a lookup that fails keeps the addresses', async () => {
    let fails = false;
    const { compare, refreshAt } = setUp(() =>
      fails ? Promise.reject(new Error('timeout')) : Promise.resolve([SERVER]),
    );
    compare('=', 'a');
    await refreshAt(0);
    fails = true;
    await refreshAt(10_000);
    expect(compare('=', 'a')).toBe(true);
  });

  test('takes no other operator', () => {
    expect(() => setUp(() => Promise.resolve([])).compare('startswith', 'a')).toThrow('`=`, `!=` and `in`');
  });
});
