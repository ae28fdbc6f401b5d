/** Docker: the id alone, or `docker-ID.scope` under systemd. */

import { type ContainerFamily, matchLayouts } from './family.ts';

const layouts = [
  { prefix: '/', suffix: '', type: 'docker' },
  { prefix: '/docker-', suffix: '.scope', type: 'docker' },
];

export const docker: ContainerFamily = {
  name: 'docker',
  doc: 'Docker, and every runtime whose last path component is a bare id.',
  match: (path) => matchLayouts(path, layouts),
};
