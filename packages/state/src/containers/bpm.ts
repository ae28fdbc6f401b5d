/** BOSH process manager: `bpm-NAME.scope`. */

import { type ContainerFamily, type ContainerMatch, namedContainer } from './family.ts';

const PREFIX = 'bpm-';
const SUFFIX = '.scope';

export const bpm: ContainerFamily = {
  name: 'bpm',
  doc: 'Jobs of the BOSH process manager.',
  match: matchName,
};

function matchName(path: string): ContainerMatch | undefined {
  const before = path.lastIndexOf(PREFIX);
  if (before < 0 || !path.endsWith(SUFFIX)) return undefined;
  return namedContainer(path.slice(before + PREFIX.length, -SUFFIX.length), 'bpm');
}
