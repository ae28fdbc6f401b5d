/** Records come out whole, wherever reading stops. */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRecords, splitRecords } from './record-reader.ts';

const SMALLEST = 8;
const record = fc.uint8Array({ minLength: SMALLEST - 4, maxLength: 40 }).map((body) => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length + 4);
  return Buffer.concat([size, body]);
});

test('the whole records at the beginning, and how far they go', () => {
  fc.assert(
    fc.property(fc.array(record), fc.nat(), (records, cut) => {
      const bytes = Buffer.concat([...records, Buffer.alloc(64)]);
      const total = bytes.length - 64;
      const size = total === 0 ? 0 : cut % (total + 1);
      const found: Buffer[] = [];
      const used = splitRecords(bytes, size, SMALLEST, (buffer, start, end) => {
        found.push(Buffer.from(buffer.subarray(start, end)));
      });
      expect(found).toEqual(records.slice(0, found.length));
      expect(used).toBe(found.reduce((sum, { length }) => sum + length, 0));
      const next = records[found.length];
      if (next !== undefined) expect(used + next.length).toBeGreaterThan(size);
    }),
  );
});

test.each([0, 7, 1 << 20])('a record of %i bytes is none', (bytes) => {
  const buffer = Buffer.alloc(64);
  buffer.writeUInt32LE(bytes);
  expect(() => splitRecords(buffer, 64, SMALLEST, () => {})).toThrow(`a record of ${bytes} bytes`);
});

test('more than fits in the buffer at once, from a descriptor that is closed then', () => {
  const folder = mkdtempSync(join(tmpdir(), 'records-'));
  const path = join(folder, 'records');
  const one = Buffer.alloc(50, 7);
  one.writeUInt32LE(one.length);
  writeFileSync(path, Buffer.concat(Array.from({ length: 10_000 }, () => one)));
  const fd = openSync(path, 'r');
  rmSync(folder, { recursive: true });
  let count = 0;
  readRecords({ fd, close: () => closeSync(fd) }, SMALLEST, (buffer, start, end) => {
    count++;
    if (!buffer.subarray(start, end).equals(one)) throw new Error(`record ${count} differs`);
  });
  expect(count).toBe(10_000);
  expect(() => closeSync(fd)).toThrow('EBADF');
});
