/** Podman: `libpod-ID`, with or without systemd, with or without a payload group below. */

import { type ContainerFamily, matchLayouts } from './family.ts';

const layouts = ['/libpod-', '/libpod-payload-'].flatMap((prefix) =>
  ['.scope', '.scope/container', ''].map((suffix) => ({ prefix, suffix, type: 'podman' })),
);

export const podman: ContainerFamily = {
  name: 'podman',
  doc: 'Podman, as root or not.',
  match: (path) => matchLayouts(path, layouts),
};
