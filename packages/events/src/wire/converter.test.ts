import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedPath } from '../../testing/corpus.ts';
import { eventFlag } from '../event-type.ts';
import { eventRoster, eventTypeOf } from '../types/roster.ts';
import { conversionRows, conversions } from './conversions/roster.ts';
import { Converter } from './converter.ts';
import { decodeParams } from './decoder.ts';
import { type EventInput, encodeEvent } from './encoder.ts';
import { EventView } from './event-view.ts';
import type { ParamValue } from './param-value.ts';
import { TextInterner } from './text-interner.ts';

const converter = new Converter();

/** `dropped`, or the name of the resulting type and its parameters. */
function convert(event: EventInput): string | [string | undefined, ...ParamValue[]] {
  const bytes = encodeEvent(event);
  const result = converter.convert(bytes, 0, bytes.length, false);
  if (result === 'dropped' || result === 'malformed') return result;
  const isConverted = result === 'converted';
  const source = isConverted ? converter.bytes : bytes;
  const view = new EventView(new TextInterner());
  view.attach(source, new DataView(source.buffer));
  expect(
    view.place(
      0,
      isConverted ? converter.size : bytes.length,
      lengthBytes(isConverted ? converter.code : event.code),
      0,
    ),
  ).toBe(true);
  return [eventTypeOf(view.code)?.wireName, ...decodeParams(view)];
}

function lengthBytes(code: number): number {
  return eventTypeOf(code)?.lengthBytes ?? 2;
}

test('events of today stay as they are', () => {
  expect(convert({ code: 5, tid: 1, params: [0, 3] })).toEqual(['PPME_SYSCALL_CLOSE_X', 0n, 3n]);
});

test('an exit event takes the arguments of its enter event', () => {
  expect(convert({ code: 4, tid: 1, params: [3] })).toBe('dropped');
  expect(convert({ code: 4, tid: 2, params: [9] })).toBe('dropped');
  expect(convert({ code: 5, tid: 1, params: [0] })).toEqual(['PPME_SYSCALL_CLOSE_X', 0n, 3n]);
  expect(convert({ code: 5, tid: 2, params: [-9] })).toEqual(['PPME_SYSCALL_CLOSE_X', -9n, 9n]);
});

test('an enter event is used once, and only by its own exit event', () => {
  expect(convert({ code: 4, tid: 3, params: [3] })).toBe('dropped');
  expect(convert({ code: 9, tid: 3, params: [1, 'a'] })).toEqual([
    'PPME_SYSCALL_WRITE_X',
    1n,
    Uint8Array.of(97),
    0n,
    0,
  ]);
  expect(convert({ code: 5, tid: 3, params: [0] })).toEqual(['PPME_SYSCALL_CLOSE_X', 0n, 3n]);
  expect(convert({ code: 5, tid: 3, params: [0] })).toEqual(['PPME_SYSCALL_CLOSE_X', 0n, 0n]);
});

test('without an enter event, arguments are neutral or empty as the table says', () => {
  expect(convert({ code: 129, tid: 4, params: [0] })).toEqual(['PPME_SYSCALL_KILL_X', 0n, 0n, 0]);
  expect(convert({ code: 199, tid: 4, params: [0] })).toEqual(['PPME_SYSCALL_SETUID_X', 0n, undefined]);
});

test('the type changes step by step', () => {
  const head = [0, '/bin/sh', 'a\0', 5, 5, 1, '/', 100];
  const converted = convert({ code: 13, tid: 5, params: head });
  expect(converted[0]).toBe('PPME_SYSCALL_EXECVE_19_X');
  expect(converted).toHaveLength(32);
  expect(converted.slice(2, 4)).toEqual(['/bin/sh', Uint8Array.of(97, 0)]);
});

test('enter events without use are dropped', () => {
  expect(convert({ code: 60, tid: 6, params: [] })).toBe('dropped');
  expect(convert({ code: 306, tid: 6, params: [-100, '/x', 1, 0] })).toMatchObject([
    'PPME_SYSCALL_OPENAT_2_E',
    -100n,
    '/x',
    1,
    0,
  ]);
});

test('containers of old recordings become JSON', () => {
  const [type, json] = convert({ code: 228, tid: 7, params: ['ab12', 1, 'web "1"', 'nginx'] });
  expect(type).toBe('PPME_CONTAINER_JSON_2_E');
  expect(JSON.parse(String(json))).toEqual({
    container: { id: 'ab12', type: 1, name: 'web "1"', image: 'nginx' },
  });
});

/** What recorders still write, or what carries the arguments of a program about to start. */
function isOfToday(wireName: string): boolean {
  const type = eventRoster.find((candidate) => candidate.wireName === wireName);
  return type !== undefined && (!(type.flags & eventFlag.oldVersion) || /EXECVE(AT|_19)_E$/.test(wireName));
}

test('every row of the table ends at an event of today', () => {
  for (const [wireName, paramCount, action] of conversionRows) {
    const code = conversions.findIndex((_, index) => eventTypeOf(index)?.wireName === `PPME_${wireName}`);
    const params = Array.from({ length: paramCount }, () => undefined);
    const result = convert({ code, tid: 8, params });
    expect(result, wireName).not.toBe('malformed');
    if (action === 'store') expect(result).toBe('dropped');
    else if (result !== 'dropped') expect(isOfToday(String(result[0])), wireName).toBe(true);
  }
});

const reference = sharedPath('spec/events.json');

test.skipIf(reference === undefined)('the table has the reference rows (needs ../shared/spec)', () => {
  const {
    scap_file_converter: table,
  }: { scap_file_converter: { entries: { event: string; nparams: number }[] } } = JSON.parse(
    readFileSync(reference ?? '', 'utf8'),
  );
  const keys = conversionRows.map(([wireName, paramCount]) => `PPME_${wireName} ${paramCount}`);
  expect(keys.sort()).toEqual(table.entries.map((entry) => `${entry.event} ${entry.nparams}`).sort());
});
