/** Alerts as the hub keeps them, for tests. */

import { encodeAlert, type HubAlert } from '@peregrine/alert';

export function alertOf(parts: Partial<HubAlert> = {}): HubAlert {
  const alert = {
    uuid: crypto.randomUUID(),
    output: '23:39:44.834631763: Notice A shell was spawned',
    priority: 'Notice' as const,
    rule: 'Terminal shell in container',
    time: '2026-01-31T23:39:44.834631763Z',
    timeNs: 1_769_902_784_834_631_763n,
    source: 'syscall',
    tags: ['container', 'shell'],
    hostname: 'node-1',
    fields: { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', 'proc.pid': 4711 },
    ...parts,
  };
  return { ...alert, json: encodeAlert(alert) };
}
