/** LXC: the container's name after one of three prefixes, up to the next slash. */

import { type ContainerFamily, type ContainerMatch, namedContainer } from './family.ts';

const PREFIXES = ['/lxc/', '/lxc.payload/', '/lxc.payload.'];

export const lxc: ContainerFamily = {
  name: 'lxc',
  doc: 'LXC and LXD.',
  match: matchName,
};

function matchName(path: string): ContainerMatch | undefined {
  for (const prefix of PREFIXES) {
    const before = path.indexOf(prefix);
    if (before < 0) continue;
    const start = before + prefix.length;
    const slash = path.indexOf('/', start);
    return namedContainer(path.slice(start, slash < 0 ? path.length : slash), 'lxc');
  }
  return undefined;
}
