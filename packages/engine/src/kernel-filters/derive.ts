/**
 * What the kernel need not report, derived from rules: for calls that open, close and copy file descriptors a condition
 * that follows from every rule, and from what the tables must know for the rules. It is settled at load and never
 * changes; a reload derives a new one.
 */

import { eventCodesOf, eventRoster } from '@peregrine/events';
import { type CheckedRule, createDecider, type Decider, type Source } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import {
  type Assumption,
  type FdReader,
  fdReadersOf,
  mayHold,
  readsAcceptedOtherwise,
} from './fd-readers.ts';
import { type OpenNeed, openNeedsOf, union } from './open-needs.ts';

/** Opens that rules need, and which rules. */
export interface OpenGroup extends OpenNeed {
  readonly rules: readonly string[];
}

export interface KernelFilters {
  /** Why everything passes; `undefined` when something is left out. */
  readonly offReason: string | undefined;
  /** An open passes when one of these takes it; or when it opens a directory, or takes a number that is known. */
  readonly opens: readonly OpenGroup[];
  /** Codes of opens that `opens` decides about. */
  readonly openCodes: readonly number[];
  /** Codes of calls that pass only when the tables may have an entry for a descriptor of theirs. */
  readonly knownFdCodes: readonly number[];
  /** Codes of accepts that are left out until a reported event uses the connection's descriptor. */
  readonly untoldCodes: readonly number[];
  /** Codes of messages, and of questions about a socket, that are left out on connections of which nothing is told. */
  readonly messageCodes: readonly number[];
}

export interface DeriveOptions {
  readonly rules: readonly CheckedRule<EventContext>[];
  readonly source: Source<EventContext>;
  /** What rules and outputs need of the state (`Ruleset.needs`). */
  readonly needs: ReadonlySet<string>;
}

/** Most groups that the kernel tries. */
export const MOST_OPEN_GROUPS = 16;

const exitCodes = (...names: readonly string[]): readonly number[] =>
  names.flatMap((name) => eventCodesOf(name)).filter((code) => isCurrentExit(code));

/** Of the versions of an event only the newest has the parameters that filters look at. */
function isCurrentExit(code: number): boolean {
  const type = eventRoster[code];
  return type?.direction === 'exit' && type.params.length > 1;
}

const openCodes = exitCodes('open', 'openat', 'openat2');
const closeCodes = exitCodes('close');
const copyCodes = exitCodes('dup', 'dup2', 'dup3', 'fcntl');
const acceptCodes = exitCodes('accept', 'accept4');
const messageCodes = exitCodes(
  ...['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg', 'recvmmsg', 'getsockopt'],
);

export function deriveKernelFilters({ rules, source, needs }: DeriveOptions): KernelFilters {
  const decide = createDecider(source);
  if (needs.has('time')) return noKernelFilters('rules read the time between events');
  const [reader] = fdReadersOf(rules, decide);
  if (reader !== undefined) return noKernelFilters(renderReader(reader));
  return Object.freeze({
    offReason: undefined,
    opens: openGroups(rules, decide),
    openCodes,
    knownFdCodes: [...unlessNeeded(closeCodes, rules, decide), ...unlessNeeded(copyCodes, rules, decide)],
    ...untold(rules, decide),
  });
}

/** What can be left out of the connections that servers accept. */
function untold(
  rules: readonly CheckedRule<EventContext>[],
  decide: Decider<EventContext>,
): Pick<KernelFilters, 'untoldCodes' | 'messageCodes'> {
  if (
    isAnyNeeded([...acceptCodes, ...closeCodes], rules, decide, 'accepted') ||
    readsAcceptedOtherwise(rules, decide)
  )
    return { untoldCodes: [], messageCodes: [] };
  return {
    untoldCodes: acceptCodes,
    messageCodes: messageCodes.filter((code) => !isAnyNeeded([code], rules, decide, 'accepted')),
  };
}

/** Everything passes. */
export function noKernelFilters(offReason: string): KernelFilters {
  return Object.freeze({
    offReason,
    opens: [],
    openCodes: [],
    knownFdCodes: [],
    untoldCodes: [],
    messageCodes: [],
  });
}

function renderReader({ rule, code, field }: FdReader): string {
  const name = eventRoster[code]?.name ?? '';
  return `\`${rule}\` may look at any file that is open: it reads ${field} of ${name}`;
}

/** These codes together, unless a rule may hold for an event of one of them whose descriptor nobody knows. */
function unlessNeeded(
  codes: readonly number[],
  rules: readonly CheckedRule<EventContext>[],
  decide: Decider<EventContext>,
): readonly number[] {
  return isAnyNeeded(codes, rules, decide, 'none') ? [] : codes;
}

function isAnyNeeded(
  codes: readonly number[],
  rules: readonly CheckedRule<EventContext>[],
  decide: Decider<EventContext>,
  assumption: Assumption,
): boolean {
  return codes.some((code) =>
    rules.some((rule) => rule.eventCodes.has(code) && mayHold(rule.condition, { code, decide, assumption })),
  );
}

function openGroups(
  rules: readonly CheckedRule<EventContext>[],
  decide: Decider<EventContext>,
): readonly OpenGroup[] {
  const needs = rules.flatMap((rule): OpenGroup[] =>
    openCodes
      .filter((code) => rule.eventCodes.has(code))
      .flatMap((code) => openNeedsOf(rule.condition, code, decide))
      .map((need) => ({ ...need, rules: [rule.name] })),
  );
  const groups = [...Map.groupBy(needs, ({ results, flags }) => `${results} ${flags}`).values()].map(
    (group) => group.reduce(join),
  );
  if (groups.length <= MOST_OPEN_GROUPS) return groups;
  const kept = groups.slice(0, MOST_OPEN_GROUPS - 1);
  return [...kept, groups.slice(MOST_OPEN_GROUPS - 1).reduce(join)];
}

function join(one: OpenGroup, other: OpenGroup): OpenGroup {
  return { ...union(one, other), rules: [...new Set([...one.rules, ...other.rules])] };
}
