import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeContainer, decodeSandbox, decodeSandboxId, decodeVersion } from '../cri/cri-answers.ts';
import { containerMetadata, sandboxMetadata } from '../cri/cri-container.ts';
import { encodeMessage, WireMessage } from './wire-message.ts';

test('what is written is read', () => {
  const long = 'x'.repeat(300);
  const message = new WireMessage(
    encodeMessage({ 1: 'é', 2: true, 3: false, 5: encodeMessage({ 1: long }), 12: 'last' }),
  );
  expect([message.text(1), message.flag(2), message.flag(3), message.text(4)]).toEqual([
    'é',
    true,
    false,
    '',
  ]);
  expect([message.message(5)?.text(1), message.message(6), message.text(12)]).toEqual([
    long,
    undefined,
    'last',
  ]);
});

test('the last of a field counts, and other kinds of field are passed over', () => {
  const bytes = Buffer.from([8, 1, 8, 0xac, 2, 0x11, ...new Array(8).fill(9), 0x1d, 1, 2, 3, 4, 0x22, 0]);
  const message = new WireMessage(bytes);
  expect([message.number(1), message.number(2), message.text(4), message.messages(4).length]).toEqual([
    300,
    0,
    '',
    1,
  ]);
});

test.each([
  ['a number without an end', [0x08, 0xff]],
  ['a number that is too long', [0x08, ...new Array(11).fill(0xff)]],
  ['a field longer than the message', [0x0a, 5, 1]],
  ['a group', [0x0b]],
  ['more fields than any answer has', new Array(2 * 65_537).fill(0).flatMap(() => [8])],
])('%s', (_title, bytes) => {
  expect(() => new WireMessage(Uint8Array.from(bytes))).toThrow(/malformed/);
});

/** Messages of messages, so that decoders get deep, with some damage. */
const field = fc.integer({ min: 1, max: 20 });
const { message } = fc.letrec<{ message: Buffer }>((tie) => ({
  message: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.tuple(field, fc.oneof(tie('message'), fc.string(), fc.boolean())), { maxLength: 6 })
      .map((fields) => Buffer.concat(fields.map(([number, value]) => encodeMessage({ [number]: value })))),
  ),
}));

test('whatever comes, answers are metadata or malformed', () => {
  const attempt = <T>(decode: () => T): T | undefined => {
    try {
      return decode();
    } catch (error) {
      expect(String(error)).toMatch(/malformed/);
      return undefined;
    }
  };
  fc.assert(
    fc.property(message, (bytes) => {
      attempt(() => decodeVersion(bytes));
      attempt(() => decodeSandboxId(bytes));
      const container = attempt(() => decodeContainer(bytes));
      const sandbox = attempt(() => decodeSandbox(bytes));
      if (container !== undefined) containerMetadata(container, 's', sandbox, { labelBytes: 10 });
      if (sandbox !== undefined) sandboxMetadata(sandbox, { labelBytes: 10 });
    }),
    { numRuns: 2_000 },
  );
});
