import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bufferParts } from './buffer.ts';

test('is as Node has it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (text, bytes) => {
      expect(bufferParts.from(text, 'utf8').toString('latin1')).toBe(
        Buffer.from(text, 'utf8').toString('latin1'),
      );
      const latin1 = Buffer.from(bytes).toString('latin1');
      for (const encoding of ['utf8', 'hex', 'base64', 'latin1'] as const) {
        const encoded = Buffer.from(bytes).toString(encoding);
        expect(bufferParts.from(latin1, 'latin1').toString(encoding)).toBe(encoded);
        if (encoding !== 'utf8') expect(bufferParts.from(encoded, encoding).toString('latin1')).toBe(latin1);
      }
      expect(bufferParts.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')).toBe(latin1);
    }),
  );
  expect(bufferParts.from('0az', 'hex').toString('latin1')).toBe(
    Buffer.from('0az', 'hex').toString('latin1'),
  );
});
