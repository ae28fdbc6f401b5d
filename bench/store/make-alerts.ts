/**
 * Alerts as a fleet makes them: 60 rules, 200 hosts, 5,000 pods, command lines of which a tenth is like no other and the
 * others follow a power law, process ids and times of their own. The same number gives the same alerts.
 */

import { encodeAlert, type HubAlert, type HubValue, priorities } from '@peregrine/alert';

const START_MS = Date.UTC(2026, 9, 1);
/** Alerts are spread over so long. */
export const FLEET_SECONDS = 30 * 86_400;
const SPAN_MS = FLEET_SECONDS * 1_000;

/** Which share of the time has passed then; beyond 1 after its end. `timeNs`: nanoseconds since the epoch. */
export const fleetShareAt = (timeNs: bigint): number => (Number(timeNs / 1_000_000n) - START_MS) / SPAN_MS;

export interface Fleet {
  /** The alert of that number, of so many that are spread over thirty days. */
  alert(number: number, count: number): HubAlert;
}

export function createFleet(seed = 1): Fleet {
  const random = randomFrom(seed);
  const pick = (most: number): number => Math.floor(random() * most);
  // Few values make most of what there is.
  const skewed = (most: number): number => Math.min(most - 1, Math.floor(most * random() ** 3));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => pick(16).toString(16)).join('');
  const pods = Array.from({ length: 5_000 }, (_, i) => ({
    namespace: `team-${i % 40}`,
    name: `service-${i % 250}-${hex(9)}-${hex(5)}`,
    container: hex(12),
    image: `registry.example.org/team-${i % 40}/service-${i % 250}`,
    host: `node-${i % 200}`,
  }));
  const programs = [
    'sh',
    'bash',
    'curl',
    'python3',
    'node',
    'nginx',
    'java',
    'cat',
    'find',
    'apt',
    'nc',
    'ssh',
  ];

  return {
    alert: (number, count) => {
      const rule = skewed(60);
      const pod = pods[skewed(pods.length)] ?? pods[0];
      if (pod === undefined) throw new Error('there are pods');
      const program = programs[skewed(programs.length)] ?? 'sh';
      const isUnique = random() < 0.1;
      const argument = isUnique ? `--run ${hex(16)}` : `--job ${skewed(20_000)}`;
      const cmdline = `${program} ${argument} --config /etc/${program}/${pick(50)}.conf`;
      const file = isUnique ? `/tmp/work/${hex(8)}` : `/var/lib/${program}/file-${skewed(3_000)}`;
      const ms = START_MS + (number / count) * SPAN_MS;
      const timeNs = BigInt(Math.floor(ms)) * 1_000_000n + BigInt(pick(1_000_000));
      const time = `${new Date(Math.floor(ms)).toISOString().slice(0, 19)}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z`;
      const fields: Record<string, HubValue> = {
        'container.id': pod.container,
        'container.image.repository': pod.image,
        'container.image.tag': `1.${pod.name.length}.${rule % 7}`,
        'container.name': pod.name,
        'evt.time': timeNs,
        'evt.type': ['execve', 'openat', 'connect'][rule % 3] ?? 'openat',
        'fd.name': file,
        'k8s.ns.name': pod.namespace,
        'k8s.pod.name': pod.name,
        'proc.cmdline': cmdline,
        'proc.exepath': `/usr/bin/${program}`,
        'proc.name': program,
        'proc.pid': 1_000 + pick(4_000_000),
        'proc.pname': programs[pick(6)] ?? 'sh',
        'proc.tty': random() < 0.1 ? 34_816 : 0,
        'user.loginuid': -1,
        'user.name': random() < 0.8 ? 'root' : `user-${pick(30)}`,
        'user.uid': random() < 0.8 ? 0 : 1_000 + pick(30),
      };
      const priority = priorities[2 + (rule % 6)] ?? 'Notice';
      const parts = {
        uuid: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
        output: `${time.slice(11, 29)}: ${priority} Rule ${rule} noticed something unusual (file=${file} command=${cmdline} user=${String(fields['user.name'])} parent=${String(fields['proc.pname'])} container=${pod.container} k8s.ns=${pod.namespace} k8s.pod=${pod.name})`,
        priority,
        rule: `Rule ${rule} of the set`,
        time,
        source: rule % 20 === 0 ? 'k8s_audit' : 'syscall',
        tags: ['container', `mitre_${['execution', 'persistence', 'discovery'][rule % 3]}`, `T10${rule}`],
        hostname: pod.host,
        fields,
      };
      return { ...parts, timeNs, json: encodeAlert(parts) };
    },
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
