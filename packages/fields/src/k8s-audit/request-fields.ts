/** Fields of who asked what of the Kubernetes API, and what it answered. */

import type { Json } from '@peregrine/base';
import { indexed, type JsonField, keyed, list, part, text } from '../json/json-field.ts';

export const requestFields: Readonly<Record<string, JsonField>> = {
  'ka.auditid': part({
    doc: 'Unique id of the audited request.',
    path: ['auditID'],
  }),
  'ka.stage': part({
    doc: 'Stage of the request that this event reports.',
    examples: ['ResponseComplete'],
    path: ['stage'],
  }),
  'ka.auth.decision': part({
    doc: 'Whether the authorizer let the request pass.',
    examples: ['allow'],
    path: ['annotations', 'authorization.k8s.io/decision'],
  }),
  'ka.auth.reason': part({
    doc: 'Why the authorizer decided so.',
    path: ['annotations', 'authorization.k8s.io/reason'],
  }),
  'ka.auth.openshift.decision': part({
    doc: 'Outcome of the authentication, on OpenShift.',
    path: ['annotations', 'authentication.openshift.io/decision'],
  }),
  'ka.auth.openshift.username': part({
    doc: 'Name of the user who authenticated, on OpenShift.',
    path: ['annotations', 'authentication.openshift.io/username'],
  }),
  'ka.validations.admission.policy.failure': part({
    doc: 'What a validating admission policy objected to.',
    path: ['annotations', 'validation.policy.admission.k8s.io/validation_failure'],
  }),
  'ka.security.pod.violations': part({
    doc: 'What Pod Security admission objected to, in audit mode.',
    path: ['annotations', 'pod-security.kubernetes.io/audit-violations'],
  }),
  'ka.cluster.name': part({
    doc: 'Name of the cluster, where the audit log gives it.',
    path: ['annotations', 'cluster_name'],
  }),
  'ka.user.name': part({
    doc: 'Name of the user who asked.',
    examples: ['system:serviceaccount:default:builder'],
    path: ['user', 'username'],
  }),
  'ka.user.groups': list({
    doc: 'Groups of the user who asked.',
    values: (at) => at.itemsOrNone('user', 'groups'),
  }),
  'ka.impuser.name': part({
    doc: 'Name of the user that the asker acts as.',
    path: ['impersonatedUser', 'username'],
  }),
  'ka.verb': part({
    doc: 'What was to be done.',
    examples: ['create'],
    path: ['verb'],
  }),
  'ka.uri': part({
    doc: 'Path and query of the request.',
    path: ['requestURI'],
  }),
  'ka.uri.param': keyed({
    doc: 'First value of a query parameter of the request, decoded.',
    examples: ['command'],
    value: (at, key) => {
      const uri = at('requestURI');
      return (event) => queryParameter(uri(event), key);
    },
  }),
  'ka.target.name': part({ doc: 'Name of the object asked for.', path: ['objectRef', 'name'] }),
  'ka.target.namespace': part({
    doc: 'Namespace of the object asked for.',
    path: ['objectRef', 'namespace'],
  }),
  'ka.target.resource': part({
    doc: 'Resource of the object asked for.',
    examples: ['pods'],
    path: ['objectRef', 'resource'],
  }),
  'ka.target.subresource': part({
    doc: 'Subresource of the object asked for.',
    examples: ['exec'],
    path: ['objectRef', 'subresource'],
  }),
  'ka.target.pod.name': text({
    doc: 'Name of the pod asked for, as the answer gives it.',
    value: (at) => {
      const resource = at('objectRef', 'resource');
      const subresource = at('objectRef', 'subresource');
      const name = at('responseObject', 'metadata', 'name');
      return (event) => (resource(event) === 'pods' && !subresource(event) ? name(event) : undefined);
    },
  }),
  'ka.resp.name': part({
    doc: 'Name of the object in the answer.',
    path: ['responseObject', 'metadata', 'name'],
  }),
  'ka.response.code': part({
    doc: 'HTTP status of the answer.',
    examples: ['201'],
    path: ['responseStatus', 'code'],
  }),
  'ka.response.reason': part({
    doc: 'Reason that the answer gives for its status.',
    path: ['responseStatus', 'reason'],
  }),
  'ka.useragent': part({
    doc: 'Program that asked, as it names itself.',
    path: ['userAgent'],
  }),
  'ka.sourceips': indexed({
    doc: 'Addresses that the request came through, first the origin.',
    over: (at) => at.itemsOrNone('sourceIPs'),
    values: () => (address) => [address],
  }),
};

function queryParameter(uri: Json | undefined, key: string): string | undefined {
  if (typeof uri !== 'string') return undefined;
  const start = uri.indexOf('?');
  return start < 0 ? undefined : (new URLSearchParams(uri.slice(start + 1)).get(key) ?? undefined);
}
