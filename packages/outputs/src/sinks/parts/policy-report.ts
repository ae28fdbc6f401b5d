/** Results in reports of policies (`wgpolicyk8s.io/v1alpha2`): what an alert becomes, and which of them a report keeps. */

import { type HubAlert, type HubValue, type Priority, textOfValue } from '@peregrine/alert';
import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import { cutText, fitAlert } from './fit-alert.ts';

/** The API takes objects of 1.5 MB at most, in a form of its own. */
const MOST_REPORT_BYTES = 1_000_000;
const MOST_RESULT_BYTES = 16_384;

export type Result = JsonObject;

const severities: Readonly<Record<Priority, string>> = {
  Emergency: 'critical',
  Alert: 'critical',
  Critical: 'critical',
  Error: 'high',
  Warning: 'medium',
  Notice: 'low',
  Informational: 'info',
  Debug: 'info',
};
/** Least urgent first. */
const severityOrder = ['info', 'low', 'medium', 'high', 'critical'];

const resultKinds: Readonly<Record<Priority, string>> = {
  Emergency: 'fail',
  Alert: 'fail',
  Critical: 'fail',
  Error: 'fail',
  Warning: 'warn',
  Notice: 'skip',
  Informational: 'skip',
  Debug: 'skip',
};

/** What rules on the audit log name. */
const kinds: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  pods: ['v1', 'Pod'],
  services: ['v1', 'Service'],
  secrets: ['v1', 'Secret'],
  configmaps: ['v1', 'ConfigMap'],
  namespaces: ['v1', 'Namespace'],
  serviceaccounts: ['v1', 'ServiceAccount'],
  daemonsets: ['apps/v1', 'DaemonSet'],
  deployments: ['apps/v1', 'Deployment'],
  statefulsets: ['apps/v1', 'StatefulSet'],
  cronjobs: ['batch/v1', 'CronJob'],
  jobs: ['batch/v1', 'Job'],
  clusterroles: ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  clusterrolebindings: ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  roles: ['rbac.authorization.k8s.io/v1', 'Role'],
  rolebindings: ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
};

/** The namespace that the alert is about; `undefined` where it is about none. */
export function namespaceOf({ fields }: HubAlert): string | undefined {
  return set(fields['k8s.ns.name']) ?? set(fields['ka.target.namespace']);
}

export function resultOf(alert: HubAlert): Result {
  const { source, rule, priority, output, fields, timeNs } = fitAlert(alert, MOST_RESULT_BYTES);
  const subject = subjectOf(alert);
  const properties = Object.entries(fields).flatMap(([name, value]) => {
    const shown = textOfValue(value);
    return shown === '' ? [] : [[name, shown] as const];
  });
  return {
    source: 'Falco',
    policy: source,
    rule,
    category: 'SI - System and Information Integrity',
    severity: severities[priority],
    result: resultKinds[priority],
    message: output,
    timestamp: { seconds: Number(timeNs / 1_000_000_000n), nanos: Number(timeNs % 1_000_000_000n) },
    ...(subject === undefined ? {} : { resources: [subject] }),
    // The alert's id tells an attempt that came through from one that did not.
    properties: { ...Object.fromEntries(properties), uuid: alert.uuid },
  };
}

function subjectOf(alert: HubAlert): JsonObject | undefined {
  const { fields } = alert;
  const pod = set(fields['k8s.pod.name']);
  const target = set(fields['ka.target.resource']);
  const name = pod ?? set(fields['ka.target.name']) ?? set(fields['ka.resp.name']);
  const [apiVersion, kind] = kinds[pod === undefined ? (target ?? '') : 'pods'] ?? [];
  if (name === undefined || kind === undefined) return undefined;
  const namespace = namespaceOf(alert);
  return { apiVersion, kind, name: cutText(name, 253), ...(namespace === undefined ? {} : { namespace }) };
}

function set(value: HubValue | undefined): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : textOfValue(value);
}

export interface Keeping {
  readonly maxevents: number;
  readonly prunebypriority: boolean;
}

/** The results of a report with new ones, without those that are in it already and those that it has no room for. */
export function joinResults(
  before: readonly unknown[],
  added: readonly Result[],
  keeping: Keeping,
): readonly Result[] {
  const known = new Set(before.map(uuidOf));
  const all: readonly Result[] = [
    ...before.map(objectIn).filter((result) => result !== undefined),
    ...added.filter((result) => !known.has(uuidOf(result))),
  ];
  let kept = all.length > keeping.maxevents ? without(all, all.length - keeping.maxevents, keeping) : all;
  // A tenth at a time: counting the bytes anew for each would take long.
  while (kept.length > 1 && sizeOf(kept) > MOST_REPORT_BYTES) {
    kept = without(kept, Math.ceil(kept.length / 10), keeping);
  }
  return kept;
}

/** Without the oldest, or the oldest of the least urgent. */
function without(results: readonly Result[], count: number, { prunebypriority }: Keeping): Result[] {
  const order = [...results.keys()];
  if (prunebypriority) order.sort((a, b) => rankOf(results[a]) - rankOf(results[b]) || a - b);
  const gone = new Set(order.slice(0, count));
  return results.filter((_result, i) => !gone.has(i));
}

function rankOf(result: Result | undefined): number {
  return severityOrder.indexOf(textIn(result?.severity));
}

function uuidOf(result: unknown): string {
  return textIn(objectIn(objectIn(result)?.properties)?.uuid) || JSON.stringify(result);
}

function sizeOf(results: readonly Result[]): number {
  return Buffer.byteLength(JSON.stringify(results));
}

/** How many results of each kind there are. */
export function summaryOf(results: readonly Result[]): Readonly<Record<string, number>> {
  const summary: Record<string, number> = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const { result } of results) {
    const kind = textIn(result);
    if (kind in summary) summary[kind] = (summary[kind] ?? 0) + 1;
  }
  return summary;
}

/** A report with new results: the one that there is, or a new one. */
export function reportWith(
  report: JsonObject | undefined,
  namespace: string | undefined,
  added: readonly Result[],
  keeping: Keeping,
): JsonObject {
  const results = joinResults(listIn(report?.results), added, keeping);
  return {
    ...(report ?? newReport(namespace)),
    results,
    summary: summaryOf(results),
  };
}

function newReport(namespace: string | undefined): JsonObject {
  return {
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    kind: namespace === undefined ? 'ClusterPolicyReport' : 'PolicyReport',
    metadata: {
      name: namespace === undefined ? 'falco-cluster-policy-report' : 'falco-policy-report',
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'falcosidekick' },
    },
  };
}
