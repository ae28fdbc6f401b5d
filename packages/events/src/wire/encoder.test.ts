import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventType, eventFlag, type ParamDeclaration } from '../event-type.ts';
import { eventRoster } from '../types/roster.ts';
import { variantsOf } from '../types/variants.ts';
import { decodeParams } from './decoder.ts';
import { encodeEvent, encodeView } from './encoder.ts';
import { layoutOf, type ParamValue } from './param-value.ts';

const usedTypes = eventRoster.filter((type) => !(type.flags & eventFlag.unused));

const byteText = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const ip = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const port = fc.integer({ min: 0, max: 0xffff });
const pointer = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const otherFamily = fc.record({
  family: fc.constant('other' as const),
  number: fc.constantFrom(0, 16, 17, 40),
});

function valueFor(declaration: ParamDeclaration): fc.Arbitrary<ParamValue> {
  switch (layoutOf(declaration.type)) {
    case 'i8':
      return fc.integer({ min: -128, max: 127 });
    case 'u8':
      return fc.integer({ min: 0, max: 255 });
    case 'i16':
      return fc.integer({ min: -32_768, max: 32_767 });
    case 'u16':
      return port;
    case 'i32':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'u32':
    case 'ipv4':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'i64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'u64':
      return pointer;
    case 'f64':
      return fc.double({ noNaN: true });
    case 'text':
      return byteText;
    case 'ip':
      return ip;
    case 'bytes':
      return fc.uint8Array({ minLength: 1, maxLength: 40 });
    case 'fd-list':
      return fc.array(fc.record({ fd: fc.integer({ min: -100, max: 2 ** 31 - 1 }), flags: port }), {
        maxLength: 4,
      });
    case 'socket-address':
      return fc.oneof(
        fc.record({ family: fc.constant('inet' as const), ip, port }),
        fc.record({ family: fc.constant('unix' as const), path: byteText }),
        otherFamily,
      );
    case 'socket-tuple':
      return fc.oneof(
        fc
          .tuple(fc.boolean(), ip, ip, port, port)
          .filter(([, source, destination]) => typeof source === typeof destination)
          .map(([, sourceIp, destinationIp, sourcePort, destinationPort]) => ({
            family: 'inet' as const,
            sourceIp,
            sourcePort,
            destinationIp,
            destinationPort,
          })),
        fc.record({
          family: fc.constant('unix' as const),
          source: pointer,
          destination: pointer,
          path: byteText,
        }),
        otherFamily,
      );
    default: {
      const variants = variantsOf(declaration.variants ?? '');
      return fc.oneof(
        ...variants.map((inner, variant) => valueFor(inner).map((value) => ({ variant, value }))),
      );
    }
  }
}

function paramsFor(type: EventType): fc.Arbitrary<ParamValue[]> {
  const all = type.params.map((declaration) => fc.option(valueFor(declaration), { nil: undefined }));
  return fc
    .tuple(fc.tuple(...all), fc.integer({ min: 0, max: all.length }))
    .map(([values, count]) => values.slice(0, count));
}

test('decoding undoes encoding, for every event type', () => {
  for (const type of usedTypes) {
    const event = fc.record({
      params: paramsFor(type),
      tid: fc.integer({ min: -1, max: 2 ** 22 }),
      timestampNs: pointer,
      cpu: port,
    });
    fc.assert(
      fc.property(event, (input) => {
        const view = encodeView({ code: type.code, ...input });
        expect(view.code).toBe(type.code);
        expect(view.tid()).toBe(input.tid);
        expect(view.timestampNs()).toBe(input.timestampNs);
        expect(view.cpu).toBe(input.cpu);
        expect(decodeParams(view)).toEqual(input.params);
      }),
      { numRuns: 4 },
    );
  }
});

test('an event is laid out as the format says', () => {
  const bytes = encodeEvent({ code: 95, tid: 7, timestampNs: 0x0102n, params: [-2n, '/x'] });
  expect(Buffer.from(bytes).toString('hex')).toBe(
    '0201000000000000' +
      '0700000000000000' +
      '29000000' +
      '5f00' +
      '02000000' +
      '0800' +
      '0300' +
      'feffffffffffffff' +
      '2f7800',
  );
});

test('values that do not fit are refused', () => {
  expect(() => encodeEvent({ code: 95, params: ['zero'] })).toThrow('`res` does not fit type ERRNO');
  expect(() => encodeEvent({ code: 95, params: [0, 5] })).toThrow('`path` does not fit type CHARBUF');
  expect(() => encodeEvent({ code: 95, params: [0, 'x', 1] })).toThrow(
    'PPME_SYSCALL_CHDIR_X has no parameter 2',
  );
  expect(() => encodeEvent({ code: 9999, params: [] })).toThrow('no event type has code 9999');
  expect(() => encodeEvent({ code: 95, params: [0, 'x'.repeat(70_000)] })).toThrow('more than 65535 bytes');
});
