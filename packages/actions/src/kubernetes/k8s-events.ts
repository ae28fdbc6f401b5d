/** Tells of a run by an Event at the object that it was about. COMPAT: Talon's notifier `k8sevents`. */

import type { RunRecord } from '../run/run-record.ts';
import { events } from './kinds.ts';
import type { KubePort } from './kube-port.ts';

/** As the API server takes them, UTF-16 units. */
const MOST_MESSAGE = 1_024;
const MOST_REASON = 128;
const GOOD = ['done', 'undone', 'unchanged', 'dry-run', 'waiting', 'denied'];

/** Rejects with a `KubeFailure` where the API server does not take it. */
export async function postEvent(port: KubePort, run: RunRecord, signal: AbortSignal): Promise<void> {
  const namespace = run.namespace ?? 'default';
  const [kind = '', place = ''] = run.target.split(' ', 2);
  const name = place.split('/').at(-1) ?? '';
  const now = new Date(run.endedMs ?? run.decidedMs).toISOString();
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: 'falco-talon-', namespace },
    reason: `falco-talon:action:${run.actionner}:${run.state}`.slice(0, MOST_REASON),
    message: messageOf(run).slice(0, MOST_MESSAGE),
    type: GOOD.includes(run.state) ? 'Normal' : 'Warning',
    action: run.actionner.slice(0, MOST_REASON),
    source: { component: 'peregrine' },
    involvedObject: { kind: kindOf(kind), namespace, name, apiVersion: 'v1' },
    reportingComponent: 'falcosecurity.org/falco-talon',
    reportingInstance: 'peregrine',
    firstTimestamp: now,
    lastTimestamp: now,
    eventTime: now.replace(/(\.\d{3})Z$/, '$1000Z'),
    count: 1,
  };
  await port.create({ kind: events, namespace, name: '' }, body, signal);
}

function messageOf({ actionner, target, state, summary, rule, alertRule, alertOutput }: RunRecord): string {
  return `${actionner} on ${target}: ${state}: ${summary}\nresponse: ${rule}\nalert: ${alertRule}: ${alertOutput}`;
}

/** `pod`: `Pod`. */
function kindOf(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
