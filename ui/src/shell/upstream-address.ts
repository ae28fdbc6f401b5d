/** COMPAT: addresses of Falcosidekick-UI's pages (`#/events?priority=...`), as bookmarks and messages have them. */

const pages: Readonly<Record<string, string>> = {
  '/': '/',
  '/dashboard': '/',
  '/events': '/alerts',
  '/info': '/outputs',
};
const fields: readonly (readonly [string, string])[] = [
  ['source', 'source'],
  ['priority', 'priority'],
  ['hostname', 'hostname'],
  ['rule', 'rule'],
  ['tags', 'tags'],
];

/** The address here, or `undefined` where the hash is none of upstream's. */
export function addressOfUpstreamHash(hash: string): string | undefined {
  if (!hash.startsWith('#/')) return undefined;
  const [path = '', search = ''] = hash.slice(1).split('?', 2);
  const page = pages[path.length > 1 ? path.replace(/\/$/, '') : path];
  if (page === undefined) return undefined;
  const theirs = new URLSearchParams(search);
  const query = new URLSearchParams();
  // Several values stand between commas there.
  for (const [name, field] of fields)
    for (const value of (theirs.get(name) ?? '').split(','))
      if (value !== '')
        query.append('where', `${field}=${field === 'priority' ? capitalized(value) : value}`);
  const since = theirs.get('since');
  if (since !== null && /^\d+[smhdwM]$/.test(since)) query.set('since', sinceText(since));
  const filter = theirs.get('filter');
  if (filter !== null && filter !== '') query.set('text', filter);
  const text = query.toString();
  // The overview has no filter: with one, the alerts are meant.
  const isFiltered = query.has('where') || query.has('text');
  return `${page === '/' && isFiltered ? '/alerts' : page}${text === '' ? '' : `?${text}`}`;
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();

/** Weeks and months are days here. */
function sinceText(since: string): string {
  const count = Number(since.slice(0, -1));
  if (since.endsWith('w')) return `${count * 7}d`;
  if (since.endsWith('M')) return `${count * 30}d`;
  return since;
}
