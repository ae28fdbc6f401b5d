/** What can stand at the caret of a rules file. */

import type { LanguageFacts } from '@peregrine/api/contract';
import { priorities } from '../../format.ts';
import type { CheckAnswer } from '../../language/messages.ts';
import { completionAt } from '../alerts/completion.ts';
import { type ItemKind, type LineAt, type Section, sectionAt } from './sections.ts';

export interface Option {
  readonly label: string;
  readonly detail: string;
  /** Explains it. */
  readonly doc: string;
  readonly kind: 'key' | 'field' | 'operator' | 'transformer' | 'macro' | 'list' | 'event' | 'value';
  /** Put in instead of the label. */
  readonly text?: string;
}

export interface Options {
  /** Column where the word begins that is being written, from 0. */
  readonly from: number;
  readonly options: readonly Option[];
}

export type KnownNames = Pick<CheckAnswer, 'macros' | 'lists'>;

export const noNames: KnownNames = { macros: [], lists: [] };

const items: readonly (readonly [string, string, string])[] = [
  ['rule', '- rule: ', 'Alerts on events for which a condition holds'],
  ['macro', '- macro: ', 'A condition with a name, for others to use'],
  ['list', '- list: ', 'Values with a name, for conditions'],
];

const keysOf: Readonly<Record<ItemKind, readonly (readonly [string, string])[]>> = {
  rule: [
    ['desc', 'What it is about, for people'],
    ['condition', 'When it alerts'],
    ['output', 'What the alert says, with values of fields: %proc.name'],
    ['priority', 'How urgent it is: EMERGENCY to DEBUG'],
    ['source', 'Events that it looks at: syscall unless set'],
    ['tags', 'Words to find and choose it by'],
    ['enabled', 'false turns it off'],
    ['exceptions', 'What it is not alerted on'],
    ['override', 'How this adds to, or replaces, what an earlier file says'],
    ['warn_evttypes', 'false: no warning when the condition names no types of events'],
    ['skip-if-unknown-filter', 'true: left out where a field is not known'],
    ['capture', 'true: records what happens from the alert on'],
    ['capture_duration', 'How long it records, milliseconds'],
  ],
  macro: [
    ['condition', 'What the name stands for'],
    ['override', 'How this adds to, or replaces, what an earlier file says'],
  ],
  list: [
    ['items', 'Values, or names of other lists'],
    ['override', 'How this adds to, or replaces, what an earlier file says'],
  ],
  other: [],
};

/** `column` from 0. `undefined`: nothing is known that could stand there. */
export function optionsAt(
  lineAt: LineAt,
  line: number,
  column: number,
  facts: LanguageFacts,
  names: KnownNames,
): Options | undefined {
  const before = lineAt(line).slice(0, column);
  if (/#/.test(before) && /(?:^|\s)#[^"']*$/.test(before)) return undefined;
  const item = /^(?:- *)?([a-z]*)$/.exec(before);
  if (item !== null)
    return {
      from: 0,
      options: items.map(([label, text, doc]) => ({ label, detail: 'item', doc, kind: 'key', text })),
    };
  const section = sectionAt(lineAt, line);
  if (section === undefined) return undefined;
  const key = /^(\s*)([\w-]*)$/.exec(before);
  if (key !== null && (key[1] ?? '').length === section.column)
    return { from: section.column, options: keyOptions(lineAt, line, section) };
  if (column < section.valueColumn && line === section.keyLine) return undefined;
  return valueOptions(lineAt, line, column, section, facts, names);
}

/** Those that the item does not have yet. */
function keyOptions(lineAt: LineAt, line: number, { item, column }: Section): readonly Option[] {
  const present = new Set<string>();
  for (let at = line - 1; at > 0; at--) {
    const text = lineAt(at);
    const [, start, key = ''] = /^(\s*(?:- +)?)([\w-]+)\s*:/.exec(text) ?? [];
    if (start?.length === column) present.add(key);
    if (start?.includes('-') === true && start.length === column) break;
  }
  return keysOf[item]
    .filter(([key]) => !present.has(key))
    .map(([label, doc]) => ({ label, detail: item, doc, kind: 'key', text: `${label}: ` }));
}

function valueOptions(
  lineAt: LineAt,
  line: number,
  column: number,
  section: Section,
  facts: LanguageFacts,
  names: KnownNames,
): Options | undefined {
  const before = lineAt(line).slice(0, column);
  const word = /[^\s,[\](){}:"'%]*$/.exec(before)?.[0] ?? '';
  const from = column - word.length;
  const value = (labels: readonly string[], detail: string): Options => ({
    from,
    options: labels.map((label) => ({ label, detail, doc: '', kind: 'value' })),
  });
  switch (section.key) {
    case 'condition':
      return conditionOptions(lineAt, line, column, section, facts, names);
    case 'output':
      return /%[\w.[\]]*$/.test(before) ? { from, options: fieldOptions(facts) } : undefined;
    case 'priority':
      return value(
        priorities.map((name) => name.toUpperCase()),
        'priority',
      );
    case 'source':
      return value(
        facts.sources.map(({ name }) => name),
        'source',
      );
    case 'enabled':
    case 'capture':
    case 'warn_evttypes':
    case 'skip-if-unknown-filter':
      return value(['true', 'false'], '');
    case 'items':
      return { from, options: partOptions(names.lists, 'list') };
    case 'exceptions':
      return /\bcomps:[^#]*$/.test(before)
        ? { from, options: operatorOptions(facts) }
        : /\bfields:[^#]*$/.test(before)
          ? { from, options: fieldOptions(facts) }
          : undefined;
    case 'override':
      return /:\s*\w*$/.test(before)
        ? value(['append', 'replace'], 'override')
        : value(
            keysOf[section.item].map(([key]) => key),
            'override',
          );
    default:
      return undefined;
  }
}

function conditionOptions(
  lineAt: LineAt,
  line: number,
  column: number,
  section: Section,
  facts: LanguageFacts,
  names: KnownNames,
): Options | undefined {
  const lines: string[] = [];
  for (let at = section.keyLine; at <= line; at++)
    lines.push(
      lineAt(at).slice(at === section.keyLine ? section.valueColumn : 0, at === line ? column : undefined),
    );
  const text = lines.join('\n');
  const { from, wants, word, field } = completionAt(text, text.length);
  const start = column - (text.length - from);
  if (word.includes('\n') || /^["']/.test(word)) return undefined;
  const connectives: readonly Option[] = ['and', 'or', 'not'].map((label) => ({
    ...{ label, detail: '', doc: '', kind: 'operator' as const },
  }));
  switch (wants) {
    case 'field':
      return {
        from: start,
        options: [
          ...fieldOptions(facts),
          ...partOptions(names.macros, 'macro'),
          ...facts.transformers.map(({ name, doc }) => ({
            ...{ label: name, detail: 'transformer', doc, text: `${name}(` },
            kind: 'transformer' as const,
          })),
          ...connectives.slice(2),
        ],
      };
    case 'operator':
      return {
        from: start,
        options: names.macros.some(({ name }) => name === field)
          ? connectives.slice(0, 2)
          : operatorOptions(facts),
      };
    case 'connective':
      return { from: start, options: connectives.slice(0, 2) };
    case 'value':
      return {
        from: start,
        options: [
          ...(field === 'evt.type' || field.startsWith('evt.type.is') ? eventOptions(facts) : []),
          ...partOptions(names.lists, 'list'),
        ],
      };
  }
}

function fieldOptions({ sources }: LanguageFacts): readonly Option[] {
  const fields = new Map(
    sources.flatMap((source) => source.fields.map((field) => [field.name, field] as const)),
  );
  return [...fields.values()]
    .filter(({ isHidden }) => !isHidden)
    .map(({ name, type, doc, argument }) => ({
      ...{ label: name, detail: type, doc, kind: 'field' as const },
      ...(argument.requirement === 'required' && argument.suffix !== null ? { text: `${name}.` } : {}),
      ...(argument.requirement === 'required' && argument.suffix === null ? { text: `${name}[` } : {}),
    }));
}

function operatorOptions({ operators }: LanguageFacts): readonly Option[] {
  return operators.map(({ symbol, doc }) => ({ label: symbol, detail: 'operator', doc, kind: 'operator' }));
}

function partOptions(parts: KnownNames['macros'], kind: 'macro' | 'list'): readonly Option[] {
  return parts.map(({ name, text }) => ({ label: name, detail: kind, doc: text, kind }));
}

function eventOptions({ sources }: LanguageFacts): readonly Option[] {
  const events = new Map(
    sources.flatMap((source) => source.events.map((event) => [event.name, event] as const)),
  );
  return [...events.values()].map(({ name, doc, params }) => ({
    ...{ label: name, detail: 'event', kind: 'event' as const },
    doc: [doc, params.join(', ')].filter(Boolean).join('\n'),
  }));
}

/** What a word of a rules file is; `undefined`: nothing that is known. */
export function explanationOf(word: string, facts: LanguageFacts, names: KnownNames): Option | undefined {
  const bare = word.replace(/\[.*$/, '');
  const fields = fieldOptions(facts);
  const owner = bare.slice(0, Math.max(0, bare.lastIndexOf('.')));
  return (
    fields.find(({ label }) => label === bare) ??
    fields.find(({ label }) => label === owner) ??
    [...partOptions(names.macros, 'macro'), ...partOptions(names.lists, 'list')].find(
      ({ label }) => label === word,
    ) ??
    operatorOptions(facts).find(({ label }) => label === word) ??
    eventOptions(facts).find(({ label }) => label === word)
  );
}
