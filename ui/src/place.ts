/** Where we are: page and query of the address, which holds all that can be shared. */

import { signal } from '@preact/signals';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(read());
addEventListener('popstate', () => {
  place.value = read();
});

/** COMPAT: `#/dashboard?priority=..`, `#/events?..`: pages of Falcosidekick-UI. */
export function translateOldAddress(hash: string): string | undefined {
  const [, page, search = ''] = /^#\/(dashboard|events|info)(?:\?(.*))?$/.exec(hash) ?? [];
  if (page === undefined) return undefined;
  const old = new URLSearchParams(search);
  const query = new URLSearchParams();
  for (const field of ['source', 'priority', 'hostname', 'rule', 'tags'])
    for (const value of (old.get(field) ?? '').split(',').filter((part) => part !== ''))
      query.append('where', `${field}=${value}`);
  const text = old.get('filter');
  if (text) query.set('text', text);
  const since = /^(\d+)(min|h|w|M|y|d)$/.exec(old.get('since') ?? '');
  if (since !== null) query.set('since', `${periodNumber(since[1], since[2])}`);
  return `${page === 'dashboard' ? '/' : page === 'events' ? '/alerts' : '/settings'}${query.size === 0 ? '' : `?${query}`}`;
}

function periodNumber(number = '', unit = ''): string {
  switch (unit) {
    case 'min':
      return `${number}m`;
    case 'M':
      return `${Number(number) * 30}d`;
    default:
      return `${number}${unit}`;
  }
}

export function go(address: string, options: { readonly isReplaced?: boolean } = {}): void {
  if (options.isReplaced === true) history.replaceState(undefined, '', address);
  else history.pushState(undefined, '', address);
  const before = place.value.path;
  place.value = read();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** The same page with some of the query changed; `undefined` and empty values leave it. */
export function addressWith(
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
): string {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const item of typeof value === 'string' ? [value] : (value ?? []))
      if (item !== '') query.append(name, item);
  }
  const text = query.toString();
  return `${place.value.path}${text === '' ? '' : `?${text}`}`;
}

/** Links within the pages do not load the page again. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const address = link?.getAttribute('href');
  if (!address?.startsWith('/') || address.startsWith('//') || address.startsWith('/api/')) return;
  if (link?.hasAttribute('download') || link?.target === '_blank') return;
  event.preventDefault();
  go(address);
}
