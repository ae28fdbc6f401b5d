/** Fields of an alert as variables that texts of actions may name. COMPAT: Talon's names. */

import { type HubAlert, textOfValue } from '@peregrine/alert';

/** Longest value, UTF-16 units; what is longer is cut. */
const MOST_LENGTH = 32 * 1024;
const MOST_COUNT = 500;

/** `k8s.pod.name` is `K8S_POD_NAME`, `proc.aname[2]` is `PROC_ANAME_2`. Values have no NUL. */
export function variablesOf(
  alert: HubAlert,
  context: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const put = (name: string, value: string): void => {
    if (Object.keys(found).length < MOST_COUNT)
      found[name] = value.replaceAll('\0', '').slice(0, MOST_LENGTH);
  };
  put('PRIORITY', alert.priority);
  put('HOSTNAME', alert.hostname);
  put('RULE', alert.rule);
  put('SOURCE', alert.source);
  put('TAGS', alert.tags.join(','));
  for (const [name, value] of Object.entries(context)) put(variableName(name), value);
  for (const [name, value] of Object.entries(alert.fields)) put(variableName(name), textOfValue(value));
  return found;
}

function variableName(field: string): string {
  return field
    .replaceAll(']', '')
    .replace(/[^A-Za-z0-9]/g, '_')
    .toUpperCase();
}
