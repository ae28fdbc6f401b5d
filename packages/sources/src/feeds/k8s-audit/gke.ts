/**
 * Audit events as GKE logs them: entries of Cloud Logging whose `protoPayload` is an `AuditLog` of a cluster. They say the
 * same as the API server's events in other words; what they do not say is absent.
 */

import { documentIn, type JsonDocument, textIn } from '@peregrine/base';
import { JsonNode } from '@peregrine/events';

const PAYLOAD = 'type.googleapis.com/google.cloud.audit.AuditLog';

export function isGkeEntry(entry: JsonNode): boolean {
  return (
    entry.textAt('protoPayload', '@type') === PAYLOAD && entry.textAt('resource', 'type') === 'k8s_cluster'
  );
}

/** Codes of gRPC as the HTTP statuses that Kubernetes answers with. */
const httpStatus: Readonly<Record<number, number>> = {
  3: 400,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 409,
  10: 409,
  11: 400,
  13: 500,
  14: 503,
  16: 401,
};
const CREATED = 201;
const OK = 200;

/** What was asked for and answered, most of an entry, is taken over as it was written. */
export function auditEventOfGke(entry: JsonNode): JsonNode {
  const members = [
    JSON.stringify(translated(entry)).slice(1, -1),
    ...sourceOf('requestObject', entry.at('protoPayload', 'request')),
    ...sourceOf('responseObject', entry.at('protoPayload', 'response')),
  ];
  const event = JsonNode.parse(Buffer.from(`{${members.join(',')}}`));
  if (!(event instanceof JsonNode)) throw new Error(`an entry of GKE became no JSON: ${event.failure}`);
  return event;
}

function sourceOf(key: string, value: JsonNode | undefined): readonly string[] {
  return value === undefined ? [] : [`"${key}":${value.source()}`];
}

function translated(entry: JsonNode): JsonDocument {
  const operation = documentIn(entry.member('operation')?.value()) ?? {};
  const resourceName = entry.textAt('protoPayload', 'resourceName');
  const verb = entry.textAt('protoPayload', 'methodName').split('.').at(-1) ?? '';
  const isOpen = operation.first === true && operation.last !== true;
  const callerIp = entry.textAt('protoPayload', 'requestMetadata', 'callerIp');
  const timestamp = entry.member('timestamp')?.value() ?? null;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: textIn(operation.id) || entry.textAt('insertId'),
    stage: isOpen ? 'ResponseStarted' : 'ResponseComplete',
    requestURI: `/${resourceName}`,
    verb,
    user: { username: entry.textAt('protoPayload', 'authenticationInfo', 'principalEmail') },
    ...(callerIp === '' ? {} : { sourceIPs: [callerIp] }),
    userAgent: entry.textAt('protoPayload', 'requestMetadata', 'callerSuppliedUserAgent'),
    objectRef: objectRefOf(resourceName),
    responseStatus: responseOf(documentIn(entry.at('protoPayload', 'status')?.value()) ?? {}, verb),
    requestReceivedTimestamp: timestamp,
    stageTimestamp: timestamp,
    annotations: {
      ...documentIn(entry.member('labels')?.value()),
      cluster_name: entry.textAt('resource', 'labels', 'cluster_name'),
    },
  };
}

/** `core/v1/namespaces/NS/pods/NAME/exec`, or without namespace `rbac.authorization.k8s.io/v1/clusterroles/NAME`. */
function objectRefOf(resourceName: string): JsonDocument {
  const [group = '', version = '', ...rest] = resourceName.split('/');
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [resource, name, subresource] = isNamespaced ? rest.slice(2) : rest;
  return {
    ...(group === 'core' ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(isNamespaced ? { namespace: rest[1] ?? '' } : {}),
    ...(resource === undefined ? {} : { resource }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function responseOf(status: JsonDocument, verb: string): JsonDocument {
  const code = typeof status.code === 'number' ? status.code : 0;
  const message = textIn(status.message);
  return {
    code: code === 0 ? (verb === 'create' ? CREATED : OK) : (httpStatus[code] ?? 500),
    ...(message === '' ? {} : { message }),
  };
}
