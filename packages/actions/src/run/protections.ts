/** What nothing is done to, whatever rules say. */

import type { TargetFacts } from '../targets/target.ts';
import type { ProtectionSettings } from './settings.ts';

/** Why the target is left alone; `undefined`: it is not. What is not known of it protects nothing. */
export function protectionOf(
  { namespace, node, labels = {}, pid }: TargetFacts,
  settings: ProtectionSettings,
): string | undefined {
  if (namespace !== undefined && settings.namespaces.includes(namespace))
    return `namespace \`${namespace}\` is protected: \`response.protected.namespaces\``;
  if (node !== undefined && settings.nodes.includes(node))
    return `node \`${node}\` is protected: \`response.protected.nodes\``;
  if (pid !== undefined && settings.pids.includes(pid))
    return `process ${pid} is protected: \`response.protected.pids\``;
  const label = settings.labels.find((wanted) => hasLabel(labels, wanted));
  return label === undefined ? undefined : `label \`${label}\` is protected: \`response.protected.labels\``;
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [name = '', value] = wanted.split('=', 2);
  return Object.hasOwn(labels, name) && (value === undefined || labels[name] === value);
}

/** For people: `namespace kube-system`. */
export function protectionTexts({ namespaces, labels, nodes, pids }: ProtectionSettings): readonly string[] {
  return [
    ...namespaces.map((name) => `namespace ${name}`),
    ...labels.map((label) => `label ${label}`),
    ...nodes.map((name) => `node ${name}`),
    ...pids.map((pid) => `pid ${pid}`),
  ];
}
