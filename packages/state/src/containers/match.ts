/** Which container a thread is in, from its cgroups. Not hot: the container table remembers the answers. */

import type { ContainerMatch } from './family.ts';
import { containerRoster } from './roster.ts';

/** Container id of what runs on the host itself. */
export const HOST = 'host';

/** `cgroups`: `subsys=path` entries, a NUL after each. `undefined` means the host. */
export function matchContainer(cgroups: string): ContainerMatch | undefined {
  for (const entry of cgroups.split('\0')) {
    const path = entry.slice(entry.indexOf('=') + 1);
    if (path === '' || path === '/') continue;
    for (const family of containerRoster) {
      const found = family.match(path);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
