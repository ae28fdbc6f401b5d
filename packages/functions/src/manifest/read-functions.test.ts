import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnostic } from '@peregrine/base';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionSpec } from '../function-spec.ts';
import { functionsIn, readFunctions } from './read-functions.ts';

const spec = (lines: readonly string[]): string =>
  [
    'apiVersion: kubeless.io/v1beta1',
    'kind: Function',
    'metadata: {name: f}',
    'spec:',
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n');
const least = ['runtime: python3.7', 'handler: f.go', 'function: pass'];

function read(
  text: string,
  environment: Readonly<Record<string, string>> = {},
): {
  readonly specs: readonly FunctionSpec[];
  readonly told: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const found = functionsIn('f.yaml', text, { namespace: 'default', environment }, (diagnostic) =>
    diagnostics.push(diagnostic),
  );
  const told = diagnostics.map(({ code, span }) => `${code} ${span?.start.line}:${span?.start.column}`);
  return { specs: found.map((one) => one.spec), told, diagnostics };
}

describe('one function', () => {
  test('with what it needs, and defaults', () => {
    expect(read(spec(least))).toEqual({
      told: [],
      diagnostics: [],
      specs: [
        {
          name: 'f',
          namespace: 'default',
          language: 'python',
          runtime: 'python3.7',
          handler: 'f.go',
          moduleName: 'f',
          exportName: 'go',
          code: { kind: 'text', text: 'pass' },
          dependencies: '',
          environment: {},
          timeoutMs: 180_000,
          memoryBytes: 536_870_912,
          serviceAccount: undefined,
          runAsUser: undefined,
          file: 'f.yaml',
        },
      ],
    });
  });

  test('with everything that counts', () => {
    const pod = [
      'deployment:',
      '  spec:',
      '    template:',
      '      spec:',
      '        serviceAccountName: deleter',
      '        securityContext: {runAsUser: 1000}',
      '        containers:',
      '          - env: [{name: A, value: "1"}, {name: B, value: b}, {name: C}]',
      '            resources: {limits: {memory: 64Mi, cpu: 100m}}',
    ];
    const more = [
      'checksum: x',
      'deps: |',
      '  kubernetes>=12.0.1',
      'timeout: "1.5"',
      'function-content-type: text',
    ];
    expect(read(spec([...least, ...more, ...pod]), { B: 'given' }).specs).toMatchObject([
      {
        dependencies: 'kubernetes>=12.0.1\n',
        environment: { A: '1', B: 'given', C: '' },
        timeoutMs: 1_500,
        memoryBytes: 67_108_864,
        serviceAccount: 'deleter',
        runAsUser: 1_000,
      },
    ]);
  });

  test('in base64', () => {
    const text = Buffer.from('pass # ä').toString('base64');
    const lines = ['runtime: nodejs', 'handler: f.go', `function: ${text}`, 'function-content-type: base64'];
    expect(read(spec(lines)).specs).toMatchObject([{ code: { text: 'pass # ä' } }]);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['nothing', [], ['missing-key 1:1', 'missing-key 1:1', 'missing-key 1:1']],
    [
      'wrong types',
      ['runtime: []', 'handler: {}', 'function: []'],
      ['wrong-type 5:12', 'wrong-type 6:12', 'wrong-type 7:13'],
    ],
    ['a runtime that does not exist', [...least.slice(1), 'runtime: java1.8'], ['function-runtime 7:12']],
    [
      'a handler without a file',
      ['runtime: python3', 'handler: go', 'function: pass'],
      ['function-handler 6:12'],
    ],
    [
      'a handler out of its folder',
      ['runtime: python3', 'handler: ../f.go', 'function: pass'],
      ['function-handler 6:12'],
    ],
    ['an archive', [...least, 'function-content-type: base64+zip'], ['function-content-type 8:26']],
    [
      'base64 that is none',
      [...least.slice(0, 2), 'function: "a b"', 'function-content-type: base64'],
      ['function-base64 7:13'],
    ],
    [
      'base64 that is broken',
      ['runtime: python3', 'handler: f.go', 'function: "?"', 'function-content-type: base64'],
      ['function-base64 7:13'],
    ],
    [
      'base64 of no text',
      ['runtime: python3', 'handler: f.go', 'function: "/w=="', 'function-content-type: base64'],
      ['function-base64 7:13'],
    ],
    ['a time that is none', [...least, 'timeout: soon'], ['function-quantity 8:12']],
    ['no time', [...least, 'timeout: 0'], ['function-quantity 8:12']],
    ['a key that is mistyped', [...least, 'timout: 3'], ['unknown-key 8:11']],
    [
      'a value from elsewhere',
      [
        ...least,
        'deployment: {spec: {template: {spec: {containers: [{env: [{name: A, valueFrom: {x: y}}]}]}}}}',
      ],
      ['function-value-from 8:61'],
    ],
    [
      'too little memory',
      [
        ...least,
        'deployment: {spec: {template: {spec: {containers: [{resources: {limits: {memory: 1Mi}}}]}}}}',
      ],
      ['function-quantity 8:84'],
    ],
  ])('%s', (_, lines, told) => {
    const found = read(spec(lines));
    expect(found.told).toEqual(told);
    const isGood = found.diagnostics.every(({ severity }) => severity === 'warning');
    expect(found.specs.length).toBe(isGood ? 1 : 0);
  });

  test('a value from elsewhere may be given', () => {
    const env =
      'deployment: {spec: {template: {spec: {containers: [{env: [{name: A, valueFrom: {x: y}}]}]}}}}';
    expect(read(spec([...least, env]), { A: 'mine' }).specs).toMatchObject([{ environment: { A: 'mine' } }]);
  });
});

describe('many objects', () => {
  test('lists, documents and objects of other kinds', () => {
    const text = `
kind: ServiceAccount
metadata: {name: x}
---
apiVersion: v1
kind: List
items:
  - kind: FunctionList
    items:
      - {apiVersion: kubeless.io/v1beta1, kind: Function, metadata: {name: a, namespace: n}, spec: {runtime: nodejs, handler: a.b, function: "1"}}
  - {kind: Function, metadata: {name: b}, spec: {runtime: typescript, handler: a.b, function: "1"}}
---
# nothing
---
${spec(least)}`;
    const { specs, told } = read(text);
    expect(told).toEqual([]);
    expect(specs.map(({ namespace, name, language }) => [namespace, name, language])).toEqual([
      ['n', 'a', 'javascript'],
      ['default', 'b', 'typescript'],
      ['default', 'f', 'python'],
    ]);
  });

  test('one that is no YAML leaves the others', () => {
    const { specs, told } = read(`a: [\n---\n${spec(least)}`);
    expect(specs.length + told.length).toBeGreaterThan(0);
    expect(told[0]).toMatch(/^function-yaml /);
  });

  test('values that hold themselves', () => {
    expect(read('&a [*a]').told[0]).toMatch(/^function-yaml/);
  });
});

describe('files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'peregrine-functions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const request = (paths: readonly string[], handler?: string) =>
    readFunctions({ paths: paths.map(path), namespace: 'default', handler, environment: {} });

  test('a folder gives its manifests, in order', () => {
    writeFileSync(path('b.yml'), spec(least).replace('name: f', 'name: b'));
    writeFileSync(
      path('a.json'),
      JSON.stringify({
        kind: 'Function',
        metadata: { name: 'a' },
        spec: { runtime: 'nodejs', handler: 'a.b', function: '' },
      }),
    );
    writeFileSync(path('notes.txt'), 'no manifest');
    mkdirSync(path('c.yaml'));
    const { functions, diagnostics } = request(['']);
    // An empty function is one that is not there.
    expect(diagnostics.map(({ code }) => code)).toEqual([]);
    expect(functions.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('a plain file', () => {
    writeFileSync(path('Delete_Pod.py'), 'pass');
    expect(request(['Delete_Pod.py'], 'Delete_Pod.go').functions).toMatchObject([
      {
        name: 'delete-pod',
        language: 'python',
        exportName: 'go',
        code: { kind: 'file', path: path('Delete_Pod.py') },
      },
    ]);
    expect(request(['Delete_Pod.py']).diagnostics.map(({ code }) => code)).toEqual([
      'function-handler-missing',
    ]);
    expect(request(['Delete_Pod.py'], 'other.go').diagnostics.map(({ code }) => code)).toEqual([
      'function-handler',
    ]);
  });

  test('a plain file of JavaScript has a usual handler', () => {
    writeFileSync(path('x.mjs'), '');
    expect(request(['x.mjs']).functions).toMatchObject([{ name: 'x', handler: 'x.handler' }]);
  });

  test('what is twice, what is not there, what is nothing of ours', () => {
    writeFileSync(path('a.yaml'), spec(least));
    writeFileSync(path('b.yaml'), spec(least));
    writeFileSync(path('c.txt'), '');
    const { diagnostics } = request(['a.yaml', 'b.yaml', 'c.txt', 'd.yaml']);
    expect(diagnostics.map(({ code }) => code).sort()).toEqual([
      'function-file-ending',
      'function-file-unreadable',
      'function-twice',
    ]);
  });
});

const keys = [
  'apiVersion',
  'kind',
  'metadata',
  'spec',
  'items',
  'name',
  'runtime',
  'handler',
  'function',
  'deps',
  'timeout',
  'deployment',
  'template',
  'containers',
  'env',
  'value',
  'valueFrom',
  'resources',
  'limits',
  'memory',
  'function-content-type',
];
const words = [
  'Function',
  'List',
  'python3',
  'nodejs',
  'a.b',
  '1',
  '16Mi',
  'base64',
  'text',
  'kubeless.io/v1beta1',
];
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...words),
    fc.string(),
    fc.constant(null),
    fc.double(),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6 }),
  ),
}));

test('no text makes it throw, and what it takes is whole', () => {
  const good = spec(least);
  const mangled = fc
    .tuple(fc.nat(good.length), fc.nat(8), fc.string({ maxLength: 8 }))
    .map(([at, count, put]) => good.slice(0, at) + put + good.slice(at + count));
  const objects = tree.map((value) =>
    JSON.stringify(
      typeof value === 'object' && !Array.isArray(value) ? { kind: 'Function', ...value } : value,
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), mangled, objects), (text) => {
      for (const found of read(text).specs) {
        expect(found.name).toMatch(/^[a-z0-9][-a-z0-9]*$/);
        expect(found.moduleName).not.toContain('/');
        expect(found.timeoutMs).toBeGreaterThan(0);
      }
    }),
    { numRuns: 200 },
  );
});
