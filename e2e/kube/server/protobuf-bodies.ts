/**
 * Objects as protocol buffers, which newer versions of kubectl send for some kinds. Only those kinds are known, and of them
 * the fields that kubectl sets.
 */

import { documentAt, isList, type Json, type JsonDocument, textAt } from '../document.ts';

/** What a field holds. `bytes` are shown as JSON has them; a message within is decoded in turn. */
type FieldType = 'text' | 'bytes' | 'number' | 'texts' | 'textMap' | 'bytesMap' | Shape | readonly [Shape];

/** Names and types by field number. */
type Shape = { readonly [number: number]: readonly [name: string, type: FieldType] };

const metadata: Shape = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  5: ['uid', 'text'],
  6: ['resourceVersion', 'text'],
  11: ['labels', 'textMap'],
  12: ['annotations', 'textMap'],
};
const plain: Shape = { 1: ['metadata', metadata] };
const policyRule: Shape = {
  1: ['verbs', 'texts'],
  2: ['apiGroups', 'texts'],
  3: ['resources', 'texts'],
  4: ['resourceNames', 'texts'],
  5: ['nonResourceURLs', 'texts'],
};
const subject: Shape = {
  1: ['kind', 'text'],
  2: ['apiGroup', 'text'],
  3: ['name', 'text'],
  4: ['namespace', 'text'],
};
const roleRef: Shape = { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] };
const role: Shape = { ...plain, 2: ['rules', [policyRule]] };
const binding: Shape = { ...plain, 2: ['subjects', [subject]], 3: ['roleRef', roleRef] };
const container: Shape = {
  1: ['name', 'text'],
  2: ['image', 'text'],
  3: ['command', 'texts'],
  4: ['args', 'texts'],
  7: ['env', [{ 1: ['name', 'text'], 2: ['value', 'text'] }]],
  14: ['imagePullPolicy', 'text'],
};
const podSpec: Shape = { 2: ['containers', [container]], 3: ['restartPolicy', 'text'] };
const podTemplate: Shape = { ...plain, 2: ['spec', podSpec] };
const labelSelector: Shape = { 1: ['matchLabels', 'textMap'] };
const resourceAttributes: Shape = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};
const preconditions: Shape = { 1: ['uid', 'text'], 2: ['resourceVersion', 'text'] };

const shapes: Readonly<Record<string, Shape>> = {
  Namespace: plain,
  ServiceAccount: plain,
  ConfigMap: { ...plain, 2: ['data', 'textMap'], 3: ['binaryData', 'bytesMap'] },
  Secret: { ...plain, 2: ['data', 'bytesMap'], 3: ['type', 'text'], 4: ['stringData', 'textMap'] },
  Pod: { ...plain, 2: ['spec', podSpec] },
  Deployment: {
    ...plain,
    2: ['spec', { 1: ['replicas', 'number'], 2: ['selector', labelSelector], 3: ['template', podTemplate] }],
  },
  Job: { ...plain, 2: ['spec', { 6: ['template', podTemplate] }] },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  SelfSubjectAccessReview: {
    2: [
      'spec',
      {
        1: ['resourceAttributes', resourceAttributes],
        2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
      },
    ],
  },
  SelfSubjectRulesReview: { 2: ['spec', { 1: ['namespace', 'text'] }] },
  SelfSubjectReview: {},
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'number'],
    2: ['preconditions', preconditions],
    4: ['propagationPolicy', 'text'],
    5: ['dryRun', 'texts'],
  },
};

const MAGIC = Buffer.from('k8s\0');
const envelope: Shape = {
  1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }],
  2: ['raw', 'bytes'],
};
const entry: Shape = { 1: ['key', 'text'], 2: ['value', 'text'] };
const bytesEntry: Shape = { 1: ['key', 'text'], 2: ['value', 'bytes'] };

/** `undefined` for a kind that is not known. Throws for what is no such object. */
export function decodeProtobuf(body: Buffer): JsonDocument | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw new TypeError('no object in protocol buffers');
  const outer = decodeMessage(body.subarray(MAGIC.length), envelope);
  const typeMeta = documentAt(outer, 'typeMeta');
  const shape = shapes[textAt(typeMeta, 'kind')];
  if (shape === undefined) return undefined;
  return { ...typeMeta, ...decodeMessage(Buffer.from(textAt(outer, 'raw'), 'base64'), shape) };
}

function decodeMessage(bytes: Buffer, shape: Shape): JsonDocument {
  const decoded: Record<string, Json> = {};
  let place = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(place++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (place < bytes.length) {
    const key = varint();
    const field = shape[key >>> 3];
    if ((key & 7) === 0) {
      const value = varint();
      if (field !== undefined) decoded[field[0]] = value;
    } else if ((key & 7) === 2) {
      const size = varint();
      const content = bytes.subarray(place, place + size);
      place += size;
      if (field !== undefined) decoded[field[0]] = joined(decoded[field[0]], content, field[1]);
    } else {
      throw new TypeError('no object in protocol buffers');
    }
  }
  return decoded;
}

/** A value with those of the same field that came before. */
function joined(before: Json | undefined, content: Buffer, type: FieldType): Json {
  switch (type) {
    case 'text':
    case 'number':
      return content.toString('utf8');
    case 'bytes':
      return content.toString('base64');
    case 'texts':
      return [...(isList(before) ? before : []), content.toString('utf8')];
    case 'textMap':
    case 'bytesMap': {
      const { key, value } = decodeMessage(content, type === 'textMap' ? entry : bytesEntry);
      return { ...documentAt(before), [String(key ?? '')]: value ?? '' };
    }
    default:
      return Array.isArray(type)
        ? [...(isList(before) ? before : []), decodeMessage(content, type[0])]
        : decodeMessage(content, type as Shape); // All that is neither a word nor a list.
  }
}
