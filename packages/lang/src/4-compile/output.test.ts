import { toByteText } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { fieldOf, type SyntheticEvent, type SyntheticField } from '../../testing/synthetic.ts';
import type { CheckedOperand } from '../3-check/checked.ts';
import type { BoundField } from '../catalogue.ts';
import type { Value } from '../value.ts';
import { compileOutput, renderJson, renderText } from './output.ts';
import type { JsonValue } from './value-text.ts';

function eventWith(values: Record<string, Value | undefined>): SyntheticEvent {
  return { code: 0, thread: undefined, values };
}

function field(declaration: Partial<SyntheticField>): BoundField<SyntheticEvent> {
  return fieldOf({ name: 'e.value', type: 'CHARBUF', scope: 'event', ...declaration });
}

const long = 'x'.repeat(2_000);

describe('values', () => {
  const cases: readonly (readonly [Partial<SyntheticField>, Value | undefined, string, unknown])[] = [
    [{}, undefined, '<NA>', null],
    [{}, toByteText('é'), 'é', 'é'],
    [{}, '\xff', '\ufffd', '\ufffd'],
    [{}, long, long, long],
    [{ type: 'INT64' }, -7, '-7', -7],
    [{ type: 'UINT64' }, 2n ** 63n, '9223372036854775808', 2n ** 63n],
    [{ type: 'INT32', printFormat: 'hex' }, 0xfe00, 'FE00', 'FE00'],
    [{ type: 'INT32', printFormat: 'hex' }, -1, 'FFFFFFFF', 'FFFFFFFF'],
    [{ type: 'UINT32', printFormat: 'oct' }, 0o644, '644', '644'],
    [{ type: 'RELTIME', printFormat: 'padded' }, 42, '000000042', 42],
    [{ type: 'BOOL' }, true, 'true', true],
    [{ type: 'DOUBLE', printFormat: 'none' }, 1.25, '1.2', 1.25],
    [{ type: 'DOUBLE' }, 1.75, '1.8', 1],
    [{ type: 'IPADDR' }, 0x7f000001, '127.0.0.1', '127.0.0.1'],
    [{ type: 'IPADDR' }, `${'\0'.repeat(15)}\x01`, '::1', '::1'],
    [{ type: 'BYTEBUF' }, new Uint8Array([0x61, 0, 0x0a, 0xff, 0x7e]), 'a...~', 'a...~'],
    [{ isList: true }, ['a', 'b', 'c'], '(a,b,c)', ['a', 'b', 'c']],
    [{ isList: true }, [], '()', []],
    [{ type: 'IPADDR', isList: true }, [0, 1], '(0.0.0.0,0.0.0.1)', ['0.0.0.0', '0.0.0.1']],
  ];
  test.each(cases)('%o of %o', (declaration, value, text, json) => {
    const event = eventWith({ 'e.value': value });
    expect(renderText(field(declaration), event)).toBe(text);
    expect(renderJson(field(declaration), event)).toEqual(json);
  });

  test('lists and buffers are cut at 1023 bytes', () => {
    const list = eventWith({ 'e.value': [long] });
    expect(renderText(field({ isList: true }), list)).toBe(`(${'x'.repeat(1022)}`);
    const buffer = eventWith({ 'e.value': new Uint8Array(2_000).fill(0x61) });
    expect(renderText(field({ type: 'BYTEBUF' }), buffer)).toBe('a'.repeat(1023));
  });

  test('buffers as base64', () => {
    const event = eventWith({ 'e.value': new Uint8Array([0, 1, 2]) });
    const options = { isBufferBase64: true };
    expect(renderText(field({ type: 'BYTEBUF' }), event, options)).toBe('AAEC');
    expect(renderJson(field({ type: 'BYTEBUF' }), event, options)).toBe('AAEC');
  });

  test('a field that is for conditions only shows nothing', () => {
    const hidden = field({});
    const filterOnly = { ...hidden, info: { ...hidden.info, isFilterOnly: true } };
    expect(renderText(filterOnly, eventWith({ 'e.value': 'a' }))).toBe('<NA>');
  });

  test('what is shown may differ from what is compared', () => {
    const shown = { ...field({}), show: () => 5, showText: () => toByteText('fünf') };
    expect(renderText(shown, eventWith({}))).toBe('fünf');
    expect(renderJson(shown, eventWith({}))).toBe(5);
  });
});

describe('outputs', () => {
  const name: CheckedOperand<SyntheticEvent> = { kind: 'field', field: field({ name: 'e.name' }) };
  const upper: CheckedOperand<SyntheticEvent> = {
    kind: 'call',
    name: 'toupper',
    args: [{ kind: 'field', field: field({ name: 'e.path' }) }],
    argument: undefined,
    type: 'CHARBUF',
    isList: false,
    text: 'toupper(e.path)',
  };
  const output = compileOutput<SyntheticEvent>([
    { kind: 'literal', text: toByteText('ä ') },
    { kind: 'value', operand: name, widthBytes: 4 },
    { kind: 'literal', text: '|' },
    { kind: 'value', operand: upper, widthBytes: undefined },
  ]);

  test('pads, cuts, and shows calls', () => {
    expect(output.render(eventWith({ 'e.name': 'sh', 'e.path': '/bin' }), [])).toBe('ä sh  |/BIN');
    expect(output.render(eventWith({ 'e.name': 'systemd' }), [])).toBe('ä syst|<NA>');
  });

  test('lists the fields inside calls, not the calls', () => {
    const values: JsonValue[] = [];
    output.render(eventWith({ 'e.name': 'sh' }), values);
    expect([output.fieldNames, values]).toEqual([
      ['e.name', 'e.path'],
      ['sh', null],
    ]);
  });
});

test('join shows what is not text as outputs do', () => {
  const joined = compileOutput<SyntheticEvent>([
    {
      kind: 'value',
      operand: {
        kind: 'call',
        name: 'join',
        args: [
          { kind: 'constant', value: '-' },
          {
            kind: 'list',
            items: [
              { kind: 'field', field: field({ name: 'e.dev', type: 'UINT32', printFormat: 'hex' }) },
              { kind: 'constant', value: 'x' },
              { kind: 'field', field: field({ name: 'e.ip', type: 'IPADDR' }) },
            ],
          },
        ],
        argument: undefined,
        type: 'CHARBUF',
        isList: false,
        text: 'join',
      },
      widthBytes: undefined,
    },
  ]);
  expect(joined.render(eventWith({ 'e.dev': 254, 'e.ip': 1 }), [])).toBe('FE-x-0.0.0.1');
  expect(joined.render(eventWith({ 'e.dev': 254 }), [])).toBe('<NA>');
});
