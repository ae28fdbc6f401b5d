/** Fields of who asked what of the Kubernetes API, and what it answered. */

import { at, elements, member } from '../json/json-event.ts';
import { indexed, type JsonField, keyed, list, text } from '../json/json-field.ts';

const annotation = (name: string) => (event: Parameters<JsonField['read']>[0]) =>
  at(event.object, 'annotations', name);

const targetPart = (part: string) => (event: Parameters<JsonField['read']>[0]) =>
  at(event.object, 'objectRef', part);

export const requestFields: Readonly<Record<string, JsonField>> = {
  'ka.auditid': text({
    doc: 'Unique id of the audited request.',
    value: (event) => member(event.object, 'auditID'),
  }),
  'ka.stage': text({
    doc: 'Stage of the request that this event reports.',
    examples: ['ResponseComplete'],
    value: (event) => member(event.object, 'stage'),
  }),
  'ka.auth.decision': text({
    doc: 'Whether the authorizer let the request pass.',
    examples: ['allow'],
    value: annotation('authorization.k8s.io/decision'),
  }),
  'ka.auth.reason': text({
    doc: 'Why the authorizer decided so.',
    value: annotation('authorization.k8s.io/reason'),
  }),
  'ka.auth.openshift.decision': text({
    doc: 'Outcome of the authentication, on OpenShift.',
    value: annotation('authentication.openshift.io/decision'),
  }),
  'ka.auth.openshift.username': text({
    doc: 'Name of the user who authenticated, on OpenShift.',
    value: annotation('authentication.openshift.io/username'),
  }),
  'ka.validations.admission.policy.failure': text({
    doc: 'What a validating admission policy objected to.',
    value: annotation('validation.policy.admission.k8s.io/validation_failure'),
  }),
  'ka.security.pod.violations': text({
    doc: 'What Pod Security admission objected to, in audit mode.',
    value: annotation('pod-security.kubernetes.io/audit-violations'),
  }),
  'ka.cluster.name': text({
    doc: 'Name of the cluster, where the audit log gives it.',
    value: annotation('cluster_name'),
  }),
  'ka.user.name': text({
    doc: 'Name of the user who asked.',
    examples: ['system:serviceaccount:default:builder'],
    value: (event) => at(event.object, 'user', 'username'),
  }),
  'ka.user.groups': list({
    doc: 'Groups of the user who asked.',
    values: (event) => arrayOrNone(at(event.object, 'user', 'groups')),
  }),
  'ka.impuser.name': text({
    doc: 'Name of the user that the asker acts as.',
    value: (event) => at(event.object, 'impersonatedUser', 'username'),
  }),
  'ka.verb': text({
    doc: 'What was to be done.',
    examples: ['create'],
    value: (event) => member(event.object, 'verb'),
  }),
  'ka.uri': text({
    doc: 'Path and query of the request.',
    value: (event) => member(event.object, 'requestURI'),
  }),
  'ka.uri.param': keyed({
    doc: 'First value of a query parameter of the request, decoded.',
    examples: ['command'],
    value: (event, key) => queryParameter(member(event.object, 'requestURI'), key),
  }),
  'ka.target.name': text({ doc: 'Name of the object asked for.', value: targetPart('name') }),
  'ka.target.namespace': text({ doc: 'Namespace of the object asked for.', value: targetPart('namespace') }),
  'ka.target.resource': text({
    doc: 'Resource of the object asked for.',
    examples: ['pods'],
    value: targetPart('resource'),
  }),
  'ka.target.subresource': text({
    doc: 'Subresource of the object asked for.',
    examples: ['exec'],
    value: targetPart('subresource'),
  }),
  'ka.target.pod.name': text({
    doc: 'Name of the pod asked for, as the answer gives it.',
    value: (event) =>
      at(event.object, 'objectRef', 'resource') === 'pods' && !at(event.object, 'objectRef', 'subresource')
        ? at(event.object, 'responseObject', 'metadata', 'name')
        : undefined,
  }),
  'ka.resp.name': text({
    doc: 'Name of the object in the answer.',
    value: (event) => at(event.object, 'responseObject', 'metadata', 'name'),
  }),
  'ka.response.code': text({
    doc: 'HTTP status of the answer.',
    examples: ['201'],
    value: (event) => at(event.object, 'responseStatus', 'code'),
  }),
  'ka.response.reason': text({
    doc: 'Reason that the answer gives for its status.',
    value: (event) => at(event.object, 'responseStatus', 'reason'),
  }),
  'ka.useragent': text({
    doc: 'Program that asked, as it names itself.',
    value: (event) => member(event.object, 'userAgent'),
  }),
  'ka.sourceips': indexed({
    doc: 'Addresses that the request came through, first the origin.',
    over: (event) => arrayOrNone(member(event.object, 'sourceIPs')),
    values: (address) => [address],
  }),
};

function arrayOrNone(value: ReturnType<typeof member>) {
  return value === undefined ? undefined : elements(value);
}

function queryParameter(uri: ReturnType<typeof member>, key: string): string | undefined {
  if (typeof uri !== 'string') return undefined;
  const start = uri.indexOf('?');
  return start < 0 ? undefined : (new URLSearchParams(uri.slice(start + 1)).get(key) ?? undefined);
}
