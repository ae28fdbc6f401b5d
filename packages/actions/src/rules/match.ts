/** What alerts a rule is for: each part of `match` as a test that can also say what it found. */

import { type HubAlert, type Priority, priorities, priorityNamed, textOfValue } from '@peregrine/alert';

export interface MatchPart {
  /** For people: `priority >= Error`. */
  readonly text: string;
  readonly holds: (alert: HubAlert) => boolean;
  /** What the alert has there. */
  readonly found: (alert: HubAlert) => string;
  /** Names of output fields that it looks at. */
  readonly fields: readonly string[];
}

export type ReadPart = { readonly part: MatchPart } | { readonly why: string };

/** One of these rules. */
export function rulesPart(names: readonly string[]): MatchPart {
  const wanted = new Set(names);
  return {
    text: `rule in (${names.join(', ')})`,
    holds: ({ rule }) => wanted.has(rule),
    found: ({ rule }) => rule,
    fields: [],
  };
}

/** COMPAT: `syscalls` is what the hub calls alerts that came without a source; they are of `syscall`. */
export function sourcePart(name: string): MatchPart {
  const plain = (source: string): string => (source === 'syscalls' ? 'syscall' : source);
  return {
    text: `source = ${name}`,
    holds: ({ source }) => plain(source) === plain(name),
    found: ({ source }) => source,
    fields: [],
  };
}

/** `>=Error`, `<Notice`, `Critical`: higher is more severe. */
export function priorityPart(text: string): ReadPart {
  const [, comparator = '', word = ''] = /^\s*(<=|>=|<|>|=)?\s*(\S+)\s*$/.exec(text) ?? [];
  const wanted = priorityNamed(word);
  if (wanted === undefined)
    return { why: `a priority is wanted, such as \`>=Error\`: ${priorities.join(', ')}` };
  const severity = (priority: Priority): number => -priorities.indexOf(priority);
  const least = severity(wanted);
  const compare = comparisons[comparator] ?? equals;
  return {
    part: {
      text: `priority ${comparator || '='} ${wanted}`,
      holds: ({ priority }) => compare(severity(priority), least),
      found: ({ priority }) => priority,
      fields: [],
    },
  };
}

const equals = (found: number, wanted: number): boolean => found === wanted;
const comparisons: Readonly<Record<string, (found: number, wanted: number) => boolean>> = {
  '<': (found, wanted) => found < wanted,
  '<=': (found, wanted) => found <= wanted,
  '>': (found, wanted) => found > wanted,
  '>=': (found, wanted) => found >= wanted,
};

/** One of these groups; all of a group, whose tags are apart by commas. */
export function tagsPart(groups: readonly string[]): ReadPart {
  const wanted = groups.map((group) => group.split(',').map((tag) => tag.trim()));
  if (wanted.some((tags) => tags.includes(''))) return { why: 'a tag between the commas is empty' };
  return {
    part: {
      text: `tags ${groups.join(' or ')}`,
      holds: ({ tags }) => wanted.some((group) => group.every((tag) => tags.includes(tag))),
      found: ({ tags }) => tags.join(', '),
      fields: [],
    },
  };
}

interface FieldTest {
  readonly name: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** One of these groups; all of a group: `k8s.ns.name=prod,proc.name!="sh"`. Values are compared as texts. */
export function fieldsPart(groups: readonly string[]): ReadPart {
  const wanted: (readonly FieldTest[])[] = [];
  for (const group of groups) {
    const tests: FieldTest[] = [];
    for (const written of group.split(',')) {
      const [, name = '', sign, value = ''] = /^\s*([^=!\s]+)\s*(!?=)\s*(.*?)\s*$/s.exec(written) ?? [];
      if (sign === undefined)
        return { why: `\`${written.trim()}\` is neither \`FIELD=VALUE\` nor \`FIELD!=VALUE\`` };
      tests.push({ name, isEqual: sign === '=', value: value.replaceAll('"', '') });
    }
    wanted.push(tests);
  }
  const names = [...new Set(wanted.flatMap((tests) => tests.map(({ name }) => name)))];
  return {
    part: {
      text: groups.join(' or '),
      holds: (alert) => wanted.some((tests) => tests.every((test) => holdsFor(alert, test))),
      found: (alert) => names.map((name) => `${name}=${shown(alert, name)}`).join(', '),
      fields: names,
    },
  };
}

/** COMPAT: a field that is not there is unlike everything. */
function holdsFor(alert: HubAlert, { name, isEqual, value }: FieldTest): boolean {
  const found = Object.hasOwn(alert.fields, name) ? alert.fields[name] : undefined;
  return (found !== undefined && textOfValue(found) === value) === isEqual;
}

function shown(alert: HubAlert, name: string): string {
  const found = Object.hasOwn(alert.fields, name) ? alert.fields[name] : undefined;
  return found === undefined ? '(absent)' : textOfValue(found);
}
