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
  const wanted = location.pathname + location.search;
  if (location.pathname === place.value.path || mayLeave === undefined) {
    place.value = read();
    return;
  }
  // The browser has left already: go back until it is known whether that was meant.
  const { path, query } = place.value;
  history.pushState(undefined, '', `${path}${query.size === 0 ? '' : `?${query}`}`);
  go(wanted);
});

/** Asked before another page is gone to; `undefined`: nothing would be lost. */
let mayLeave: (() => Promise<boolean>) | undefined;

/** What is returned ends it. Leaving the pages altogether is asked about by the browser. */
export function guardPage(ask: () => Promise<boolean>): () => void {
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
  mayLeave = ask;
  addEventListener('beforeunload', warn);
  return () => {
    if (mayLeave === ask) mayLeave = undefined;
    removeEventListener('beforeunload', warn);
  };
}

export function go(address: string, options: { readonly isReplaced?: boolean } = {}): void {
  const isElsewhere = new URL(address, location.href).pathname !== place.value.path;
  if (mayLeave === undefined || !isElsewhere) {
    move(address, options);
    return;
  }
  void mayLeave().then((isMeant) => {
    if (isMeant) move(address, options);
  });
}

function move(address: string, options: { readonly isReplaced?: boolean }): void {
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
