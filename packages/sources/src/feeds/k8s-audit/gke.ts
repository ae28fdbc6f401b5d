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

export function auditEventOfGke(entry: JsonNode): JsonNode {
  return JsonNode.of(translated(documentIn(entry.value()) ?? {}));
}

function translated(entry: JsonDocument): JsonDocument {
  const payload = documentAt(entry, 'protoPayload');
  const labels = documentAt(entry, 'labels');
  const operation = documentAt(entry, 'operation');
  const metadata = documentAt(payload, 'requestMetadata');
  const method = textIn(payload.methodName).split('.');
  const verb = method.at(-1) ?? '';
  const isOpen = operation.first === true && operation.last !== true;
  const callerIp = textIn(metadata.callerIp);
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: textIn(operation.id) || textIn(entry.insertId),
    stage: isOpen ? 'ResponseStarted' : 'ResponseComplete',
    requestURI: `/${textIn(payload.resourceName)}`,
    verb,
    user: { username: textIn(documentAt(payload, 'authenticationInfo').principalEmail) },
    ...(callerIp === '' ? {} : { sourceIPs: [callerIp] }),
    userAgent: textIn(metadata.callerSuppliedUserAgent),
    objectRef: objectRefOf(textIn(payload.resourceName)),
    responseStatus: responseOf(documentAt(payload, 'status'), verb),
    ...(payload.request === undefined ? {} : { requestObject: payload.request }),
    ...(payload.response === undefined ? {} : { responseObject: payload.response }),
    requestReceivedTimestamp: entry.timestamp ?? null,
    stageTimestamp: entry.timestamp ?? null,
    annotations: {
      ...labels,
      cluster_name: textIn(documentAt(documentAt(entry, 'resource'), 'labels').cluster_name),
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

function documentAt(parent: JsonDocument, key: string): JsonDocument {
  return documentIn(parent[key]) ?? {};
}
