import type { HubAlert } from '@peregrine/alert';
import { parseAlertTime } from '@peregrine/alert';
import { compileTemplate, type Template } from '@peregrine/template';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Processed, type ProcessingSettings, processAlert } from './process-alert.ts';
import { readBody } from './read-body.ts';
import { testAlert } from './test-alert.ts';

const plain: ProcessingSettings = {
  customFields: {},
  customTags: [],
  templatedFields: {},
  bracketReplacer: '',
  outputFieldFormat: '',
  mostAlertBytes: 1 << 20,
  newUuid: () => 'a-uuid',
  onTemplateTrouble: () => {},
};

function templateOf(text: string): Template {
  const compiled = compileTemplate(text);
  if ('why' in compiled) throw new Error(compiled.why);
  return compiled;
}

function outcomesOf(
  body: string,
  settings: Partial<ProcessingSettings> = {},
  isLines = false,
): readonly (Processed | { readonly problem: string })[] {
  return readBody(body, isLines).items.map((item) => {
    if ('key' in item) return { problem: 'it continues a story' };
    return 'problem' in item ? item : processAlert(item, { ...plain, ...settings });
  });
}

/** The alert that the body's only item becomes. */
function alertOf(body: string, settings: Partial<ProcessingSettings> = {}): HubAlert {
  const [outcome, ...others] = outcomesOf(body, settings);
  if (outcome === undefined || others.length > 0 || !('alert' in outcome))
    throw new Error(JSON.stringify(outcome));
  return outcome.alert;
}

/** As Falco of 2021 posted it: no source, no tags, no host name; fields that are null; a number of 19 digits. */
const TUTORIAL =
  '{"output":"23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root)","priority":"Notice","rule":"Terminal shell in container","time":"2021-01-14T23:39:44.834631763Z", "output_fields": {"container.id":"6ad4dc3a8b2f","container.image.repository":null,"evt.time":1610667584834631763,"k8s.ns.name":"default","k8s.pod.name":"alpine","proc.tty":34816}}';

const small = (over: string) =>
  `{"rule":"r","priority":"Error","time":"2024-03-01T10:00:00Z","output_fields":{"a":1}${over}}`;

test('the alert of the tutorial goes out with all its digits', () => {
  expect(alertOf(TUTORIAL).json).toBe(
    '{"uuid":"a-uuid","output":"23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root)","priority":"Notice","rule":"Terminal shell in container","time":"2021-01-14T23:39:44.834631763Z","output_fields":{"container.id":"6ad4dc3a8b2f","container.image.repository":null,"evt.time":1610667584834631763,"k8s.ns.name":"default","k8s.pod.name":"alpine","proc.tty":34816},"source":"syscalls"}',
  );
});

test('keys sorted, markup escaped, source and tags of the sender', () => {
  const alert = alertOf(
    '{"Rule":"a<b>&","PRIORITY":"info","time":"2024-03-01T10:00:00.120000000+02:00","output_fields":{"z":1.10,"a":[true,"x"],"m":{"k":null}},"source":"k8s_audit","tags":["z","a"],"hostname":"n","message":"dropped","uuid":"theirs","output":"o"}',
  );
  expect(alert.json).toBe(
    '{"uuid":"a-uuid","output":"o","priority":"Informational","rule":"a\\u003cb\\u003e\\u0026","time":"2024-03-01T10:00:00.12+02:00","output_fields":{"a":[true,"x"],"m":{"k":null},"z":1.10},"source":"k8s_audit","tags":["a","z"],"hostname":"n"}',
  );
});

describe('bodies', () => {
  test.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['no JSON', 'hello'],
    ['half of it', TUTORIAL.slice(0, 200)],
    ['a number', '42'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['a byte order mark', `\ufeff${TUTORIAL}`],
    ['a priority that is a number', small(',"priority":4')],
    ['tags that are no list', small(',"tags":"a"')],
    ['tags that are no texts', small(',"tags":[1]')],
    ['a time that is none', small(',"time":"yesterday"')],
    ['a host name that is a number', small(',"hostname":1')],
    ['an output that is a list', small(',"output":[]')],
    ['fields that are a list', small(',"output_fields":[1]')],
    ['fields that are a number', small(',"output_fields":1e400')],
  ])('with %s are invalid', (_, body) => {
    expect(outcomesOf(body)).toEqual([{ problem: expect.any(String) }]);
  });

  test.each([
    ['no priority', small(',"priority":""'), 'priority'],
    ['an unknown priority', small(',"priority":"urgent"'), 'priority'],
    ['no rule', small(',"rule":""'), 'rule'],
    ['no time', '{"rule":"r","priority":"Error","output_fields":{"a":1}}', 'time'],
    ['time zero', small(',"time":"0001-01-01T00:00:00Z"'), 'time'],
    ['a time that is null', '{"rule":"r","priority":"Error","time":null,"output_fields":{"a":1}}', 'time'],
    ['no fields', small(',"output_fields":{}'), 'output_fields'],
  ])('with %s are invalid', (_, body, key) => {
    expect(outcomesOf(body)).toEqual([{ kind: 'invalid', reason: expect.stringContaining(`\`${key}\``) }]);
  });

  test('without fields are taken when fields are added', () => {
    expect(alertOf(small(',"output_fields":{}'), { customFields: { team: 'red' } }).fields).toEqual({
      team: 'red',
    });
  });

  test('what follows the first object is taken when it is an object, and left when it is not', () => {
    const two = small('') + small('');
    expect(readBody(two, false)).toMatchObject({ isBatch: true, items: [{ rule: 'r' }, { rule: 'r' }] });
    expect(readBody(`${small('')}\n\n${small('')}\n`, false).items).toHaveLength(2);
    expect(readBody(`${small('')} garbage`, false)).toMatchObject({ isBatch: false, items: [{ rule: 'r' }] });
    expect(readBody(`${small('')}{"half":`, false).items).toHaveLength(1);
  });

  test('a list is a batch, and a stream of lines is, with each line in its own right', () => {
    expect(readBody(`[${small('')},3,${small('')}]`, false)).toMatchObject({
      isBatch: true,
      items: [{ rule: 'r' }, { problem: 'an alert is a JSON object' }, { rule: 'r' }],
    });
    expect(readBody('[]', false)).toEqual({ isBatch: true, items: [] });
    expect(readBody(`${small('')}\r\n\n${small('')} x\n${small('')}`, true)).toMatchObject({
      isBatch: true,
      items: [{ rule: 'r' }, { problem: 'a line has one JSON object' }, { rule: 'r' }],
    });
  });

  test('never make the reader throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), fc.boolean(), (body, isLines) => {
        outcomesOf(body, {}, isLines);
      }),
    );
  });
});

describe('fields and tags of the user', () => {
  test('win over those of the alert, and are sorted among them', () => {
    const alert = alertOf(small(',"tags":["m"]'), {
      customFields: { a: 'mine', b: 'x' },
      customTags: ['z', 'a'],
    });
    expect(alert.fields).toEqual({ a: 'mine', b: 'x' });
    expect(alert.tags).toEqual(['a', 'm', 'z']);
  });

  test('templates see fields, those of the user among them', () => {
    const templatedFields = {
      team: templateOf('{{ or (index . "k8s.ns.labels.team") "none" }}'),
      both: templateOf('{{ index . "a" }}-{{ index . "cluster" }}'),
      bad: templateOf('{{ index . "a" "b" }}'),
    };
    const troubles: string[] = [];
    const alert = alertOf(small(''), {
      customFields: { cluster: 'prod' },
      templatedFields,
      onTemplateTrouble: (field) => troubles.push(field),
    });
    expect(alert.fields).toEqual({ a: 1, both: '1-prod', cluster: 'prod', team: 'none' });
    expect(troubles).toEqual(['bad']);
  });

  test('brackets in names are replaced when asked', () => {
    const body = small(',"output_fields":{"proc.aname[2]":"x","b]":"y"}');
    expect(alertOf(body).fields).toEqual({ 'proc.aname[2]': 'x', 'b]': 'y' });
    expect(alertOf(body, { bracketReplacer: '_' }).fields).toEqual({ 'proc.aname_2': 'x', 'b]': 'y' });
  });

  test('the rule of tests is internal', () => {
    expect(alertOf(small(',"rule":"Test rule","source":"syscall"')).source).toBe('internal');
    const test = processAlert(testAlert(1_700_000_000_999), plain);
    expect(test.kind === 'alert' && test.alert.json).toBe(
      '{"uuid":"a-uuid","output":"This is a test from falcosidekick","priority":"Debug","rule":"Test rule","time":"2023-11-14T22:13:20Z","output_fields":{"proc.name":"falcosidekick","user.name":"falcosidekick"},"source":"internal","tags":["example","test"],"hostname":"falcosidekick"}',
    );
  });
});

describe('outputformat', () => {
  const outputFieldFormat = '<timestamp>: <priority> <output> (<custom_fields> <templated_fields>) (<tags>)';
  const format = (output: string, settings: Partial<ProcessingSettings> = {}, tags = '[]') =>
    alertOf(small(`,"output":${JSON.stringify(output)},"tags":${tags}`), { outputFieldFormat, ...settings })
      .output;

  test('rearranges what Falco wrote, and leaves no empty brackets', () => {
    expect(format('10:00:00.123456789: Warning A thing (x=1)')).toBe(
      '10:00:00.123456789: Error A thing (x=1)',
    );
    expect(
      format(
        '10:00:00.123456789: Warning A thing',
        { customFields: { b: '1', c: '2' }, templatedFields: { t: templateOf('v') } },
        '["x","y"]',
      ),
    ).toBe('10:00:00.123456789: Error A thing (b=1 c=2 t=v) (x,y)');
  });

  test('leaves other texts, and placeholders that an alert brings', () => {
    expect(format('something else')).toBe('something else');
    expect(format('10:00:00.1: Warning f() <tags> $& $1', {}, '["x"]')).toBe(
      '10:00:00.1: Error f() <tags> $& $1  (x)',
    );
  });
});

describe('large alerts', () => {
  const body = (fields: Readonly<Record<string, string>>, output = '') =>
    small(`,"output":${JSON.stringify(output)},"output_fields":${JSON.stringify(fields)}`);

  test('have their long fields shortened, in the output, too', () => {
    const long = 'x'.repeat(5_000);
    const alert = alertOf(body({ cmd: long, short: 's' }, `ran ${long} now`));
    expect(alert.fields).toEqual({ cmd: `${'x'.repeat(507)}[...]`, short: 's' });
    expect(alert.output).toBe(`ran ${'x'.repeat(507)}[...] now`);
  });

  test('below the limit stay as they are', () => {
    const long = 'x'.repeat(1_000);
    expect(alertOf(body({ cmd: long })).fields).toEqual({ cmd: long });
  });

  test('are not cut within a character', () => {
    for (const char of ['é', '漢', '🦅']) {
      for (const shift of ['', 'a', 'ab', 'abc']) {
        const { fields } = alertOf(body({ cmd: shift + char.repeat(3_000) }));
        expect(String(fields.cmd)).toMatch(new RegExp(`^${shift}(?:${char})+\\[\\.\\.\\.\\]$`, 'u'));
        expect(Buffer.byteLength(String(fields.cmd))).toBeLessThanOrEqual(512);
      }
    }
  });

  test('are refused when they are too large even so', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field.${i}`, 'v']));
    expect(outcomesOf(body(many))).toEqual([{ kind: 'too-large', reason: expect.any(String) }]);
    expect(alertOf(body({ cmd: 'x'.repeat(10_000_000) })).json.length).toBeLessThan(1_000);
  });
});

test.each([
  ['2024-03-01T10:00:00Z', '2024-03-01T10:00:00Z', 1709287200000000000n],
  ['2024-03-01T10:00:00.123456789Z', '2024-03-01T10:00:00.123456789Z', 1709287200123456789n],
  ['2024-03-01T10:00:00.1200Z', '2024-03-01T10:00:00.12Z', 1709287200120000000n],
  ['2024-03-01T10:00:00.1234567899Z', '2024-03-01T10:00:00.123456789Z', 1709287200123456789n],
  ['2024-03-01T12:00:00+02:00', '2024-03-01T12:00:00+02:00', 1709287200000000000n],
  ['2024-03-01T10:00:00+00:00', '2024-03-01T10:00:00Z', 1709287200000000000n],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z', 1709164800000000000n],
])('the time %s', (text, shown, ns) => {
  expect(parseAlertTime(text)).toEqual({ text: shown, ns });
});

test.each([
  '2023-02-29T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-00-01T00:00:00Z',
  '2024-03-01T24:00:00Z',
  '2024-03-01T10:60:00Z',
  '2024-03-01T10:00:60Z',
  '2024-03-01 10:00:00Z',
  '2024-03-01T10:00:00',
  '2024-03-01T10:00:00.Z',
  '0001-01-01T00:00:00Z',
  'now',
])('%s is no time', (text) => {
  expect(parseAlertTime(text)).toBeUndefined();
});
