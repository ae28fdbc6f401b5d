/** The rule language as plain data: all that an editor needs to complete rules, to explain them and to check them. */

import type { LanguageFacts } from '@peregrine/api/contract';
import {
  type Catalogue,
  type FieldInfo,
  operatorRoster,
  type Source,
  transformerRoster,
} from '@peregrine/lang';
import { type ListedEvent, listEvents } from '../../rules/list-catalogue.ts';

type Facts = LanguageFacts['sources'][number];
type Suffix = Facts['fields'][number]['argument']['suffix'];

export function factsOf(catalogue: Catalogue<never>): LanguageFacts {
  return {
    sources: catalogue.sources.map(sourceFacts),
    operators: operatorRoster.map(({ symbol, doc }) => ({ symbol, doc })),
    transformers: transformerRoster.map(({ name, doc }) => ({ name, doc })),
    engineVersion: catalogue.engineVersion,
    plugins: catalogue.plugins.map(({ name, version }) => ({ name, version })),
  };
}

function sourceFacts(source: Source<never>): Facts {
  const listed = new Map(listEvents(source.name).map((event) => [event.name, event]));
  const params = [...listed.values()].flatMap((event) => event.params.map(({ name }) => name));
  const names = new Set([...params, ...source.eventNames, ...otherSuffixes]);
  return {
    name: source.name,
    fields: source.fields.map((field) => fieldFacts(source, field, suffixOf(source, field, names))),
    events: source.eventNames.map((name) => eventFacts(source, name, listed.get(name))),
    eventCodeCount: source.eventCodeCount,
    alwaysCodes: [...source.alwaysCodes],
  };
}

function fieldFacts(source: Source<never>, field: FieldInfo, suffix: Suffix): Facts['fields'][number] {
  const { name, type, doc, argument, isList, isHidden, isDeprecated, isFilterOnly, isPrintOnly } = field;
  const { allowsRightHandSide, allowsTransformers } = field;
  return {
    ...{ name, type, doc, class: field.class, isList, isHidden, isDeprecated, isFilterOnly, isPrintOnly },
    ...{ allowsRightHandSide, allowsTransformers },
    argument: { requirement: argument.requirement, forms: formsOf(source, name), suffix },
  };
}

/** What may stand between brackets, found by asking: a declaration may mean what follows a dot. */
function formsOf(source: Source<never>, name: string): ('index' | 'key')[] {
  const takes = (argument: string): boolean => source.resolve(name, argument).kind === 'field';
  return [...(takes('0') ? (['index'] as const) : []), ...(takes(ANY) ? (['key'] as const) : [])];
}

/** Besides names of events and of their parameters. */
const otherSuffixes = ['src', 'dst'];

/** No parameter and no key is called that. */
const ANY = 'xq_any';

/** Found by asking: whatever fits, only these names, or nothing. */
function suffixOf(source: Source<never>, { name, argument }: FieldInfo, names: ReadonlySet<string>): Suffix {
  if (argument.requirement === 'none') return null;
  const typeOf = (suffix: string): string | undefined => {
    const resolution = source.resolve(`${name}.${suffix}`, undefined);
    return resolution.kind === 'field' && resolution.field.info.name === name
      ? resolution.field.type
      : undefined;
  };
  if (typeOf(ANY) !== undefined) return 'any';
  const found = [...names].flatMap((suffix) => {
    const type = typeOf(suffix);
    return type === undefined ? [] : [{ name: suffix, type }];
  });
  return found.length === 0 ? null : found;
}

function eventFacts(
  source: Source<never>,
  name: string,
  event: ListedEvent | undefined,
): Facts['events'][number] {
  return {
    name,
    codes: [...(source.eventCodesOf(name) ?? [])],
    doc: event?.doc ?? '',
    params: event?.params.map((param) => param.name) ?? [],
  };
}
