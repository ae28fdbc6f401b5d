import { readFileSync } from 'node:fs';
import type { FieldInfo } from '@peregrine/lang';
import { describe, expect, test } from 'vitest';
import { createSyscallSource } from './syscall-source.ts';

interface Facts {
  readonly name: string;
  readonly class: string;
  readonly type: string;
  readonly format: string;
  readonly list?: boolean;
  readonly argument?: string;
  readonly forms?: readonly string[];
  readonly flags?: readonly string[];
}

const corpus = new URL('../../../corpora/fields/facts.json', import.meta.url);
const wanted: readonly Facts[] = JSON.parse(readFileSync(corpus, 'utf8'));
const source = createSyscallSource({ staticFields: { region: 'eu' } });
const infoByName = new Map(source.fields.map((info) => [info.name, info]));

function factsOf(info: FieldInfo): Facts {
  const flags = [
    info.isDeprecated && 'deprecated',
    info.isFilterOnly && 'filter_only',
    info.isPrintOnly && 'print_only',
    info.isHidden && 'hidden',
    info.isSuggested && 'suggested',
    !info.allowsRightHandSide && 'no_rhs',
    !info.allowsTransformers && 'no_transformers',
  ].filter((flag) => flag !== false);
  return {
    name: info.name,
    class: info.class,
    type: info.type,
    format: info.printFormat,
    ...(info.isList && { list: true }),
    ...(info.argument.requirement !== 'none' && {
      argument: info.argument.requirement,
      forms: [...info.argument.forms].sort(),
    }),
    ...(flags.length > 0 && { flags: flags.sort() }),
  };
}

describe('facts', () => {
  test.each(wanted.map((facts) => [facts.name, facts] as const))('%s', (name, facts) => {
    const info = infoByName.get(name);
    expect(info && factsOf(info)).toEqual(facts);
  });

  test('no field is there without being wanted', () => {
    const known = new Set(wanted.map(({ name }) => name));
    const extra = source.fields.map(({ name }) => name).filter((name) => !known.has(name));
    expect(extra.sort()).toEqual([
      'k8s.container.name',
      ...['audit_id', 'kind', 'match', 'source_ip', 'user_agent', 'users'].map((part) => `k8s.exec.${part}`),
      'k8s.node.name',
      ...['groups', 'impersonated', 'name'].map((part) => `k8s.user.${part}`),
      'static.region',
    ]);
  });

  test('every field says in a sentence of its own what it is', () => {
    const docs = source.fields.map(({ doc }) => doc);
    for (const doc of docs) expect(doc).toMatch(/^\S.{8,}\.$/s);
  });
});

describe('arguments', () => {
  const good: readonly [name: string, argument: string | undefined, text: string][] = [
    ['proc.aname', undefined, 'proc.aname'],
    ['proc.aname', '2', 'proc.aname[2]'],
    ['proc.env', 'PATH', 'proc.env[PATH]'],
    ['evt.arg', '0', 'evt.arg[0]'],
    ['evt.arg.flags', undefined, 'evt.arg.flags'],
    ['evt.rawarg.res', undefined, 'evt.rawarg.res'],
    ['evt.abspath.src', undefined, 'evt.abspath.src'],
    ['evt.type.is.open', undefined, 'evt.type.is.open'],
    ['thread.cgroup.cpu', undefined, 'thread.cgroup.cpu'],
    ['container.label', 'app', 'container.label[app]'],
    ['static.region', undefined, 'static.region'],
  ];
  test.each(good)('%s[%s] is a field', (name, argument, text) => {
    expect(source.resolve(name, argument)).toMatchObject({ kind: 'field', field: { text } });
  });

  const bad: readonly [name: string, argument: string | undefined][] = [
    ['proc.aname', 'x'],
    ['proc.name', '0'],
    ['evt.arg', undefined],
    ['evt.arg.nosuchparameter', undefined],
    ['evt.abspath.up', undefined],
    ['thread.cgroup', undefined],
    ['container.label', undefined],
    ['evt.around', 'now'],
  ];
  test.each(bad)('%s[%s] has a bad argument', (name, argument) => {
    expect(source.resolve(name, argument).kind).toBe('bad-argument');
  });

  test.each(['proc.nme', 'proc', 'static.zone', 'evt'])('%s is no field', (name) => {
    expect(source.resolve(name, undefined)).toEqual({ kind: 'unknown-field' });
  });
});

test.each([
  ['proc.vmrss', ['memory']],
  ['thread.vmsize', ['memory']],
  ['thread.pfmajor', ['faults']],
  ['evt.deltatime', ['time']],
  ['evt.reltime', ['time']],
  ['proc.name', undefined],
] as const)('%s needs %s of the state', (name, needs) => {
  const resolution = source.resolve(name, undefined);
  expect(resolution.kind === 'field' && resolution.field.needs).toEqual(needs);
});

describe('events', () => {
  test('a name gives the codes of all versions, a call without a type of its own the generic ones', () => {
    expect(source.eventCodesOf('openat')).toContain(307);
    expect(source.eventCodesOf('getpid')).toEqual([0, 1]);
    expect(source.eventCodesOf('nosuchcall')).toBeUndefined();
  });

  test('an asynchronous event is known by its own name', () => {
    expect(source.eventCodesOf('container')).toContain(402);
    expect(source.alwaysCodes).toEqual([402]);
  });

  test('calls have ids', () => {
    expect(source.syscallsOf('open')).toEqual([5]);
    expect(source.syscallsOf('nosuchcall')).toEqual([]);
  });
});
