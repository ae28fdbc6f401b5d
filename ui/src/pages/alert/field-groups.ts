/** An alert's fields in the groups that people look for them in. */

import type { Alert } from '@peregrine/api/contract';
import { valueText } from '../../format.ts';

export interface FieldRow {
  readonly name: string;
  readonly value: string;
  readonly isEmpty: boolean;
}

export interface FieldGroup {
  readonly title: string;
  readonly rows: readonly FieldRow[];
}

const groups: readonly { readonly title: string; readonly pattern: RegExp }[] = [
  { title: 'Process', pattern: /^(?:proc|thread)\./ },
  { title: 'User', pattern: /^(?:user|group|loginuid|k8s\.user)\b/ },
  {
    title: 'Connection',
    pattern: /^fd\.(?:[clrs]?(?:ip|port|net|proto)|sip|cip|l4proto|is_server|connected|rip|lip)/,
  },
  { title: 'File', pattern: /^(?:fd|fs)\./ },
  { title: 'Container', pattern: /^container\./ },
  { title: 'Kubernetes', pattern: /^(?:k8s|k8smeta)\./ },
  { title: 'Audit log', pattern: /^(?:ka|ct|okta|github|gcp|jevt|json|azure)\./ },
  { title: 'Event', pattern: /^evt\./ },
];
const OTHERS = 'Others';

export function fieldGroups(fields: Alert['fields']): readonly FieldGroup[] {
  const byTitle = new Map<string, FieldRow[]>([
    ...groups.map(({ title }): [string, FieldRow[]] => [title, []]),
    [OTHERS, []],
  ]);
  for (const name of Object.keys(fields).sort()) {
    const value = valueText(fields[name]);
    const title = groups.find(({ pattern }) => pattern.test(name))?.title ?? OTHERS;
    byTitle.get(title)?.push({ name, value, isEmpty: value === '' || value === '<NA>' });
  }
  return [...byTitle].flatMap(([title, rows]) => (rows.length === 0 ? [] : [{ title, rows }]));
}
