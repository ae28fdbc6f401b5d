/**
 * Which rules may look at an entry of an fd table that an earlier event made: then that event is needed, too. The
 * question is asked of plain files; directories, sockets and all else are always kept.
 */

import { type EventType, eventFlag, eventRoster } from '@peregrine/events';
import {
  type BoundField,
  type CheckedCondition,
  type CheckedRule,
  type CheckedTest,
  type Decider,
  fieldsOfOperand,
  plainFieldOf,
  prepareScalarTest,
} from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';

type Rule = CheckedRule<EventContext>;
type Field = BoundField<EventContext>;
type Test = CheckedTest<EventContext>;

export interface FdReader {
  readonly rule: string;
  readonly code: number;
  readonly field: string;
}

/** What is known of the event's entry: it is a plain file's, of a TCP connection that was accepted, or there is none. */
export type Assumption = 'file' | 'accepted' | 'none';

/** Fields that read the event's own entry. */
const entryFields: RegExp = /^(fd\.|fs\.path\.|evt\.(category|is_syslog|buflen|abspath|count\.error))/;
/** Fields that read entries of other numbers. */
const otherEntryFields: RegExp = /^(proc\.std(in|out|err)\.|fd\.types|fdlist\.)/;
/** Fields of the event itself, which read no entry at all. Whatever is in no list is taken to read them all. */
const entryFreeFields: RegExp =
  /^(evt\.(num|plugin|source|is_async|asynctype|hostname|dir|type|cpu|res$|rawres|failed|is_wait|is_io|io_dir|wait_|is_open_|infra\.|rawarg\.|time|datetime|rawtime|reltime|latency|deltatime|outputtime|around|count$|count\.(exit|procinfo|threadinfo))|syscall\.type|proc\.|thread\.|user\.|group\.|container\.|k8s\.|static\.|util\.)/;
/** Fields whose text may name entries that parameters have the numbers of. */
const parameterFields: RegExp = /^evt\.(args|info|arg\.|arg\[)/;

/** What entries of accepted TCP connections have here: one of these. */
const ofAccepted: Readonly<Record<string, readonly string[]>> = {
  'fd.l4proto': ['tcp'],
  'fd.type': ['ipv4', 'ipv6'],
  'fd.typechar': ['4', '6'],
};

/** Only sockets have these. */
const socketFields: RegExp = /^fd\.([cslr]?(ip|port|proto|net)|l4proto|sockfamily|is_server)$/;

/** How a field reads entries of plain files when an event of the type arrives; `undefined`: not at all. */
function reads(field: Field, type: EventType): 'own' | 'others' | undefined {
  const { text } = field;
  if (field.scope !== 'event') return undefined;
  if (otherEntryFields.test(text)) return 'others';
  if (entryFields.test(text)) return usesEntry(type) ? 'own' : undefined;
  if (parameterFields.test(text)) return namesOtherFds(text, type) ? 'others' : undefined;
  return entryFreeFields.test(text) ? undefined : 'others';
}

/** Whether the entry is one from before, and may be a plain file's: calls that start from a directory take no other. */
function usesEntry({ flags, params }: EventType): boolean {
  const param = params.find(({ type }, index) => index > 0 && type === 'FD');
  return (flags & eventFlag.usesFd) !== 0 && !(param?.name.endsWith('dirfd') ?? false);
}

/** Directory fds are kept, and a call's result is its own. */
function namesOtherFds(text: string, type: EventType): boolean {
  const name = /^evt\.arg\.(.+)$/.exec(text)?.[1];
  return type.params.some(
    (param, index) =>
      (name === undefined || param.name === name) &&
      (param.type === 'FD' || param.type === 'FDLIST') &&
      index > 0,
  );
}

/** Rules that may look at entries of plain files, one reason each. */
export function fdReadersOf(rules: readonly Rule[], decide: Decider<EventContext>): readonly FdReader[] {
  return rules.flatMap((rule) => {
    const reader = readerOf(rule, decide);
    return reader === undefined ? [] : [reader];
  });
}

function readerOf(rule: Rule, decide: Decider<EventContext>): FdReader | undefined {
  const fields = [...fieldsOfCondition(rule.condition), ...fieldsOfOutputs(rule)];
  for (const code of rule.eventCodes) {
    const type = eventRoster[code];
    if (type === undefined || type.direction === 'enter') continue;
    const looked = fields.map((field) => ({ field, kind: reads(field, type) })).filter(({ kind }) => kind);
    const [first] = looked;
    if (first === undefined) continue;
    const isOwnOnly = looked.every(({ kind }) => kind === 'own');
    const may = (assumption: Assumption | undefined): boolean =>
      mayHold(rule.condition, { code, decide, assumption });
    if (isOwnOnly ? may('file') || may('none') : may(undefined))
      return { rule: rule.name, code, field: first.field.text };
  }
  return undefined;
}

/**
 * Whether a rule may look at the entry of an accepted connection in a way that the kernel does not see: by another number
 * than the first argument of the event's call.
 */
export function readsAcceptedOtherwise(rules: readonly Rule[], decide: Decider<EventContext>): boolean {
  return rules.some((rule) => {
    const fields = [...fieldsOfCondition(rule.condition), ...fieldsOfOutputs(rule)];
    return [...rule.eventCodes].some((code) => {
      const type = eventRoster[code];
      if (type === undefined || type.direction === 'enter') return false;
      const kinds = fields.map((field) => reads(field, type));
      const may = (assumption: Assumption | undefined): boolean =>
        mayHold(rule.condition, { code, decide, assumption });
      if (kinds.includes('others')) return may(undefined);
      return kinds.includes('own') && !hasFdFirst(type) && may('accepted');
    });
  });
}

/** Calls that name their descriptor later, and never a socket's on purpose. */
function hasFdFirst({ name }: EventType): boolean {
  return name !== 'mmap' && name !== 'mmap2';
}

export interface Circumstances {
  readonly code: number;
  readonly decide: Decider<EventContext>;
  readonly assumption: Assumption | undefined;
}

/** Whether the condition may hold for an event of the code; what is not certain counts. */
export function mayHold(
  condition: CheckedCondition<EventContext>,
  circumstances: Circumstances,
  isNegated = false,
): boolean {
  switch (condition.kind) {
    case 'not':
      return mayHold(condition.term, circumstances, !isNegated);
    case 'junction': {
      const may = (term: CheckedCondition<EventContext>): boolean => mayHold(term, circumstances, isNegated);
      return (condition.operator === 'and') !== isNegated
        ? condition.terms.every(may)
        : condition.terms.some(may);
    }
    case 'test': {
      const verdict = verdictOf(condition, circumstances);
      return verdict === undefined || verdict !== isNegated;
    }
  }
}

/** `undefined`: not certain. */
function verdictOf(test: Test, { code, decide, assumption }: Circumstances): boolean | undefined {
  const settled = decide(test)?.(code);
  if (settled !== undefined || assumption === undefined) return settled;
  const { left, right } = test;
  if (left.kind !== 'field' || left.field.compare !== undefined) return undefined;
  const { text } = left.field;
  if (assumption === 'accepted') {
    if (right.kind !== 'constants' || plainFieldOf(test) === undefined) return undefined;
    const values = ofAccepted[text];
    if (values === undefined) return undefined;
    const holds = prepareScalarTest(test);
    const [first, ...others] = values.map((value) => holds(value));
    return others.every((other) => other === first) ? first : undefined;
  }
  // A missing value fails any test, whatever it is compared with.
  if (socketFields.test(text)) return false;
  if (assumption === 'none' && text === 'fd.type') return false;
  if (right.kind !== 'constants' || plainFieldOf(test) === undefined) return undefined;
  if (text === 'fd.type') return prepareScalarTest(test)('file');
  return text === 'fd.typechar' ? prepareScalarTest(test)(assumption === 'file' ? 'f' : 'o') : undefined;
}

function fieldsOfCondition(condition: CheckedCondition<EventContext>): readonly Field[] {
  switch (condition.kind) {
    case 'not':
      return fieldsOfCondition(condition.term);
    case 'junction':
      return condition.terms.flatMap(fieldsOfCondition);
    case 'test': {
      const { left, right } = condition;
      return [...fieldsOfOperand(left), ...(right.kind === 'operand' ? fieldsOfOperand(right.operand) : [])];
    }
  }
}

function fieldsOfOutputs({ output, extraFields }: Rule): readonly Field[] {
  const parts = [...output, ...extraFields.flatMap((extra) => (extra.kind === 'format' ? extra.parts : []))];
  return [
    ...parts.flatMap((part) => (part.kind === 'value' ? fieldsOfOperand(part.operand) : [])),
    ...extraFields.flatMap((extra) => (extra.kind === 'field' ? [extra.field] : [])),
  ];
}
