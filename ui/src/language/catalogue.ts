/** What the rule language is told of the world, in the browser: made of what the server says of it. */

import type { LanguageFacts } from '@peregrine/api/contract';
import type { BoundField, Catalogue, FieldInfo, Resolution, Source } from '@peregrine/lang';

type SourceFacts = LanguageFacts['sources'][number];
type FieldFacts = SourceFacts['fields'][number];

/** Good for checks only: no field has a value here. */
export function catalogueOf({ sources, engineVersion, plugins }: LanguageFacts): Catalogue<never> {
  return { sources: sources.map(sourceOf), engineVersion, plugins };
}

function sourceOf(facts: SourceFacts): Source<never> {
  const fields = new Map(facts.fields.map((field) => [field.name, { field, info: infoOf(field) }]));
  const codes = new Map(facts.events.map((event) => [event.name, event.codes]));
  return {
    name: facts.name,
    fields: [...fields.values()].map(({ info }) => info),
    resolve: (name, argument) => resolve(fields, name, argument),
    eventCodeCount: facts.eventCodeCount,
    eventCodesOf: (name) => codes.get(name),
    syscallsOf: () => [],
    eventNames: [...codes.keys()],
    alwaysCodes: facts.alwaysCodes,
    termCacheOf: () => undefined,
    codeOf: () => 0,
  };
}

function infoOf({ argument, type, ...facts }: FieldFacts): FieldInfo {
  return {
    ...facts,
    // The server names no type that the language does not have.
    type: type as FieldInfo['type'],
    printFormat: 'none',
    argument: { requirement: argument.requirement, forms: argument.forms },
    isSuggested: false,
    examples: [],
  };
}

type Known = ReadonlyMap<string, { readonly field: FieldFacts; readonly info: FieldInfo }>;

function resolve(fields: Known, name: string, argument: string | undefined): Resolution<never> {
  const known = fields.get(name);
  if (known === undefined) return resolveSuffix(fields, name, argument);
  const { requirement, forms } = known.field.argument;
  if (argument === undefined && requirement === 'required')
    return { kind: 'bad-argument', reason: 'it needs an argument between brackets' };
  if (argument !== undefined && (requirement === 'none' || forms.length === 0))
    return { kind: 'bad-argument', reason: 'it takes no argument' };
  if (argument !== undefined && !forms.includes('key') && !/^[0-9]{1,9}$/.test(argument))
    return { kind: 'bad-argument', reason: `\`${argument}\` is not an index: digits are expected` };
  const text = argument === undefined ? name : `${name}[${argument}]`;
  return { kind: 'field', field: bound(known.info, text, known.info.type) };
}

function resolveSuffix(fields: Known, name: string, argument: string | undefined): Resolution<never> {
  for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) {
    const owner = fields.get(name.slice(0, at));
    const suffixes = owner?.field.argument.suffix ?? null;
    if (owner === undefined || suffixes === null) continue;
    if (argument !== undefined) return { kind: 'bad-argument', reason: 'it takes one argument, not two' };
    const suffix = name.slice(at + 1);
    if (suffixes === 'any') return { kind: 'field', field: bound(owner.info, name, owner.info.type) };
    const found = suffixes.find((one) => one.name === suffix);
    if (found === undefined) return { kind: 'bad-argument', reason: `\`${suffix}\` is not known there` };
    return { kind: 'field', field: bound(owner.info, name, found.type as FieldInfo['type']) }; // As above.
  }
  return { kind: 'unknown-field' };
}

function bound(info: FieldInfo, text: string, type: FieldInfo['type']): BoundField<never> {
  return {
    info,
    text,
    type,
    isList: info.isList,
    printFormat: info.printFormat,
    scope: 'event',
    quantifier: 'value',
    cost: 1,
    read: () => undefined,
  };
}
