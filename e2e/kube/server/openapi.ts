/**
 * The OpenAPI document in version 2, as protocol buffers, the only form that kubectl asks for. It has no schemas, so that
 * kubectl checks nothing itself; what it says is that changes can be tried (`dryRun`), which kubectl looks for.
 */

import { apiVersionOf, type ResourceType, resourceTypes } from '../objects/resource-types.ts';

/** Field numbers of `openapi.v2`. */
const DOCUMENT = { swagger: 1, info: 2, paths: 8 };
const INFO = { title: 1, version: 2 };
const PATHS = { path: 2 };
const NAMED = { name: 1, value: 2 };
const PATH_ITEM = { patch: 8 };
const OPERATION = { parameters: 8, vendorExtension: 13 };
const PARAMETERS_ITEM = { parameter: 1 };
const PARAMETER = { nonBody: 2 };
const NON_BODY = { query: 3 };
const QUERY = { in: 2, name: 4 };
const ANY = { yaml: 2 };

export function openApiDocument(): Uint8Array {
  const paths = resourceTypes.map((type) => {
    const item = field(PATH_ITEM.patch, operationOf(type));
    return field(PATHS.path, named(pathOf(type), item));
  });
  const info = Buffer.concat([text(INFO.title, 'Kubernetes'), text(INFO.version, 'v1.35.0')]);
  return Buffer.concat([
    text(DOCUMENT.swagger, '2.0'),
    field(DOCUMENT.info, info),
    field(DOCUMENT.paths, Buffer.concat(paths)),
  ]);
}

function pathOf(type: ResourceType): string {
  const root = type.group === '' ? '/api' : '/apis';
  const scope = type.isNamespaced ? '/namespaces/{namespace}' : '';
  return `${root}/${apiVersionOf(type)}${scope}/${type.resource}/{name}`;
}

function operationOf({ group, version, kind }: ResourceType): Buffer {
  const query = Buffer.concat([text(QUERY.in, 'query'), text(QUERY.name, 'dryRun')]);
  const parameter = field(PARAMETER.nonBody, field(NON_BODY.query, query));
  const yaml = text(ANY.yaml, `group: "${group}"\nkind: ${kind}\nversion: ${version}\n`);
  return Buffer.concat([
    field(OPERATION.parameters, field(PARAMETERS_ITEM.parameter, parameter)),
    field(OPERATION.vendorExtension, named('x-kubernetes-group-version-kind', yaml)),
  ]);
}

function named(name: string, value: Buffer): Buffer {
  return Buffer.concat([text(NAMED.name, name), field(NAMED.value, value)]);
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

/** A field of the kind that says its length. */
function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(value.length)]), value]);
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
