/**
 * Alerts as findings of OCSF (class 2001, version 0.1.0), the form of Amazon's Security Lake, and the columns of a Parquet
 * file of them. COMPAT: names of columns are falcosidekick's, `classname` among them.
 */

import { type HubAlert, isNumeric, type Priority, textOfValue } from '@peregrine/alert';
import type { SchemaElement } from 'hyparquet-writer';

const severities: Readonly<Record<Priority, readonly [id: number, name: string]>> = {
  Emergency: [6, 'Fatal'],
  Alert: [6, 'Fatal'],
  Critical: [5, 'Critical'],
  Error: [4, 'High'],
  Warning: [3, 'Medium'],
  Notice: [2, 'Low'],
  Informational: [1, 'Informational'],
  Debug: [1, 'Informational'],
};

export interface Observable {
  readonly name: string;
  readonly type: string;
  readonly type_id: number;
  readonly value: string;
}

export type Finding = ReturnType<typeof findingOf>;

export function findingOf(alert: HubAlert) {
  const [severityId, severity] = severities[alert.priority];
  const timeMs = alert.timeNs / 1_000_000n;
  return {
    activity_id: 1,
    activity_name: 'Generate',
    category_name: 'Findings',
    category_uid: 2,
    classname: 'Security Finding',
    class_uid: 2001,
    finding: {
      created_time: timeMs,
      desc: alert.output.toWellFormed(),
      title: alert.rule.toWellFormed(),
      types: [alert.source.toWellFormed()],
      uid: alert.uuid,
    },
    message: alert.rule.toWellFormed(),
    metadata: {
      version: '0.1.0',
      product: { vendor_name: 'Falcosecurity', name: 'Falco' },
      labels: alert.tags.map((tag) => tag.toWellFormed()),
    },
    observables: observablesOf(alert),
    raw_data: alert.json,
    severity,
    severity_id: severityId,
    state: 'New',
    state_id: 1,
    status: alert.priority,
    time: timeMs,
    type_name: 'Security Finding: Generate',
    type_uid: 200_101,
  };
}

/** COMPAT: the host and every field that is a text or a number. */
function observablesOf({ hostname, fields }: HubAlert): readonly Observable[] {
  const entries: readonly (readonly [string, string])[] = [
    ...(hostname === '' ? [] : [['hostname', hostname] as const]),
    ...Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'string' || isNumeric(value) ? [[name, textOfValue(value)] as const] : [],
    ),
  ];
  return entries.map(([name, value]) => ({
    name: name.toWellFormed(),
    type: 'Other',
    type_id: 0,
    value: value.toWellFormed(),
  }));
}

type ColumnType = 'text' | 'int32' | 'int64' | readonly Column[];
interface Column {
  readonly name: string;
  readonly of: ColumnType;
  readonly isList?: boolean;
}

function columns(of: 'text' | 'int32' | 'int64', ...names: readonly string[]): readonly Column[] {
  return names.map((name) => ({ name, of }));
}

const columnsOfFindings: readonly Column[] = [
  ...columns('int32', 'activity_id'),
  ...columns('text', 'activity_name', 'category_name'),
  ...columns('int32', 'category_uid'),
  ...columns('text', 'classname'),
  ...columns('int32', 'class_uid'),
  {
    name: 'finding',
    of: [
      ...columns('int64', 'created_time'),
      ...columns('text', 'desc', 'title'),
      { name: 'types', of: 'text', isList: true },
      ...columns('text', 'uid'),
    ],
  },
  ...columns('text', 'message'),
  {
    name: 'metadata',
    of: [
      ...columns('text', 'version'),
      { name: 'product', of: columns('text', 'vendor_name', 'name') },
      { name: 'labels', of: 'text', isList: true },
    ],
  },
  {
    name: 'observables',
    of: [...columns('text', 'name', 'type'), ...columns('int32', 'type_id'), ...columns('text', 'value')],
    isList: true,
  },
  ...columns('text', 'raw_data', 'severity'),
  ...columns('int32', 'severity_id'),
  ...columns('text', 'state'),
  ...columns('int32', 'state_id'),
  ...columns('text', 'status'),
  ...columns('int64', 'time'),
  ...columns('text', 'type_name'),
  ...columns('int32', 'type_uid'),
];

const physical = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
} as const;

/** A group before its members, and lists in the three levels that Parquet has for them. */
function elementsOf({ name, of, isList = false }: Column): readonly SchemaElement[] {
  const repetition_type = 'REQUIRED';
  if (isList) {
    return [
      { name, num_children: 1, converted_type: 'LIST', repetition_type },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      ...elementsOf({ name: 'element', of }),
    ];
  }
  if (typeof of === 'string') return [{ name, ...physical[of], repetition_type }];
  return [{ name, num_children: of.length, repetition_type }, ...of.flatMap(elementsOf)];
}

/** The schema of a file of findings. */
export function findingSchema(): SchemaElement[] {
  const root = { name: 'root', num_children: columnsOfFindings.length };
  return [root, ...columnsOfFindings.flatMap(elementsOf)];
}
