/** Runtimes behind the Kubernetes container runtime interface: containerd and CRI-O. */

import { type ContainerFamily, matchLayouts } from './family.ts';

const layouts = [
  { prefix: '/', suffix: '', type: 'containerd' },
  { prefix: '/crio-', suffix: '', type: 'cri-o' },
  { prefix: '/crio-', suffix: '.scope', type: 'cri-o' },
  { prefix: '/cri-containerd-', suffix: '.scope', type: 'containerd' },
  { prefix: ':cri-containerd:', suffix: '', type: 'containerd' },
  { prefix: '/docker-', suffix: '.scope', type: 'containerd' },
  { prefix: '/nerdctl-', suffix: '.scope', type: 'containerd' },
];

export const cri: ContainerFamily = {
  name: 'cri',
  doc: 'containerd and CRI-O under Kubernetes, nerdctl.',
  match: (path) => matchLayouts(path, layouts),
};
