/** What a request is for: a function, by the host that it was sent to or by its path, or what is said of all of them. */

import { type FunctionSpec, fullNameOf } from '../function-spec.ts';

export type Target =
  | { readonly kind: 'call'; readonly name: string; readonly path: string; readonly query: string }
  /** Of one function, or of all. */
  | { readonly kind: 'health' | 'metrics'; readonly name: string | undefined }
  | { readonly kind: 'list' }
  | { readonly kind: 'none' };

type Named = Pick<FunctionSpec, 'name' | 'namespace'>;

/**
 * `host`: the header, `undefined` without one. A host name of the cluster names a function (`delete-pod.kubeless`, with
 * or without `.svc.cluster.local`); else the path does (`/function/kubeless/delete-pod/`); the only function needs no
 * name.
 */
export function targetOf(host: string | undefined, url: string, functions: readonly Named[]): Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const byHost = functionOfHost(host, functions);
  if (byHost !== undefined) return within(fullNameOf(byHost), path, query);
  const [, namespace, name, rest = ''] = /^\/function\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (namespace !== undefined && name !== undefined) {
    const found = functions.find((known) => known.name === name && known.namespace === namespace);
    return found === undefined
      ? { kind: 'none' }
      : within(fullNameOf(found), rest === '' ? '/' : rest, query);
  }
  if (path === '/function' || path === '/function/') return { kind: 'list' };
  if (path === '/healthz' || path === '/metrics')
    return { kind: path === '/healthz' ? 'health' : 'metrics', name: undefined };
  const [only, ...others] = functions;
  if (only === undefined || others.length > 0) return { kind: 'none' };
  return { kind: 'call', name: fullNameOf(only), path, query };
}

function within(name: string, path: string, query: string): Target {
  if (path === '/healthz') return { kind: 'health', name };
  if (path === '/metrics') return { kind: 'metrics', name };
  return { kind: 'call', name, path, query };
}

function functionOfHost(host: string | undefined, functions: readonly Named[]): Named | undefined {
  const bare = (host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  const [, name, namespace] = /^([^.]+)\.([^.]+)(?:\.svc(?:\.cluster\.local)?)?$/.exec(bare) ?? [];
  return functions.find((known) => known.name === name && known.namespace === namespace);
}
