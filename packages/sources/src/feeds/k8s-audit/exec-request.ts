/** Requests to run something in a pod, or to attach to it, as audit events tell of them: plain data, byte text. */

import { toByteText } from '@peregrine/base';
import type { JsonNode } from '@peregrine/events';
import { rfc3339NsOf } from '../event-time.ts';

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
export function execRequestOf(event: JsonNode, stageNs: bigint): ExecRequest | undefined {
  const target = event.member('objectRef');
  const kind = target?.textAt('subresource');
  if (target === undefined || (kind !== 'exec' && kind !== 'attach')) return undefined;
  if (target.textAt('resource') !== 'pods') return undefined;
  const stage = event.textAt('stage');
  if (stage !== 'ResponseStarted' && stage !== 'ResponseComplete') return undefined;
  const code = event.at('responseStatus', 'code')?.value();
  if (typeof code === 'number' && code >= LEAST_FAILURE) return undefined;
  const query = new URLSearchParams(event.textAt('requestURI').split('?')[1] ?? '');
  return {
    auditId: toByteText(event.textAt('auditID')),
    kind,
    phase: stage === 'ResponseComplete' ? 'ended' : 'open',
    namespace: toByteText(target.textAt('namespace')),
    pod: toByteText(target.textAt('name')),
    podUid: someText(target.textAt('uid')),
    container: someText(query.get('container') ?? ''),
    command: query.getAll('command').map(toByteText),
    user: toByteText(event.textAt('user', 'username')),
    groups: (event.at('user', 'groups')?.items() ?? []).map((group) => toByteText(group.textAt())),
    impersonated: someText(event.textAt('impersonatedUser', 'username')),
    sourceIp: someText(event.textAt('sourceIPs', '0')),
    userAgent: someText(event.textAt('userAgent')),
    askedNs: rfc3339NsOf(event.member('requestReceivedTimestamp')) ?? stageNs,
    stageNs,
  };
}

function someText(text: string): string | undefined {
  return text === '' ? undefined : toByteText(text);
}
