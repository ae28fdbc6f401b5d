/** Fields of who had a command run in a pod, or is attached to it, as the audit log of Kubernetes tells. */

import type { EventContext, SessionOrigin } from '@peregrine/state';
import { defineFields, type FieldDeclaration, textField } from './define-fields.ts';

/** See `BoundField.awaits`. */
const EXEC_ORIGIN = 'exec';

function originOf({ thread, tables }: EventContext): SessionOrigin | undefined {
  if (thread === undefined) return undefined;
  return thread.execSession?.origin ?? tables.attachment(thread.containerId);
}

function originField(
  doc: string,
  examples: readonly string[],
  read: (origin: SessionOrigin) => string | undefined,
): FieldDeclaration {
  return textField({
    doc: `${doc} Only while audit events are read. An addition of this program.`,
    examples,
    cost: 10,
    awaits: EXEC_ORIGIN,
    read: (event) => {
      const origin = originOf(event);
      return origin === undefined ? undefined : read(origin);
    },
  });
}

const list = (items: readonly string[]): string | undefined =>
  items.length === 0 ? undefined : items.join(',');

export const k8sExecFields = defineFields('container', {
  'k8s.user.name': originField(
    'Kubernetes user whose `kubectl exec` or `attach` the process belongs to; absent where it may have been one of several.',
    ['alice'],
    ({ user }) => user?.name,
  ),
  'k8s.user.groups': originField('Groups of that user, with commas between.', ['dev,ops'], ({ user }) =>
    user === undefined ? undefined : list(user.groups),
  ),
  'k8s.user.impersonated': originField(
    'User on whose behalf it was asked for, where that is another.',
    ['system:admin'],
    ({ user }) => user?.impersonated,
  ),
  'k8s.exec.match': originField(
    'How sure that is: `sure`, `same_user` (several requests of one user fit), `attached` (somebody is attached to the container’s own processes), `ambiguous` (requests of several users fit), `unknown` (no request fits).',
    ['sure', 'ambiguous'],
    ({ match }) => match,
  ),
  'k8s.exec.users': originField(
    'All users whose request it may have been, with commas between.',
    ['alice,bob'],
    ({ users }) => list(users),
  ),
  'k8s.exec.kind': originField('What was asked for: `exec` or `attach`.', ['exec'], ({ kind, match }) =>
    match === 'unknown' ? undefined : kind,
  ),
  'k8s.exec.audit_id': originField(
    'Id of the audit events of the request; absent where several fit.',
    ['6f2d6a0c-5a3f-4c0e-9d3e-000000000001'],
    ({ auditId }) => auditId,
  ),
  'k8s.exec.source_ip': originField(
    'Address that the request came from.',
    ['10.0.0.9'],
    ({ sourceIp }) => sourceIp,
  ),
  'k8s.exec.user_agent': originField(
    'Program that asked, as it names itself.',
    ['kubectl/v1.30.0'],
    ({ userAgent }) => userAgent,
  ),
});
