import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spdyDictionary } from './spdy-dictionary.ts';
import { HeaderDecoder, HeaderEncoder } from './spdy-headers.ts';

/** What zlib calls a dictionary by. */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

test('the dictionary is the one of SPDY/3', () => {
  expect([spdyDictionary().length, adler32(spdyDictionary())]).toEqual([1_423, 0xe3c6a7c2]);
});

test('headers are read as they were written, one block after the other', async () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((text) => text !== '__proto__');
  const blocks = fc.array(fc.dictionary(name, fc.stringMatching(/^[ -~]{0,40}$/)), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(blocks, async (all) => {
      const [encoder, decoder] = [new HeaderEncoder(), new HeaderDecoder()];
      for (const headers of all)
        expect(await decoder.decode(await encoder.encode(headers))).toEqual({ ...headers });
      encoder.close();
      decoder.close();
    }),
    { numRuns: 30 },
  );
});

test('what is no block of headers is refused', async () => {
  const decoder = new HeaderDecoder();
  await expect(decoder.decode(Buffer.from('garbage'))).rejects.toThrow();
});
