import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockBuffer, eventBlockBytes } from './block-buffer.ts';
import { CaptureWriter } from './capture-writer.ts';
import { type EventInput, encodeView } from './encoder.ts';
import { viewFlag } from './event-view.ts';

const OPENAT = 307;
const ASYNC = 402;

function open(path: string): EventInput {
  return { code: OPENAT, tid: 7, timestampNs: 5n, cpu: 3, params: [4, -100, path, 1, 0, 0, 0] };
}

test('writes what the capture writer writes', () => {
  const event = fc.oneof(
    fc.string({ maxLength: 300 }).map((path) => open(path)),
    fc
      .integer({ min: 0, max: 70_000 })
      .map((size): EventInput => ({ code: ASYNC, timestampNs: 1n, params: [0, 'x', Buffer.alloc(size, 1)] })),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(event, fc.constantFrom(0, viewFlag.stateOnly)), { maxLength: 8 }),
      (events) => {
        const buffer = new BlockBuffer(1 << 20);
        const writer = new CaptureWriter();
        for (const [input, flags] of events) {
          expect(buffer.append(encodeView(input), flags)).toBe(true);
          writer.event(input, flags);
        }
        expect(Buffer.compare(buffer.filled(), writer.toBytes())).toBe(0);
        expect(buffer.eventCount).toBe(events.length);
      },
    ),
    { numRuns: 60 },
  );
});

test('refuses what does not fit, and keeps what is there', () => {
  const view = encodeView(open('/etc/passwd'));
  const size = eventBlockBytes(view, 0);
  const buffer = new BlockBuffer(size * 2 + 1);
  expect([1, 2, 3].map(() => buffer.append(view, 0))).toEqual([true, true, false]);
  expect(buffer.size).toBe(size * 2);
  buffer.clear();
  expect([buffer.size, buffer.append(view, 0), buffer.eventCount]).toEqual([0, true, 1]);
});
