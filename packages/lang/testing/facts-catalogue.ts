/** A catalogue of real size for tests of the language: the reference's fields and events, without values. */

import { readFileSync } from 'node:fs';
import type { ValueType } from '@peregrine/base';
import type { Catalogue, FieldInfo, Resolution, Source } from '../src/catalogue.ts';

interface FieldFacts {
  readonly name: string;
  readonly class: string;
  readonly sources: readonly string[];
  readonly type: ValueType;
  readonly list?: boolean;
  readonly argument?: 'optional' | 'required';
  readonly forms?: readonly string[];
  readonly deprecated?: boolean;
  readonly filterOnly?: boolean;
  readonly printOnly?: boolean;
  readonly noRightSide?: boolean;
  readonly noTransformers?: boolean;
  readonly suggested?: boolean;
}

interface Facts {
  readonly eventCodeCount: number;
  readonly asyncCode: number;
  readonly events: Readonly<Record<string, readonly number[]>>;
  readonly syscalls: Readonly<Record<string, readonly number[]>>;
  readonly params: Readonly<Record<string, ValueType>>;
  readonly fields: readonly FieldFacts[];
}

const factsFile = new URL('../../../corpora/catalogue/facts.json', import.meta.url);

/** `sources` are those that the catalogue has; `syscall` alone unless stated. */
export function createFactsCatalogue(sources: readonly string[] = ['syscall']): Catalogue<unknown> {
  // `as`: the file's shape is stated by its generator.
  const facts = JSON.parse(readFileSync(factsFile, 'utf8')) as Facts;
  return {
    sources: sources.map((name) => createSource(name, facts)),
    engineVersion: '0.63.0',
    plugins: [
      { name: 'container', version: '0.7.1' },
      { name: 'k8saudit', version: '0.16.0' },
      { name: 'json', version: '0.7.3' },
    ],
  };
}

function createSource(name: string, facts: Facts): Source<unknown> {
  const known = facts.fields.filter(({ sources }) => sources.includes(name) || sources.includes('*'));
  const infos = new Map(known.map((field) => [field.name, [field, infoOf(field)] as const]));
  const isSyscall = name === 'syscall';
  const events: Readonly<Record<string, readonly number[]>> = isSyscall
    ? { ...facts.events, container: [facts.asyncCode] }
    : { pluginevent: [322] };
  return {
    name,
    fields: [...infos.values()].map(([, info]) => info),
    resolve: (field, argument) => resolve(infos, facts, field, argument),
    eventCodeCount: facts.eventCodeCount,
    eventCodesOf: (event) => (Object.hasOwn(events, event) ? events[event] : undefined),
    syscallsOf: (event) =>
      isSyscall && Object.hasOwn(facts.syscalls, event) ? (facts.syscalls[event] ?? []) : [],
    eventNames: Object.keys(events),
    alwaysCodes: [facts.asyncCode],
    termCacheOf: () => undefined,
    codeOf: () => 0,
  };
}

function infoOf(field: FieldFacts): FieldInfo {
  return {
    name: field.name,
    class: field.class,
    doc: '',
    type: field.type,
    printFormat: 'none',
    isList: field.list ?? false,
    argument: {
      requirement: field.argument ?? 'none',
      forms: (field.forms ?? []).flatMap((form) => (form === 'index' || form === 'key' ? [form] : [])),
    },
    isDeprecated: field.deprecated ?? false,
    isFilterOnly: field.filterOnly ?? false,
    isPrintOnly: field.printOnly ?? false,
    isHidden: false,
    allowsRightHandSide: !field.noRightSide,
    allowsTransformers: !field.noTransformers,
    isSuggested: field.suggested ?? false,
    examples: [],
  };
}

function resolve(
  infos: ReadonlyMap<string, readonly [FieldFacts, FieldInfo]>,
  facts: Facts,
  name: string,
  argument: string | undefined,
): Resolution<unknown> {
  const entry = infos.get(name);
  if (entry === undefined) return resolveDotted(infos, facts, name, argument);
  const [field, info] = entry;
  const { requirement, forms } = info.argument;
  if (argument === undefined) {
    if (requirement === 'required') return { kind: 'bad-argument', reason: 'needs an argument' };
  } else {
    if (requirement === 'none') return { kind: 'bad-argument', reason: 'takes no argument' };
    if (!forms.includes('key') && !/^\d+$/.test(argument)) {
      return { kind: 'bad-argument', reason: 'takes an index' };
    }
  }
  return bind(info, argument === undefined ? name : `${name}[${argument}]`, field.type);
}

function resolveDotted(
  infos: ReadonlyMap<string, readonly [FieldFacts, FieldInfo]>,
  facts: Facts,
  name: string,
  argument: string | undefined,
): Resolution<unknown> {
  if (argument !== undefined) return { kind: 'unknown-field' };
  for (const prefix of ['evt.arg', 'evt.rawarg', 'evt.type.is', 'thread.cgroup', 'evt.abspath']) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const [field, info] = infos.get(prefix) ?? [];
    if (field === undefined || info === undefined) continue;
    const rest = name.slice(prefix.length + 1);
    const paramType = Object.hasOwn(facts.params, rest) ? facts.params[rest] : undefined;
    if (prefix === 'evt.arg' || prefix === 'evt.rawarg') {
      if (paramType === undefined) continue;
      return bind(info, name, prefix === 'evt.rawarg' ? paramType : field.type);
    }
    return bind(info, name, field.type);
  }
  return { kind: 'unknown-field' };
}

function bind(info: FieldInfo, text: string, type: ValueType): Resolution<unknown> {
  return {
    kind: 'field',
    field: {
      info,
      text,
      type,
      isList: info.isList,
      printFormat: info.printFormat,
      scope: 'event',
      quantifier: 'value',
      cost: 1,
      read: () => undefined,
    },
  };
}
