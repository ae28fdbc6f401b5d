/** Tells of a run by an Event at the object that it was about. COMPAT: Talon's notifier `k8sevents`. */

import type { JsonObject } from '@peregrine/base';
import type { RunRecord } from '../run/run-record.ts';
import { auditKinds } from '../targets/audit-object.ts';
import { events, nodes } from './kinds.ts';
import { KubeFailure, type KubeKind, type KubePort, type ObjectPlace } from './kube-port.ts';
import { objectMeta } from './object-view.ts';

/** As the API server takes them, UTF-16 units. */
const MOST_MESSAGE = 1_024;
const MOST_REASON = 128;
/** Of targets. */
const eventKinds: readonly KubeKind[] = [...auditKinds, nodes];
const GOOD = ['done', 'undone', 'unchanged', 'dry-run', 'waiting', 'denied'];

/** Rejects with a `KubeFailure` where the API server does not take it. */
export async function postEvent(port: KubePort, run: RunRecord, signal: AbortSignal): Promise<void> {
  const involved = involvedIn(run);
  const { namespace } = involved;
  const uid = await uidOf(port, involved.place, signal);
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
    involvedObject: { ...involved.reference, ...(uid === '' ? {} : { uid }) },
    reportingComponent: 'falcosecurity.org/falco-talon',
    reportingInstance: 'peregrine',
    firstTimestamp: now,
    lastTimestamp: now,
    eventTime: now.replace(/(\.\d{3})Z$/, '$1000Z'),
    count: 1,
  };
  await port.create({ kind: events, namespace, name: '' }, body, signal);
}

interface Involved {
  /** `undefined` for what is no object of the API. */
  readonly place: ObjectPlace | undefined;
  /** Of the event: that of its object, `default` for objects without. */
  readonly namespace: string;
  readonly reference: JsonObject;
}

const TARGET = /^(?:(node|workload) of )?(\S+) (?:([^/\s]+)\/)?(\S+)/;

/** The object that a target is, or the node that it stands for. */
function involvedIn({ target, node, namespace: known }: RunRecord): Involved {
  const [, of, word = '', own = '', text = ''] = TARGET.exec(target) ?? [];
  if (of === 'node' && node !== undefined) return involvedFor({ kind: nodes, namespace: '', name: node });
  const kind = eventKinds.find((candidate) => candidate.kind.toLowerCase() === word);
  if (kind !== undefined) return involvedFor({ kind, namespace: own, name: text });
  const namespace = known ?? 'default';
  const reference = { kind: word.charAt(0).toUpperCase() + word.slice(1), namespace, name: text };
  return { place: undefined, namespace, reference };
}

function involvedFor(place: ObjectPlace): Involved {
  const { kind, namespace, name } = place;
  const reference = { apiVersion: kind.apiVersion, kind: kind.kind, name };
  return kind.isNamespaced
    ? { place, namespace, reference: { ...reference, namespace } }
    : { place, namespace: 'default', reference };
}

/** `kubectl describe` finds events by it. Empty where the object is gone, or may not be looked at. */
async function uidOf(port: KubePort, place: ObjectPlace | undefined, signal: AbortSignal): Promise<string> {
  if (place === undefined) return '';
  try {
    return objectMeta((await port.get(place, signal)) ?? {}).uid;
  } catch (error) {
    if (error instanceof KubeFailure) return '';
    throw error;
  }
}

function messageOf({ actionner, target, state, summary, rule, alertRule, alertOutput }: RunRecord): string {
  return `${actionner} on ${target}: ${state}: ${summary}\nresponse: ${rule}\nalert: ${alertRule}: ${alertOutput}`;
}
