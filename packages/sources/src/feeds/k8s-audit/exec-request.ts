/** Requests to run something in a pod, or to attach to it, as audit events tell of them: plain data, byte text. */

import { type JsonDocument, listIn, objectIn, textIn, toByteText } from '@peregrine/base';
import { parseRfc3339Ns } from '../event-time.ts';

export interface ExecRequest {
  readonly auditId: string;
  readonly kind: 'exec' | 'attach';
  /** `ended`: the connection is closed. */
  readonly phase: 'open' | 'ended';
  readonly namespace: string;
  readonly pod: string;
  /** `undefined`: the event does not say, and the pod's name has to do. */
  readonly podUid: string | undefined;
  /** `undefined`: the one that the pod calls its default. */
  readonly container: string | undefined;
  readonly command: readonly string[];
  readonly user: string;
  readonly groups: readonly string[];
  readonly impersonated: string | undefined;
  readonly sourceIp: string | undefined;
  readonly userAgent: string | undefined;
  /** Nanoseconds since the epoch: when it was asked for, and when this stage was reached. */
  readonly askedNs: bigint;
  readonly stageNs: bigint;
}

const LEAST_FAILURE = 400;

/** `undefined`: the event is no such request, or it was turned away. */
export function execRequestOf(event: JsonDocument, stageNs: bigint): ExecRequest | undefined {
  const target = objectIn(event.objectRef);
  const kind = textIn(target?.subresource);
  if (target?.resource !== 'pods' || (kind !== 'exec' && kind !== 'attach')) return undefined;
  const { stage } = event;
  if (stage !== 'ResponseStarted' && stage !== 'ResponseComplete') return undefined;
  const code = objectIn(event.responseStatus)?.code;
  if (typeof code === 'number' && code >= LEAST_FAILURE) return undefined;
  const query = new URLSearchParams(textIn(event.requestURI).split('?')[1] ?? '');
  const user = objectIn(event.user);
  return {
    auditId: toByteText(textIn(event.auditID)),
    kind,
    phase: stage === 'ResponseComplete' ? 'ended' : 'open',
    namespace: toByteText(textIn(target.namespace)),
    pod: toByteText(textIn(target.name)),
    podUid: someText(target.uid),
    container: someText(query.get('container')),
    command: query.getAll('command').map(toByteText),
    user: toByteText(textIn(user?.username)),
    groups: listIn(user?.groups).map((group) => toByteText(textIn(group))),
    impersonated: someText(objectIn(event.impersonatedUser)?.username),
    sourceIp: someText(listIn(event.sourceIPs)[0]),
    userAgent: someText(event.userAgent),
    askedNs: parseRfc3339Ns(event.requestReceivedTimestamp) ?? stageNs,
    stageNs,
  };
}

function someText(value: unknown): string | undefined {
  const text = textIn(value);
  return text === '' ? undefined : toByteText(text);
}
