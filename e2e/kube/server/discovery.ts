/** How clients find out what there is: versions, groups, resources, and a minimal OpenAPI document. */

import { compact, type JsonDocument } from '../document.ts';
import { apiVersionOf, type ResourceType, resourceTypes, reviewTypes } from '../objects/resource-types.ts';

const allTypes = [...resourceTypes, ...reviewTypes];
const stored = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What the path answers, or `undefined` for one that is not of discovery. `host` is ours, with the port. */
export function discover(path: string, host: string): JsonDocument | undefined {
  if (path === '/version') return version;
  if (path === '/api') {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: host }];
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
  }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(groupOf) };
  const [, root, first, second] = path.split('/');
  if (root === 'api' && second === undefined) return resourceList('', first ?? '');
  if (root !== 'apis' || first === undefined) return undefined;
  if (second !== undefined) return resourceList(first, second);
  return groupNames().includes(first) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(first) } : undefined;
}

const version: JsonDocument = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2025-12-17T00:00:00Z',
  goVersion: 'go1.25.5',
  compiler: 'gc',
  platform: 'linux/amd64',
};

function groupNames(): readonly string[] {
  return [...new Set(allTypes.map(({ group }) => group))].filter((name) => name !== '');
}

function groupOf(name: string): JsonDocument {
  const versions = [...new Set(allTypes.filter(({ group }) => group === name).map((type) => type.version))];
  const told = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return compact({ name, versions: told, preferredVersion: told[0] });
}

function resourceList(group: string, version: string): JsonDocument | undefined {
  const types = allTypes.filter((type) => type.group === group && type.version === version);
  const [first] = types;
  if (first === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: types.flatMap(entriesOf),
  };
}

function entriesOf(type: ResourceType): readonly JsonDocument[] {
  const own = compact({
    name: type.resource,
    singularName: type.singular,
    namespaced: type.isNamespaced,
    kind: type.kind,
    verbs: reviewTypes.includes(type) ? ['create'] : stored,
    shortNames: type.shortNames.length > 0 ? type.shortNames : undefined,
    categories: type.isInAll ? ['all'] : undefined,
  });
  const below = type.subresources.map(({ name, kind = type.kind, group, version, verbs }) =>
    compact({
      name: `${type.resource}/${name}`,
      singularName: '',
      namespaced: type.isNamespaced,
      group,
      version,
      kind,
      verbs,
    }),
  );
  return [own, ...below];
}
