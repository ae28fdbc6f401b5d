/** Alerts that outputs are tried with: what they make of them is in `corpora/sinks`. */

import { encodeAlert, type HubAlert } from '@peregrine/alert';

type Written = Omit<HubAlert, 'json' | 'timeNs'>;

function alertOf(written: Written): HubAlert {
  const timeNs =
    BigInt(Date.parse(`${written.time.slice(0, 19)}Z`)) * 1_000_000n +
    BigInt((/\.(\d+)/.exec(written.time)?.[1] ?? '').padEnd(9, '0'));
  return { ...written, timeNs, json: encodeAlert(written) };
}

/** From a container in Kubernetes: fields that are empty, a number of 19 digits, no host name and no tags. */
const shell = alertOf({
  uuid: '5b5c5e3e-5d8f-4b0c-9d5e-6f3c1f6f2a01',
  output:
    '23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root user_loginuid=-1 k8s.ns=default k8s.pod=alpine container=6ad4dc3a8b2f shell=sh parent=runc cmdline=sh terminal=34816 container_id=6ad4dc3a8b2f image=<NA>)',
  priority: 'Notice',
  rule: 'Terminal shell in container',
  time: '2021-01-14T23:39:44.834631763Z',
  source: 'syscalls',
  tags: [],
  hostname: '',
  fields: {
    'container.id': '6ad4dc3a8b2f',
    'container.image.repository': null,
    'evt.time': 1610667584834631763n,
    'k8s.ns.name': 'default',
    'k8s.pod.name': 'alpine',
    'proc.cmdline': 'sh',
    'proc.name': 'sh',
    'proc.pname': 'runc',
    'proc.tty': 34816,
    'user.loginuid': -1,
    'user.name': 'root',
  },
});

/** With everything that an alert can have. */
const whole = alertOf({
  uuid: '0a4b7b9c-1df6-4c4e-8f3a-2b6b1c0d7e02',
  output:
    '10:20:05.408091526: Error File below /etc opened for writing (user=daemon command=nginx -g daemon off;)',
  priority: 'Error',
  rule: 'Write below etc',
  time: '2024-03-01T10:20:05.408091526Z',
  source: 'syscall',
  tags: ['T1543', 'filesystem', 'mitre_persistence'],
  hostname: 'node-7',
  fields: {
    'evt.res': 'SUCCESS',
    'evt.time': 1709288405408091526n,
    'fd.list': ['/etc/passwd', '/etc/group'],
    'fd.name': '/etc/passwd',
    'k8s.ns.name': 'shop',
    'k8s.pod.name': 'web-0',
    'proc.is_exe_writable': false,
    'proc.pid': 4711,
    'user.name': 'daemon',
  },
});

/** What `POST /test` makes. */
const test = alertOf({
  uuid: '9d2f1c7e-6b0a-4d3b-8c1d-0e5f4a3b2c03',
  output: 'This is a test from falcosidekick',
  priority: 'Debug',
  rule: 'Test rule',
  time: '2024-03-01T10:20:05Z',
  source: 'internal',
  tags: ['example', 'test'],
  hostname: 'falcosidekick',
  fields: { 'proc.name': 'falcosidekick', 'user.name': 'falcosidekick' },
});

/** From somebody who wants destinations to do what they should not. */
const hostile = alertOf({
  uuid: 'ffffffff-ffff-4fff-bfff-fffffffffff4',
  output:
    'Critical <script>alert(1)</script> <!channel> @everyone [pay](http://evil.example) *b* _i_ `c` {{.Rule}} ${jndi:ldap://x} %s \r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1\0 "quoted" \'single\' \\ back | pipe \u2028 é 漢字 🦅 \u202e',
  priority: 'Critical',
  rule: 'Rule with "quotes", <tags> & newline\nsecond line',
  time: '2024-03-01T10:20:05.5+02:00',
  source: 'k8s_audit',
  tags: ['a,b', 'c d', '<i>'],
  hostname: 'evil\r\nX-Evil: 1',
  fields: {
    '': 'empty name',
    'a.b[c d]="x"': "'; DROP TABLE falco; --",
    'proc.cmdline': 'sh -c "$(reboot)" `reboot` <@U1> & ; | \t\n{{ index . "x" }}',
    ünïcode: '\ud800 lone, \0 zero',
  },
});

export const sampleAlerts: readonly (readonly [title: string, alert: HubAlert])[] = [
  ['shell', shell],
  ['whole', whole],
  ['test', test],
  ['hostile', hostile],
];

/** The sample of that title. */
export function sampleAlert(title: 'shell' | 'whole' | 'test' | 'hostile'): HubAlert {
  return { shell, whole, test, hostile }[title];
}

/** An alert with that many fields and UTF-16 units in each text, made of what needs escapes. */
export function hugeAlert(fieldCount: number, textLength: number, unit = '*<_\\"漢'): HubAlert {
  const text = unit.repeat(Math.ceil(textLength / unit.length)).slice(0, textLength);
  return alertOf({
    ...whole,
    output: text,
    rule: text.slice(0, 300),
    fields: Object.fromEntries(Array.from({ length: fieldCount }, (_, i) => [`field.${i}`, text])),
  });
}
