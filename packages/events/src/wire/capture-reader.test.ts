import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpusPath } from '../../testing/corpus.ts';
import { eventTypeOf } from '../types/roster.ts';
import { memoryInput } from './byte-input.ts';
import { ByteWriter } from './byte-writer.ts';
import { blockType } from './capture-format.ts';
import { type CaptureHandler, CaptureReader } from './capture-reader.ts';
import { CaptureWriter } from './capture-writer.ts';
import { decodeParams } from './decoder.ts';
import { type EventInput, encodeEvent } from './encoder.ts';
import { type EventView, viewFlag } from './event-view.ts';
import { TextInterner } from './text-interner.ts';

interface Read {
  readonly log: string[];
  readonly reader: CaptureReader;
  readonly error: unknown;
}

const describeView = (view: EventView): string =>
  `${view.num} ${eventTypeOf(view.code)?.name} ${decodeParams(view).join(' ')}`;

/** Everything that a reader tells of the bytes, in order; an error ends it. */
function read(
  bytes: Uint8Array,
  options: { limit?: number; want?: Uint8Array; say?: typeof describeView } = {},
): Read {
  const { limit = 3, want, say = describeView } = options;
  const log: string[] = [];
  const handler: CaptureHandler = {
    section: () => void log.push('section'),
    block: (type, body) => void log.push(`block ${type.toString(16)} ${body.length}`),
    settle: () => void log.push('settle'),
  };
  const reader = new CaptureReader(memoryInput(bytes), new TextInterner());
  if (want !== undefined) reader.want(want);
  try {
    while (reader.poll(handler, (view) => log.push(say(view)), limit) !== 'end');
    return { log, reader, error: undefined };
  } catch (error) {
    return { log, reader, error };
  }
}

const chdir = (path: string): EventInput => ({ code: 95, tid: 1, params: [0, path] });

describe('blocks', () => {
  test('sections, metadata, events', () => {
    const bytes = new CaptureWriter()
      .section()
      .block(blockType.machine, new Uint8Array(8))
      .event(chdir('/a'))
      .section()
      .event(chdir('/b'))
      .toBytes();
    expect(read(bytes).log).toEqual([
      'section',
      'block 201 8',
      'settle',
      '1 chdir 0 /a',
      'section',
      'settle',
      '2 chdir 0 /b',
    ]);
  });

  test('metadata after events begin anew without a section header', () => {
    const bytes = new CaptureWriter().section().event(chdir('/a')).block(blockType.users, new Uint8Array(0));
    expect(read(bytes.event(chdir('/b')).toBytes()).log.slice(3)).toEqual([
      'section',
      'block 220 0',
      'settle',
      '2 chdir 0 /b',
    ]);
  });

  test('unknown blocks and event types are passed over and counted', () => {
    const unknown = encodeEvent(chdir('/u'));
    unknown[20] = 0xff;
    unknown[21] = 0x01;
    const { log, reader } = read(
      new CaptureWriter()
        .section()
        .block(0x999, new Uint8Array(5))
        .event(chdir('/a'))
        .rawEvent(unknown, 0)
        .block(0x998, new Uint8Array(5))
        .event(chdir('/b'))
        .toBytes(),
    );
    expect(log).toEqual(['section', 'settle', '1 chdir 0 /a', '2 chdir 0 /b']);
    expect(reader.skips()).toEqual({ unknownBlocks: 2, unknownEvents: 1 });
  });

  test('flags and processor of an event', () => {
    const bytes = new CaptureWriter()
      .section()
      .event({ ...chdir('/a'), cpu: 3 }, viewFlag.stateOnly)
      .event(chdir('/b'))
      .toBytes();
    expect(read(bytes, { say: (view) => `${view.cpu} ${view.flags}` }).log.slice(2)).toEqual(['3 1', '0 0']);
  });

  test('large events have lengths of 32 bits', () => {
    const json = 'x'.repeat(100_000);
    const bytes = new CaptureWriter()
      .section()
      .event({ code: 324, params: [json] })
      .event(chdir('/b'))
      .toBytes();
    expect(read(bytes, { say: (view) => `${view.size(0)} ${view.text(0)?.length}` }).log.slice(2)).toEqual([
      '100001 100000',
      '8 0',
    ]);
  });

  test('version 1 events: the number of parameters is inferred', () => {
    const event = encodeEvent({ code: 95, tid: 7, params: [0, '/old'] });
    const data = new DataView(event.buffer);
    const old = new ByteWriter().u16(2).bytes(event.subarray(0, 22)).bytes(event.subarray(26));
    old.patchU32(2 + 16, data.getUint32(16, true) - 4);
    const bytes = new CaptureWriter().section().block(blockType.oldEvent, old.toBytes()).event(chdir('/b'));
    expect(read(bytes.toBytes()).log.slice(2)).toEqual(['1 chdir 0 /old', '2 chdir 0 /b']);
  });

  test('blocks of the first, closed format', () => {
    const body = new ByteWriter()
      .u16(0)
      .bytes(encodeEvent(chdir('/a')))
      .toBytes();
    const bytes = new CaptureWriter()
      .section()
      .block(0x8002_abcd, new Uint8Array(4))
      .block(0x216, body)
      .toBytes();
    expect(read(bytes).log[1]).toBe('block 201 4');
  });
});

test('unwanted events are numbered but not handed on', () => {
  const writer = new CaptureWriter().section();
  for (let i = 0; i < 20; i++) writer.event(i % 5 === 4 ? chdir(`/${i}`) : { code: 275, params: [i] });
  const want = new Uint8Array(454);
  want[95] = 1;
  const { log, reader } = read(writer.toBytes(), { want });
  expect(log.slice(2)).toEqual(['5 chdir 0 /4', '10 chdir 0 /9', '15 chdir 0 /14', '20 chdir 0 /19']);
  expect(reader.eventsSeen).toBe(20);
});

test('a limit ends a poll; the next one goes on', () => {
  const writer = new CaptureWriter().section();
  for (let i = 0; i < 10; i++) writer.event(chdir(`/${i}`));
  const handler: CaptureHandler = { section() {}, block() {}, settle() {} };
  const reader = new CaptureReader(memoryInput(writer.toBytes()), new TextInterner());
  const counts = [4, 4, 4, 4].map((limit) => reader.poll(handler, () => {}, limit));
  expect(counts).toEqual([4, 4, 2, 'end']);
});

describe('faults', () => {
  const whole = new CaptureWriter().section().event(chdir('/a')).event(chdir('/b')).toBytes();

  test.each([
    ['no bytes', new Uint8Array(0), 'capture-unknown', 'does not begin with a section header'],
    [
      'other bytes',
      Buffer.from('#!/bin/sh\necho hello\n'),
      'capture-unknown',
      'does not begin with a section header',
    ],
    ['no events', new CaptureWriter().section().toBytes(), 'capture-empty', 'holds no events'],
    ['a cut block', whole.subarray(0, whole.length - 3), 'capture-truncated', '3 of which are missing'],
    [
      'a cut block header',
      whole.subarray(0, whole.length - 51),
      'capture-truncated',
      'within a block header',
    ],
  ])('%s', (_, bytes, code, message) => {
    const { error } = read(bytes);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('what comes before the damage is handed on, and the place is named', () => {
    const { log, error } = read(whole.subarray(0, whole.length - 3));
    expect(log).toEqual(['section', 'settle', '1 chdir 0 /a']);
    expect(error).toMatchObject({ message: expect.stringContaining('(at byte 84)') });
  });

  test('the byte order of another machine', () => {
    const bytes = new CaptureWriter().section().toBytes();
    bytes.set([0x1a, 0x2b, 0x3c, 0x4d], 8);
    expect(read(bytes).error).toMatchObject({ message: expect.stringContaining('another byte order') });
  });

  test('parameters that do not add up', () => {
    const event = encodeEvent(chdir('/a'));
    event[26] = 9;
    const bytes = new CaptureWriter().section().event(chdir('/b')).rawEvent(event, 0).toBytes();
    expect(read(bytes).error).toMatchObject({ message: expect.stringContaining('do not add up') });
  });

  test('a huge block is no reason to take memory for it', () => {
    const bytes = new CaptureWriter().section().block(0x215, new Uint8Array(100)).toBytes();
    new DataView(bytes.buffer).setUint32(28 + 4, 0x0fff_ffff, true);
    expect(read(bytes).error).toMatchObject({ code: 'capture-truncated' });
    new DataView(bytes.buffer).setUint32(28 + 4, 0xffff_ffff, true);
    expect(read(bytes).error).toMatchObject({ message: expect.stringContaining('excessive size') });
  });
});

describe('hostile bytes', () => {
  const recording = gunzipSync(readFileSync(corpusPath('captures/host/host.scap.gz'))).subarray(0, 60_000);
  const quiet = { limit: 1_000, say: (view: EventView) => `${view.num}` };
  const isFault = (error: unknown): boolean =>
    error === undefined ||
    (error instanceof Error && 'code' in error && `${error.code}`.startsWith('capture-'));

  test('no change to a recording leads to anything but events and a fault', () => {
    const change = fc.tuple(fc.nat(recording.length - 1), fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xff));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const bytes = Uint8Array.from(recording);
        for (const [at, value] of changes) bytes[at] = value;
        expect(isFault(read(bytes, { limit: 1_000, say: describeView }).error)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('no truncation either, and all that came before is there', () => {
    const total = read(recording, quiet).log.length;
    fc.assert(
      fc.property(fc.nat(recording.length), (size) => {
        const { log, error } = read(recording.subarray(0, size), quiet);
        expect(isFault(error)).toBe(true);
        expect(log.length).toBeLessThanOrEqual(total);
        if (error instanceof Error && size > 40_000) expect(log.length).toBeGreaterThan(total / 4);
      }),
      { numRuns: 60 },
    );
  });

  test('random blocks', () => {
    const types = [0x216, 0x217, 0x221, 0x222, 0x204, 0x208, 0x215, 0x0a0d0d0a, 0x8002abd0];
    const block = fc.tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 120 }));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 10 }), (blocks) => {
        const writer = new CaptureWriter().section().event(chdir('/a'));
        for (const [type, body] of blocks) writer.block(type, body);
        const { error, log } = read(writer.toBytes());
        expect(isFault(error)).toBe(true);
        expect(log).toContain('1 chdir 0 /a');
      }),
      { numRuns: 300 },
    );
  });
});
