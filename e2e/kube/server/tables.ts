/** Lists as tables, which is what `kubectl get` shows. */

import {
  documentAt,
  documentsAt,
  type Json,
  type JsonDocument,
  listAt,
  numberAt,
  textAt,
} from '../document.ts';
import { isTerminating } from '../objects/object-store.ts';
import type { ResourceType } from '../objects/resource-types.ts';

interface Column {
  readonly name: string;
  /** 1: only shown when asked for more. */
  readonly priority?: number;
  readonly type?: string;
  readonly value: (object: JsonDocument) => Json;
}

const name: Column = { name: 'Name', value: (object) => textAt(object, 'metadata', 'name') };
const age: Column = {
  name: 'Age',
  value: (object) => ageOf(textAt(object, 'metadata', 'creationTimestamp')),
};

function text(title: string, ...path: readonly string[]): Column {
  return { name: title, value: (object) => textAt(object, ...path) || '<none>' };
}

function count(title: string, ...path: readonly string[]): Column {
  return { name: title, type: 'integer', value: (object) => numberAt(object, ...path) ?? 0 };
}

function size(title: string, key: string): Column {
  return {
    name: title,
    type: 'integer',
    value: (object) => Object.keys(documentAt(object, key)).length,
  };
}

const ready: Column = {
  name: 'Ready',
  value: (object) =>
    `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 1}`,
};

const columnsByResource: Readonly<Record<string, readonly Column[]>> = {
  '/pods': [
    name,
    { name: 'Ready', value: readyContainers },
    { name: 'Status', value: podStatus },
    { name: 'Restarts', value: restarts },
    age,
    { ...text('IP', 'status', 'podIP'), priority: 1 },
    { ...text('Node', 'spec', 'nodeName'), priority: 1 },
  ],
  '/nodes': [
    name,
    { name: 'Status', value: nodeStatus },
    { name: 'Roles', value: () => '<none>' },
    age,
    text('Version', 'status', 'nodeInfo', 'kubeletVersion'),
  ],
  '/namespaces': [name, text('Status', 'status', 'phase'), age],
  '/events': [
    {
      name: 'Last Seen',
      value: (object) => ageOf(textAt(object, 'lastTimestamp') || textAt(object, 'eventTime')),
    },
    text('Type', 'type'),
    text('Reason', 'reason'),
    { name: 'Object', value: involvedObject },
    text('Message', 'message'),
  ],
  '/configmaps': [name, size('Data', 'data'), age],
  '/secrets': [name, text('Type', 'type'), size('Data', 'data'), age],
  '/services': [
    name,
    text('Type', 'spec', 'type'),
    text('Cluster-IP', 'spec', 'clusterIP'),
    { name: 'External-IP', value: () => '<none>' },
    { name: 'Port(s)', value: ports },
    age,
  ],
  'apps/deployments': [
    name,
    ready,
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    age,
  ],
  'apps/replicasets': [
    name,
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    age,
  ],
  'apps/statefulsets': [name, ready, age],
  'apps/daemonsets': [
    name,
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
    count('Up-to-date', 'status', 'updatedNumberScheduled'),
    count('Available', 'status', 'numberAvailable'),
    { name: 'Node Selector', value: () => '<none>' },
    age,
  ],
  'batch/jobs': [
    name,
    {
      name: 'Completions',
      value: (object) =>
        `${numberAt(object, 'status', 'succeeded') ?? 0}/${numberAt(object, 'spec', 'completions') ?? 1}`,
    },
    age,
  ],
  'networking.k8s.io/networkpolicies': [name, { name: 'Pod-Selector', value: podSelector }, age],
  'coordination.k8s.io/leases': [name, text('Holder', 'spec', 'holderIdentity'), age],
  'policy/poddisruptionbudgets': [
    name,
    text('Min Available', 'spec', 'minAvailable'),
    text('Max Unavailable', 'spec', 'maxUnavailable'),
    count('Allowed Disruptions', 'status', 'disruptionsAllowed'),
    age,
  ],
};

/** A list, or a single object, as `meta.k8s.io/v1` has tables. */
export function tableOf(type: ResourceType, shown: JsonDocument, includes = 'Metadata'): JsonDocument {
  const columns = columnsByResource[`${type.group}/${type.resource}`] ?? [name, age];
  const isListed = shown.items !== undefined;
  const objects = isListed ? documentsAt(shown, 'items') : [shown];
  const { resourceVersion, ...rest } = documentAt(shown, 'metadata');
  const paging = isListed ? rest : {};
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: resourceVersion === undefined ? paging : { ...paging, resourceVersion },
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: column.type ?? 'string',
      format: column.name === 'Name' ? 'name' : '',
      description: column.name,
      priority: column.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ value }) => value(object)),
      ...includedOf(object, includes),
    })),
  };
}

function includedOf(object: JsonDocument, includes: string): JsonDocument {
  if (includes === 'None') return {};
  if (includes === 'Object') return { object };
  const metadata = documentAt(object, 'metadata');
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } };
}

function readyContainers(pod: JsonDocument): string {
  const statuses = documentsAt(pod, 'status', 'containerStatuses');
  const isReady = statuses.filter((status) => status.ready === true);
  return `${isReady.length}/${listAt(pod, 'spec', 'containers').length}`;
}

/** What `kubectl get pods` says of a pod. */
export function podStatus(pod: JsonDocument): string {
  if (isTerminating(pod)) return 'Terminating';
  const statuses = documentsAt(pod, 'status', 'containerStatuses');
  for (const status of statuses) {
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (waiting !== '') return waiting;
    const terminated = textAt(status, 'state', 'terminated', 'reason');
    if (terminated !== '') return terminated;
  }
  return textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase');
}

function restarts(pod: JsonDocument): string {
  const counts = documentsAt(pod, 'status', 'containerStatuses').map(
    (status) => numberAt(status, 'restartCount') ?? 0,
  );
  return String(counts.reduce((sum, one) => sum + one, 0));
}

function nodeStatus(node: JsonDocument): string {
  const isReady = documentsAt(node, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
  const isOff = documentAt(node, 'spec').unschedulable === true;
  return `${isReady ? 'Ready' : 'NotReady'}${isOff ? ',SchedulingDisabled' : ''}`;
}

function involvedObject(event: JsonDocument): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  return `${kind}/${textAt(event, 'involvedObject', 'name')}`;
}

function ports(service: JsonDocument): string {
  const all = documentsAt(service, 'spec', 'ports');
  return (
    all.map((port) => `${textAt(port, 'port')}/${textAt(port, 'protocol') || 'TCP'}`).join(',') || '<none>'
  );
}

function podSelector(policy: JsonDocument): string {
  const labels = Object.entries(documentAt(policy, 'spec', 'podSelector', 'matchLabels'));
  return labels.map(([key, value]) => `${key}=${value}`).join(',') || '<none>';
}

/** `5s`, `3m`, `2h`, `4d`. */
function ageOf(time: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1_000));
  if (Number.isNaN(seconds)) return '<unknown>';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
