/** What a request is about, told from its method and path, with the verbs that RBAC and audit use. */

import type { IncomingMessage } from 'node:http';

export interface RequestInfo {
  readonly method: string;
  /** With the query. */
  readonly uri: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; of other paths the method. */
  readonly verb: string;
  readonly isResource: boolean;
  /** Empty: the core, or none. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** What follows a subresource that hands requests on, with its slash. */
  readonly rest: string;
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
  HEAD: 'get',
};

export function requestInfoOf(message: Pick<IncomingMessage, 'method' | 'url'>): RequestInfo {
  const { method = 'GET', url: uri = '/' } = message;
  const { pathname: path, searchParams: query } = new URL(uri, 'https://server');
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '', rest: '' };
  const plain = { method, uri, path, query, verb: method.toLowerCase(), isResource: false, ...none };
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return plain;
  const [group = '', version = '', ...below] = isCore ? ['', ...parts.slice(1)] : parts.slice(1);
  if (below.length === 0) return plain;
  const isIn =
    below[0] === 'namespaces' && below.length > 2 && below[2] !== 'status' && below[2] !== 'finalize';
  const namespace = isIn ? (below[1] ?? '') : '';
  const [resource = '', name = '', subresource = '', ...rest] = isIn ? below.slice(2) : below;
  return {
    ...plain,
    isResource: true,
    verb: verbOf(method, name, query),
    group,
    version,
    resource,
    subresource,
    // A namespace is in itself.
    namespace: resource === 'namespaces' && namespace === '' ? name : namespace,
    name,
    rest: rest.map((part) => `/${part}`).join(''),
  };
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  if (method === 'GET' && name === '') return isTrue(query.get('watch')) ? 'watch' : 'list';
  if (method === 'DELETE' && name === '') return 'deletecollection';
  return verbs[method] ?? method.toLowerCase();
}

export function isTrue(value: string | null): boolean {
  return value !== null && ['true', '1', ''].includes(value);
}

/** Requests that go on: audited when they begin, too. */
export function isLongRunning({ verb, subresource }: RequestInfo): boolean {
  return verb === 'watch' || ['attach', 'exec', 'proxy', 'log', 'portforward'].includes(subresource);
}
