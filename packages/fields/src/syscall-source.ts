/** The event source `syscall` as the rule language sees it: its fields, its event types, its caches. */

import { EVENT_CODE_COUNT, eventCodesOf, eventNames, syscallRoster } from '@peregrine/events';
import type { BoundField, FieldInfo, Resolution, Source } from '@peregrine/lang';
import { containerEventName, type EventContext } from '@peregrine/state';
import type { Binding, FieldClass, FieldDeclaration } from './define-fields.ts';
import { ASYNC_EVENT } from './event-params.ts';
import { createSilentHostNames, type HostNames } from './host-names.ts';
import { fieldRoster } from './roster.ts';

export interface SyscallSourceOptions {
  /** Texts of `static.NAME` fields, UTF-16. */
  readonly staticFields?: Readonly<Record<string, string>>;
  /** Where `fd.sip.name` and its like look names up; without it no name has an address. */
  readonly hostNames?: HostNames;
  /** Name of the Kubernetes node that the events are of, UTF-16. */
  readonly nodeName?: string | undefined;
  /** Names of asynchronous events that `evt.type` may be compared with. */
  readonly asyncEventNames?: readonly string[];
}

interface KnownField {
  readonly info: FieldInfo;
  readonly declaration: FieldDeclaration;
}

export function createSyscallSource(options: SyscallSourceOptions = {}): Source<EventContext> {
  const {
    staticFields = {},
    hostNames = createSilentHostNames(),
    asyncEventNames = Object.values(containerEventName),
  } = options;
  const fields = knownFields(fieldRoster({ hostNames, staticFields, nodeName: options.nodeName }));
  const asyncNames = new Set(asyncEventNames);
  const syscalls = syscallIdsByName();
  return Object.freeze({
    name: 'syscall',
    fields: [...fields.values()].map(({ info }) => info),
    resolve: (name: string, argument: string | undefined) => resolve(fields, name, argument),
    eventCodeCount: EVENT_CODE_COUNT,
    eventCodesOf: (name: string) => {
      const codes = eventCodesOf(name);
      if (asyncNames.has(name)) return [...codes, ASYNC_EVENT];
      return codes.length === 0 ? undefined : codes;
    },
    syscallsOf: (name: string) => syscalls.get(name) ?? [],
    eventNames: [...new Set([...eventNames(), ...asyncNames])].sort(),
    alwaysCodes: [ASYNC_EVENT],
    termCacheOf: (event: EventContext) => event.thread?.terms,
    codeOf: (event: EventContext) => event.view.code,
  });
}

function knownFields(classes: readonly FieldClass[]): ReadonlyMap<string, KnownField> {
  const fields = new Map<string, KnownField>();
  for (const { name: className, fields: declarations } of classes)
    for (const [name, declaration] of Object.entries(declarations)) {
      const info: FieldInfo = Object.freeze({ name, class: className, ...declaration.facts });
      fields.set(name, { info, declaration });
    }
  return fields;
}

function syscallIdsByName(): ReadonlyMap<string, readonly number[]> {
  const ids = new Map<string, number[]>();
  for (const { id, name, eventName } of syscallRoster)
    for (const key of new Set([name, eventName])) {
      const known = ids.get(key);
      if (known === undefined) ids.set(key, [id]);
      else known.push(id);
    }
  return ids;
}

function resolve(
  fields: ReadonlyMap<string, KnownField>,
  name: string,
  argument: string | undefined,
): Resolution<EventContext> {
  const known = fields.get(name);
  if (known !== undefined) return bound(known, known.declaration.bind(argument), textOf(name, argument));
  for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) {
    const owner = fields.get(name.slice(0, at));
    const bindSuffix = owner?.declaration.bindSuffix;
    if (owner === undefined || bindSuffix === undefined) continue;
    if (argument !== undefined) return { kind: 'bad-argument', reason: 'it takes one argument, not two' };
    return bound(owner, bindSuffix(name.slice(at + 1)), name);
  }
  return { kind: 'unknown-field' };
}

function textOf(name: string, argument: string | undefined): string {
  return argument === undefined ? name : `${name}[${argument}]`;
}

function bound(
  { info, declaration }: KnownField,
  binding: Binding | string,
  text: string,
): Resolution<EventContext> {
  if (typeof binding === 'string') return { kind: 'bad-argument', reason: binding };
  const { read, show, showText, compare, type = info.type, quantifier = 'value' } = binding;
  const { needs, awaits, scope, cost } = declaration;
  const field: BoundField<EventContext> = Object.freeze({
    info,
    text,
    type,
    isList: info.isList,
    printFormat: binding.printFormat ?? info.printFormat,
    scope,
    quantifier,
    cost,
    read,
    ...(show && { show }),
    ...(showText && { showText }),
    ...(needs && { needs }),
    ...(awaits && { awaits }),
    ...(compare && { compare }),
  });
  return { kind: 'field', field };
}
