/** Type information made by hand, broken, and that of this kernel. */

import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KERNEL_TYPES_PATH, KernelTypes, readKernelTypes } from './kernel-types.ts';

const kind = { integer: 1, pointer: 2, typedef: 8, func: 12, prototype: 13, declarationTag: 17 };

interface MadeType {
  readonly name?: string;
  readonly kind: number;
  readonly count?: number;
  /** Size or type. */
  readonly third?: number;
  readonly rest?: readonly number[];
}

function encode(types: readonly MadeType[], headerBytes = 24): Buffer {
  let names = '\0';
  const words = types.flatMap(({ name, kind: typeKind, count = 0, third = 0, rest = [] }) => {
    const at = name === undefined ? 0 : names.length;
    if (name !== undefined) names += `${name}\0`;
    return [at, ((typeKind << 24) | count) >>> 0, third, ...rest];
  });
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16LE(0xeb9f, 0);
  header[2] = 1;
  for (const [at, value] of [
    [4, headerBytes],
    [8, 0],
    [12, words.length * 4],
    [16, words.length * 4],
    [20, names.length],
  ] as const)
    header.writeUInt32LE(value, at);
  return Buffer.concat([header, Buffer.from(Uint32Array.from(words).buffer), Buffer.from(names, 'latin1')]);
}

const made: readonly MadeType[] = [
  { name: 'int', kind: kind.integer, third: 4, rest: [32] },
  { name: 'btf_trace_two', kind: kind.typedef, third: 3 },
  { kind: kind.pointer, third: 4 },
  { kind: kind.prototype, count: 3, rest: [0, 1, 0, 1, 0, 1] },
  { name: 'sys_open', kind: kind.func, third: 4 },
  { name: 'note', kind: kind.declarationTag, third: 5, rest: [0] },
  { name: 'sys_opening', kind: kind.func, third: 4 },
  { name: 'sys_close', kind: kind.typedef, third: 1 },
];

describe('made types', () => {
  test.each([24, 32])('functions and tracepoints, header of %i bytes', (headerBytes) => {
    const types = new KernelTypes(encode(made, headerBytes));
    expect([...types.functions(['sys_open', 'sys_close', 'sys_opening', 'sys_o'])]).toEqual([
      ['sys_open', 5],
      ['sys_opening', 7],
    ]);
    expect([...types.functions([])]).toEqual([]);
    expect([...types.tracepointArguments(['two', 'three'])]).toEqual([['two', 2]]);
  });

  test('after a kind that is not known, nothing is found', () => {
    const types = new KernelTypes(encode([{ kind: 30 }, ...made]));
    expect(types.functions(['sys_open']).size).toBe(0);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['something else', Buffer.from('no type information, but long enough for a header')],
  ])('of %s nothing is known', (_, bytes) => {
    expect(new KernelTypes(bytes).functions(['sys_open']).size).toBe(0);
    expect(new KernelTypes(bytes).tracepointArguments(['two']).size).toBe(0);
  });

  test('broken ones are no reason to stumble', () => {
    const whole = encode(made);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (bytes, length) => {
        const broken = Buffer.from(whole.subarray(0, length));
        for (const [at, value] of bytes) if (at >= 4 && at < length) broken[at] = value;
        const types = new KernelTypes(broken);
        types.functions(['sys_open', 'sys_opening']);
        types.tracepointArguments(['two', 'three']);
      }),
    );
  });
});

describe.skipIf(!existsSync(KERNEL_TYPES_PATH))('this kernel (needs BTF)', () => {
  test('has what every kernel has', () => {
    const types = readKernelTypes();
    expect(types.functions(['do_exit', 'no_such_function']).size).toBe(1);
    expect(types.tracepointArguments(['sys_exit', 'sched_process_fork', 'nothing'])).toEqual(
      new Map([
        ['sys_exit', 2],
        ['sched_process_fork', 2],
      ]),
    );
  });
});
