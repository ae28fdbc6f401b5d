import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Alert, type AlertValue, priorities } from '@peregrine/alert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInternalAlert } from '../direct/internal-alert.ts';
import { defaultLineOptions, renderAlert } from './alert-line.ts';

const alert: Alert = {
  rule: 'Shell "in" container',
  priority: 'Notice',
  source: 'syscall',
  tags: ['container', 'shell'],
  hostname: 'node-1',
  timeNs: 1_795_247_499_826_425_192n,
  message: 'a\tshell\n"quoted" \\ \u0001 ü \u007f',
  output: '07:51:39.826425192: Notice a\tshell\n"quoted" \\ \u0001 ü \u007f',
  fields: {
    'evt.time': 1_795_247_499_826_425_192n,
    'fd.name': null,
    'proc.aargs': ['a', '"b"'],
    'proc.tty': 34816,
  },
};
const json = { ...defaultLineOptions, isJson: true };

describe('text', () => {
  test('is escaped as a JSON string is', () => {
    expect(renderAlert(alert, defaultLineOptions)).toBe(
      '07:51:39.826425192: Notice a\\tshell\\n\\"quoted\\" \\\\ \\u0001 ü \u007f',
    );
  });

  test('never holds a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (output) => {
        const line = renderAlert({ ...alert, output }, defaultLineOptions);
        expect([...line].every((char) => char >= ' ')).toBe(true);
        expect(JSON.parse(`"${line}"`)).toBe(output);
      }),
    );
  });
});

describe('JSON', () => {
  test('has keys in order and exact integers', () => {
    expect(renderAlert(alert, json)).toBe(
      '{"hostname":"node-1","output":"07:51:39.826425192: Notice a\\tshell\\n\\"quoted\\" \\\\ \\u0001 ü \u007f",' +
        '"output_fields":{"evt.time":1795247499826425192,"fd.name":null,"proc.aargs":["a","\\"b\\""],"proc.tty":34816},' +
        '"priority":"Notice","rule":"Shell \\"in\\" container","source":"syscall","tags":["container","shell"],' +
        '"time":"2026-11-21T07:51:39.826425192Z"}',
    );
  });

  test('has only what is asked for', () => {
    const bare = {
      isJson: true,
      includesOutput: false,
      includesMessage: true,
      includesFields: false,
      includesTags: false,
    };
    expect(Object.keys(JSON.parse(renderAlert(alert, bare)))).toEqual([
      'hostname',
      'message',
      'priority',
      'rule',
      'source',
      'time',
    ]);
  });

  test('is JSON for any values', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt(),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(value, fc.array(value))), (fields) => {
        const line = renderAlert({ ...alert, fields: fields as Record<string, AlertValue> }, json);
        expect(line).not.toContain('\n');
        expect(Object.keys(JSON.parse(line).output_fields).sort()).toEqual(Object.keys(fields).sort());
      }),
    );
  });
});

test('internal alerts have a layout of their own', () => {
  const internal = createInternalAlert({
    kind: 'event-drop',
    hostname: 'node-1',
    timeNs: alert.timeNs,
    text: '. 3 system calls dropped in last second.',
    fields: { n_drops: '3', ebpf_enabled: '1' },
  });
  expect(renderAlert(internal, defaultLineOptions)).toMatch(
    /^\d\d:\d\d:39\.826425192: Debug Falco internal: syscall event drop\. 3 system calls dropped in last second\. \(ebpf_enabled="1" n_drops="3"\)$/,
  );
  expect(renderAlert(internal, json)).toBe(
    '{"hostname":"node-1","output":"Falco internal: syscall event drop. 3 system calls dropped in last second.",' +
      '"output_fields":{"ebpf_enabled":"1","n_drops":"3"},"priority":"Debug","rule":"Falco internal: syscall event drop",' +
      '"source":"internal","time":"2026-11-21T07:51:39.826425192Z"}',
  );
});

const golden = fileURLToPath(new URL('../../../../../shared/golden/', import.meta.url));
describe.skipIf(!existsSync(golden))('lines of the reference (needs ../shared/golden)', () => {
  test.each(['host/seeds', 'container/seeds', 'host/all', 'container/all'])('%s', (name) => {
    const jsonLines = readFileSync(`${golden}${name}.first.jsonl`, 'utf8').trimEnd().split('\n');
    const textLines = readFileSync(`${golden}${name}.first.txt`, 'utf8').trimEnd().split('\n');
    expect(jsonLines.length).toBe(textLines.length);
    for (const [i, line] of jsonLines.entries()) {
      const recorded = decodeAlert(line);
      expect(renderAlert(recorded, json)).toBe(line);
      expect(renderAlert(recorded, defaultLineOptions)).toBe(textLines[i]);
    }
  });
});

/** Integers stay exact: those beyond 2^53 become bigint. */
function decodeAlert(line: string): Alert {
  const raw = JSON.parse(line, (_key, value, context?: { source: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? 0)
      : value,
  );
  expect(priorities).toContain(raw.priority);
  return { ...raw, fields: raw.output_fields, message: '', timeNs: raw.output_fields['evt.time'] };
}
