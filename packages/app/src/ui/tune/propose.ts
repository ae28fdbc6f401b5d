/**
 * Proposals for exceptions: what alerts of a rule have in common, from the narrowest to the widest, each with the number of
 * stored alerts that it would have hidden. What comes and goes is not proposed, and what an intruder could choose is said.
 */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import type { Exception, Proposal } from '@peregrine/api/contract';
import type { AlertFilter, AlertStore, KeptAlert } from '@peregrine/store';
import { alertCondition } from './exception-text.ts';
import { isChosen, isPassing, proposedFields } from './field-roles.ts';

export interface ProposeOptions {
  readonly store: AlertStore;
  readonly rule: string;
  /** Those that are expected; at least one, all of the rule. */
  readonly alerts: readonly KeptAlert[];
  /** Stored alerts that candidates are counted on: those of the rule. */
  readonly filter: AlertFilter;
  /** Whether conditions of the rule can compare the field. */
  readonly isField: (name: string) => boolean;
  readonly signal: AbortSignal;
}

type Candidate = Proposal['candidates'][number];

const MOST_VALUES = 20;
const MOST_FIELDS = 60;
/** Longer values are no use in an exception. */
const MOST_LENGTH = 1_000;

/** Sets of fields that say something together, narrow to wide; those that the alerts do not share are left out. */
const combinations: readonly { readonly title: string; readonly fields: readonly string[] }[] = [
  { title: 'Exactly this', fields: proposedFields },
  {
    title: 'This program and its parent, in this workload',
    fields: ['proc.exepath', 'proc.name', 'proc.pname', 'container.image.repository', 'k8s.ns.name'],
  },
  { title: 'This program in this image', fields: ['proc.name', 'container.image.repository'] },
  { title: 'This program on this file', fields: ['proc.name', 'fd.name'] },
  { title: 'This program as this user', fields: ['proc.name', 'user.name'] },
  { title: 'This program started by this one', fields: ['proc.name', 'proc.pname'] },
  { title: 'This executable', fields: ['proc.exepath'] },
  { title: 'This image in this namespace', fields: ['container.image.repository', 'k8s.ns.name'] },
  { title: 'This image', fields: ['container.image.repository'] },
  { title: 'This program', fields: ['proc.name'] },
  { title: 'This user on this kind of object', fields: ['ka.user.name', 'ka.verb', 'ka.target.resource'] },
  { title: 'This user in this namespace', fields: ['ka.user.name', 'ka.target.namespace'] },
  { title: 'This user', fields: ['ka.user.name'] },
  { title: 'This user’s calls of this kind', fields: ['ct.user', 'ct.name'] },
  { title: 'This user', fields: ['ct.user'] },
  { title: 'This repository', fields: ['github.repo'] },
];

export async function proposeExceptions(options: ProposeOptions): Promise<Proposal> {
  const { rule, alerts, isField, store, filter, signal } = options;
  const counted = valuesOf(alerts).filter(({ name }) => isField(name));
  const shared = new Map(
    counted.flatMap(({ name, values }) => {
      const [only] = values;
      return only !== undefined && only.count === alerts.length && !isPassing(name)
        ? [[name, only.value]]
        : [];
    }),
  );
  const wanted = [...candidatesOf(shared), ...folderCandidates(alerts, shared, isField)];
  const candidates: Candidate[] = [];
  const seen = new Set<string>();
  for (const { title, exception } of wanted) {
    const condition = alertCondition(exception);
    if (seen.has(condition)) continue;
    seen.add(condition);
    const hiddenCount = await store.count({ ...filter, condition }, signal);
    candidates.push({ title, exception, hiddenCount, reason: reasonOf(exception, alerts.length) });
  }
  candidates.sort(
    (a, b) => a.hiddenCount - b.hiddenCount || b.exception.fields.length - a.exception.fields.length,
  );
  return {
    rule,
    fields: counted.slice(0, MOST_FIELDS).map(({ name, values }) => ({
      name,
      values: values.slice(0, MOST_VALUES),
      comps: compsOf(name, values[0]?.value ?? ''),
    })),
    candidates,
  };
}

/** Fields of the alerts with their values, those that most have first. */
function valuesOf(
  alerts: readonly KeptAlert[],
): readonly { readonly name: string; readonly values: { value: string; count: number }[] }[] {
  const byName = new Map<string, Map<string, number>>();
  for (const { alert } of alerts) {
    for (const name of Object.keys(alert.fields)) {
      const value = valueIn(alert, name);
      if (value === undefined) continue;
      const counts = byName.get(name) ?? new Map<string, number>();
      counts.set(value, (counts.get(value) ?? 0) + 1);
      byName.set(name, counts);
    }
  }
  const rank = (name: string): number => (proposedFields.indexOf(name) + 100) % 100;
  return [...byName]
    .map(([name, counts]) => ({
      name,
      values: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count),
    }))
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

/** `undefined`: it has none that an exception could name. */
function valueIn({ fields }: HubAlert, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  const text = textOfValue(value);
  // NUL cannot be written in a rule, and no text of the kernel has one.
  return text === '' || text === '<NA>' || text.length > MOST_LENGTH || text.includes('\0')
    ? undefined
    : text;
}

function candidatesOf(
  shared: ReadonlyMap<string, string>,
): readonly { readonly title: string; readonly exception: Exception }[] {
  return combinations.flatMap(({ title, fields }, i) => {
    const present = fields.filter((name) => shared.has(name));
    // The first takes what there is; the others are what their titles say only when they are whole.
    const isWhole = present.length === fields.length || i === 0;
    if (!isWhole || present.length === 0) return [];
    return [
      {
        title,
        exception: exceptionOf(
          present,
          present.map(() => '='),
          present.map((name) => shared.get(name) ?? ''),
        ),
      },
    ];
  });
}

/** Of files in one folder, the folder. */
function folderCandidates(
  alerts: readonly KeptAlert[],
  shared: ReadonlyMap<string, string>,
  isField: (name: string) => boolean,
): readonly { readonly title: string; readonly exception: Exception }[] {
  const paths = alerts.map(({ alert }) => valueIn(alert, 'fd.name'));
  const folder = paths.reduce(
    commonFolder,
    paths[0] === undefined ? undefined : `${paths[0].replace(/[^/]*$/, '')}`,
  );
  // The root, and what is right below it, is not one place.
  if (folder === undefined || folder.split('/').length < 4 || !folder.startsWith('/') || !isField('fd.name'))
    return [];
  const others = ['proc.name', 'container.image.repository'].filter((name) => shared.has(name));
  if (others.length === 0) return [];
  const fields = [...others, 'fd.name'];
  const values = [...others.map((name) => shared.get(name) ?? ''), folder];
  return [
    {
      title: 'This program on files in this folder',
      exception: exceptionOf(fields, [...others.map(() => '='), 'startswith'], values),
    },
  ];
}

function commonFolder(folder: string | undefined, path: string | undefined): string | undefined {
  if (folder === undefined || path === undefined) return undefined;
  let common = folder;
  while (!path.startsWith(common)) common = common.replace(/[^/]*\/$/, '');
  return common === '' ? undefined : common;
}

function exceptionOf(
  fields: readonly string[],
  comps: readonly string[],
  values: readonly string[],
): Exception {
  const name = `expected_${fields.map((field) => field.replaceAll(/[^a-z0-9]+/g, '_')).join('_and_')}`;
  const suffix = comps.includes('startswith') ? '_prefix' : '';
  return {
    name: `${name.slice(0, 110)}${suffix}`,
    fields: [...fields],
    comps: [...comps],
    values: [[...values]],
  };
}

function reasonOf({ fields }: Exception, count: number): string {
  const what = count === 1 ? 'This alert has' : `All ${count} of these alerts have`;
  const names = fields.map((name) => `\`${name}\``).join(', ');
  const open = fields.filter(isChosen);
  const isOpen = open.length === fields.length;
  return `${what} these values of ${names}.${isOpen ? ` Whoever can run programs there can choose ${open.length === 1 ? 'it' : 'them'}: add something that they cannot choose, if there is any.` : ''}`;
}

function compsOf(name: string, value: string): string[] {
  const isNumber = /^-?\d+$/.test(value) && /(?:port|num|uid|gid|pid|tty|count|size)$/.test(name);
  return isNumber
    ? ['=', '!=', '<', '<=', '>', '>=']
    : ['=', '!=', 'in', 'startswith', 'endswith', 'contains', 'icontains', 'glob', 'pmatch'];
}
