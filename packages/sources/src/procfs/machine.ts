/** The machine and its network interfaces. */

import { cpus, hostname, type NetworkInterfaceInfo, networkInterfaces, totalmem } from 'node:os';
import { parseIp, toByteText } from '@peregrine/base';
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
