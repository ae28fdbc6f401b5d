/** Alerts of some days, as a cluster has them: quiet nights, busy noons, a noisy rule, and something new today. */

import { alertLine } from './ui-program.ts';

const HOUR_MS = 3_600_000;

const rules = [
  ['Launch package management in container', 'Notice', 'ci', 'registry.example/ci/builder', 9],
  ['Read sensitive file untrusted', 'Warning', 'shop', 'registry.example/shop/web', 4],
  ['Contact K8S API server from container', 'Notice', 'monitoring', 'quay.io/prometheus/node-exporter', 6],
  ['Create files below dev', 'Error', 'shop', 'registry.example/shop/worker', 2],
  [
    'Redirect STDOUT/STDIN to network connection in container',
    'Critical',
    'shop',
    'registry.example/shop/web',
    1,
  ],
] as const;

/** Lines of JSON, oldest first; `days` whole days before now. */
export function historyAlerts(days: number, nowMs: number): readonly string[] {
  const lines: string[] = [];
  let i = 0;
  for (let hour = days * 24; hour > 0; hour--) {
    const timeMs = nowMs - hour * HOUR_MS;
    // From 0 at night to 1 at noon.
    const busy = Math.max(0, Math.sin(((new Date(timeMs).getUTCHours() - 6) / 24) * 2 * Math.PI));
    for (const [rule, priority, namespace, image, usual] of rules) {
      const isRaised = rule.startsWith('Read sensitive') && hour <= 5;
      const count = Math.round(usual * (0.3 + busy)) * (isRaised ? 40 : 1);
      for (let nth = 0; nth < count; nth++)
        lines.push(
          alertLine(i++, {
            ...{ rule, priority, hostname: `node-${(i % 4) + 1}` },
            output: `10:00:00.000000000: ${priority} ${rule}`,
            time: new Date(timeMs + ((nth + 0.5) / count) * HOUR_MS).toISOString(),
            source: rule.startsWith('Contact') ? 'k8s_audit' : 'syscall',
            output_fields: {
              ...{ 'k8s.ns.name': namespace, 'container.image.repository': image },
              ...{ 'k8s.pod.name': `pod-${i % 7}`, 'proc.name': 'sh' },
            },
          }),
        );
    }
  }
  for (let nth = 0; nth < 3; nth++)
    lines.push(
      alertLine(i++, {
        ...{
          rule: 'Detect crypto miners using the Stratum protocol',
          priority: 'Critical',
          hostname: 'node-9',
        },
        time: new Date(nowMs - (3 - nth) * 60_000).toISOString(),
        output_fields: { 'k8s.ns.name': 'sandbox', 'container.image.repository': 'docker.io/library/alpine' },
      }),
    );
  return lines;
}
