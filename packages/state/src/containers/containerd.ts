/** containerd without Kubernetes: `/NAMESPACE/ID`, where an id is any name. */

import { type ContainerFamily, type ContainerMatch, SHORT_ID_LENGTH } from './family.ts';

const LONGEST_ID = 64;
/** Units of systemd have the same form. */
const UNIT_SUFFIXES = ['.service', '.slice', '.scope'];

export const containerd: ContainerFamily = {
  name: 'containerd',
  doc: 'containerd used directly: a namespace, then the name that the user gave.',
  match: matchNamespaced,
};

function matchNamespaced(path: string): ContainerMatch | undefined {
  const slash = path.indexOf('/', 1);
  if (!path.startsWith('/') || slash < 2) return undefined;
  const fullId = path.slice(slash + 1);
  if (fullId === '' || fullId.length > LONGEST_ID || fullId.includes('/')) return undefined;
  if (UNIT_SUFFIXES.some((suffix) => fullId.endsWith(suffix))) return undefined;
  return { id: fullId.slice(0, SHORT_ID_LENGTH), fullId, type: 'containerd' };
}
