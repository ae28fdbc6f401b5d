/** Alerts as messages of syslog: the head in the form of RFC 3164 or 5424, the alert as JSON or in ArcSight's CEF. */

import { type HubAlert, type Priority, textOfValue } from '@peregrine/alert';

const APP = 'Falco';
/** COMPAT: falcosidekick's messages are the kernel's, facility 0. */
const severities: Readonly<Record<Priority, number>> = {
  Emergency: 0,
  Alert: 1,
  Critical: 2,
  Error: 3,
  Warning: 4,
  Notice: 5,
  Informational: 6,
  Debug: 7,
};
const cefSeverities: Readonly<Record<Priority, number>> = {
  Emergency: 10,
  Alert: 9,
  Critical: 8,
  Error: 7,
  Warning: 6,
  Notice: 4,
  Informational: 3,
  Debug: 0,
};

export const syslogFacilities = {
  ...{ kern: 0, user: 1, daemon: 3, auth: 4, syslog: 5, authpriv: 10 },
  ...{ local0: 16, local1: 17, local2: 18, local3: 19, local4: 20, local5: 21, local6: 22, local7: 23 },
} as const;

export interface SyslogHead {
  readonly rfc: '3164' | '5424';
  readonly facility: keyof typeof syslogFacilities;
  /** Name of this machine. */
  readonly hostName: string;
  readonly pid: number;
}

/** One line, without an end. */
export function syslogLine(alert: HubAlert, head: SyslogHead, format: 'json' | 'cef'): string {
  const priority = syslogFacilities[head.facility] * 8 + severities[alert.priority];
  const text = format === 'cef' ? cefLine(alert) : alert.json;
  const host = head.hostName.replace(/[^\x21-\x7e]/g, '') || '-';
  if (head.rfc === '5424')
    return `<${priority}>1 ${microseconds(alert.time)} ${host.slice(0, 255)} ${APP} ${head.pid} alert - ${text}`;
  // COMPAT: times as Go's writer puts them, which readers of RFC 3164 know, too.
  return `<${priority}>${seconds(alert.time)} ${host} ${APP}[${head.pid}]: ${text}`;
}

/** COMPAT: falcosidekick's keys; what its values may not have in CEF is escaped, though. */
function cefLine(alert: HubAlert): string {
  const { rule, priority, uuid, time, output, source, hostname, fields, tags } = alert;
  const head = [
    'CEF:0',
    'Falcosecurity',
    'Falco',
    '1.0',
    'Falco Event',
    rule,
    String(cefSeverities[priority]),
  ];
  const shown = Object.entries(fields).map(([name, value]) => `${name}:${textOfValue(value)}`);
  const extension: readonly (readonly [string, string])[] = [
    ['uuid', uuid],
    ['start', seconds(time)],
    ['msg', output],
    ['source', source],
    ...(hostname === '' ? [] : [['hostname', hostname] as const]),
    ['outputfields', shown.join(' ')],
    ...(tags.length === 0 ? [] : [['tags', tags.join(',')] as const]),
  ];
  return `${head.map(escapeHead).join('|')}|${extension.map(([key, value]) => `${key}=${escapeValue(value)}`).join(' ')}`;
}

function escapeHead(text: string): string {
  return printable(text.replace(/[\r\n]+/g, ' ')).replace(/[\\|]/g, '\\$&');
}

function escapeValue(text: string): string {
  const escaped = text
    .replace(/[\\=]/g, '\\$&')
    .replaceAll('\r\n', '\\n')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return printable(escaped);
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that end a line or a text somewhere.
  return text.toWellFormed().replace(/[\0-\x08\x0a-\x1f\x7f]/g, ' ');
}

/** RFC 3339 without a fraction. */
function seconds(time: string): string {
  return time.replace(/\.\d+/, '');
}

/** RFC 5424 has at most six digits after the point. */
function microseconds(time: string): string {
  return time.replace(/(\.\d{6})\d+/, '$1');
}
