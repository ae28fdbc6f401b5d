import { expect, test } from 'vitest';
import { encodeEvent, encodeView } from './encoder.ts';
import { EventView } from './event-view.ts';
import { TextInterner } from './text-interner.ts';

const openat = {
  code: 307,
  tid: 123,
  timestampNs: 1_795_247_499_516_305_926n,
  params: [-2, -100, '/etc/x', 0x1001, 0, 0xfe00, 2n ** 63n],
};

test('header', () => {
  const view = encodeView(openat);
  expect(view.code).toBe(307);
  expect(view.paramCount).toBe(7);
  expect(view.tid()).toBe(123);
  expect(view.hasTid()).toBe(true);
  expect(view.timestampNs()).toBe(1_795_247_499_516_305_926n);
  expect(view.timestampSeconds()).toBe(1_795_247_499);
  expect(view.timestampHigh() * 2 ** 32 + view.timestampLow()).toBe(Number(openat.timestampNs));
  expect(encodeView({ ...openat, tid: -1 }).hasTid()).toBe(false);
});

test('parameters, in any order', () => {
  const view = encodeView(openat);
  expect(view.bigU64(6)).toBe(2n ** 63n);
  expect(view.text(2)).toBe('/etc/x');
  expect(view.i64(0)).toBe(-2);
  expect(view.i32(1)).toBe(-100);
  expect(view.u32(3)).toBe(0x1001);
  expect(view.wholeText(2)).toBe('/etc/x\0');
  expect([...view.view(2)]).toEqual([...Buffer.from('/etc/x\0')]);
});

test('parameters that are absent, empty or short have no value', () => {
  const view = encodeView({ code: 307, params: [-2, undefined, undefined, new Uint8Array(0)] });
  expect(view.size(6)).toBe(0);
  expect(view.text(2)).toBeUndefined();
  expect(view.wholeText(2)).toBe('');
  expect([view.i64(1), view.u32(3), view.u8(6), view.u16(6), view.bigI64(6)]).toEqual([0, 0, 0, 0, 0n]);
});

test('an empty text is a value', () => {
  expect(encodeView({ code: 95, params: [0, ''] }).text(1)).toBe('');
});

test('bytes that nobody vouches for are checked', () => {
  const bytes = encodeEvent(openat);
  const view = new EventView(new TextInterner());
  view.attach(bytes, new DataView(bytes.buffer));
  expect(view.place(0, bytes.length, 2, 1)).toBe(true);
  expect(view.text(2)).toBe('/etc/x');
  expect(view.place(0, bytes.length - 1, 2, 1)).toBe(false);
  for (const at of [16, 22, 26, 38]) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) + 1;
    view.attach(damaged, new DataView(damaged.buffer));
    expect(view.place(0, damaged.length, 2, 1), `byte ${at}`).toBe(false);
  }
});
