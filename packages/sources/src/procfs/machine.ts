/** The machine and its network interfaces. */

import { cpus, hostname, type NetworkInterfaceInfo, networkInterfaces, totalmem } from 'node:os';
import { type IpAddress, toByteText } from '@peregrine/base';
import type { InterfaceRecord, MachineRecord } from '@peregrine/state';
import type { ProcFiles } from './proc-files.ts';

/** Boot time: `nowNs` less the uptime, which has a hundredth of a second. */
export function readMachine(files: ProcFiles, procRoot: string, nowNs: bigint): MachineRecord {
  const uptime = Number(files.text(`${procRoot}/uptime`)?.split(' ')[0] ?? Number.NaN);
  return {
    hostname: toByteText(hostname()),
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    bootTimeNs: Number.isFinite(uptime) ? nowNs - BigInt(Math.round(uptime * 100)) * 10_000_000n : 0n,
  };
}

export function readInterfaces(): InterfaceRecord[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries.flatMap((entry) => recordOf(toByteText(name), entry)),
  );
}

function recordOf(name: string, entry: NetworkInterfaceInfo): InterfaceRecord[] {
  const address = parseIp(entry.address);
  const netmask = parseIp(entry.netmask);
  return address === undefined || netmask === undefined ? [] : [{ name, address, netmask }];
}

/** `10.0.0.1` or `fe80::1` as the tables hold addresses. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const groups = [...left, ...new Array<number>(missing).fill(0), ...right];
  if (groups.some((group) => !(group >= 0 && group <= 0xffff))) return undefined;
  return String.fromCharCode(...groups.flatMap((group) => [group >> 8, group & 255]));
}

function parseIpv4(text: string): number | undefined {
  const octets = text.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return undefined;
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
