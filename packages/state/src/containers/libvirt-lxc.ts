/**
 * Containers that libvirt makes, with and without systemd. Those of old, below `/libvirt/lxc/`, look like LXC's and are
 * taken for them.
 */

import { type ContainerFamily, type ContainerMatch, namedContainer } from './family.ts';

const TYPE = 'libvirt-lxc';
const SUFFIX = '.libvirt-lxc';
/** An escaped dash follows, of which this is all but the last digit. */
const SYSTEMD_MARK = '-lxc\\x2';
const SCOPE = '.scope';

export const libvirtLxc: ContainerFamily = {
  name: TYPE,
  doc: 'Linux containers of libvirt.',
  match: matchName,
};

function matchName(path: string): ContainerMatch | undefined {
  if (path.endsWith(SUFFIX))
    return namedContainer(path.slice(path.lastIndexOf('/') + 1, -SUFFIX.length), TYPE);
  const mark = path.indexOf(SYSTEMD_MARK);
  if (mark >= 0 && path.endsWith(SCOPE))
    return namedContainer(path.slice(mark + SYSTEMD_MARK.length + 1, -SCOPE.length), TYPE);
  return undefined;
}
