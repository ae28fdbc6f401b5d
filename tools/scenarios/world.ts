/** What is there when a scenario begins, as records for the tables: processes, users, containers. */

import type { ProcessRecord, StateSink, UserRecord } from '@peregrine/state';
import type { Scenario, ScenarioProcess } from './scenario.ts';

/** Scenarios begin at this time: 2026-01-01 12:00 UTC. */
export const START_NS = 1_767_268_800_000_000_000n;
export const NANOSECONDS = 1_000_000_000n;

const FIRST_PID = 1_000;
const INIT = 'systemd';

export const userIds: Readonly<Record<string, number>> = {
  root: 0,
  daemon: 1,
  bin: 2,
  'www-data': 33,
  nobody: 65_534,
  postgres: 113,
  alice: 1_000,
};

/** Capabilities by bit, as the kernel numbers them. */
const capabilityNames =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
  NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
  SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP
  MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
    .split(/\s+/)
    .map((name) => `CAP_${name}`);

/** What container runtimes leave to root unless told otherwise. */
const runtimeCapabilities = `CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP
  NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE`
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

/** One process as the scenario has it now; steps make more of them. */
export interface Actor {
  readonly pid: number;
  readonly parentPid: number;
  readonly process: ScenarioProcess;
  readonly uid: number;
  readonly capabilities: bigint;
  readonly cgroups: string;
}

/** The labelled processes of a scenario, `systemd` included. */
export function createActors(scenario: Scenario): ReadonlyMap<string, Actor> {
  const labels = [...scenario.processes.keys()];
  const pidOf = (label: string): number => {
    if (label === INIT) return 1;
    const index = labels.indexOf(label);
    if (index < 0) throw new Error(`no process is labelled \`${label}\``);
    return FIRST_PID + index;
  };
  const actors = new Map<string, Actor>([[INIT, actorOf(initProcess, 1, 0, scenario)]]);
  for (const [label, process] of scenario.processes) {
    actors.set(label, actorOf(process, pidOf(label), pidOf(process.parent ?? INIT), scenario));
  }
  return actors;
}

const initProcess: ScenarioProcess = {
  name: INIT,
  exepath: '/usr/lib/systemd/systemd',
  args: [],
  parent: undefined,
  container: undefined,
  user: 'root',
  tty: 0,
  ageSeconds: 86_400,
  cwd: '/',
  capabilities: undefined,
};

export function actorOf(process: ScenarioProcess, pid: number, parentPid: number, scenario: Scenario): Actor {
  return {
    pid,
    parentPid,
    process,
    uid: uidOf(process.user),
    capabilities: capabilityBits(process),
    cgroups: cgroupsOf(process.container, scenario),
  };
}

export function uidOf(user: string): number {
  const uid = userIds[user];
  if (uid === undefined)
    throw new Error(`no user \`${user}\`; there are: ${Object.keys(userIds).join(', ')}`);
  return uid;
}

function capabilityBits(process: ScenarioProcess): bigint {
  const ofUser = process.user === 'root' ? (process.container ? runtimeCapabilities : capabilityNames) : [];
  return (process.capabilities ?? ofUser).reduce((bits, name) => {
    const bit = capabilityNames.indexOf(name);
    if (bit < 0) throw new Error(`no capability \`${name}\``);
    return bits | (1n << BigInt(bit));
  }, 0n);
}

/** The 64-digit id of a scenario's container. */
export function containerIdOf(label: string, scenario: Scenario): string {
  const index = [...scenario.containers.keys()].indexOf(label);
  if (index < 0) throw new Error(`no container is labelled \`${label}\``);
  return `${(0xc0ffee00 + index).toString(16)}`.padEnd(64, 'a');
}

function cgroupsOf(container: string | undefined, scenario: Scenario): string {
  const path = container === undefined ? '/init.scope' : `/docker/${containerIdOf(container, scenario)}`;
  return ['cpuset', 'cpu', 'memory'].map((name) => `${name}=${path}\0`).join('');
}

/** Tells the tables of all that is there. */
export function describeWorld(actors: Iterable<Actor>, sink: StateSink): void {
  sink.reset();
  sink.machine({
    hostname: 'host',
    cpuCount: 2,
    memoryBytes: 4 * 1024 ** 3,
    bootTimeNs: START_NS - 86_400n * NANOSECONDS,
  });
  for (const [name, uid] of Object.entries(userIds)) sink.user(userRecord(name, uid));
  for (const actor of actors) sink.process(processRecord(actor));
  sink.settle();
}

function userRecord(name: string, uid: number): UserRecord {
  return {
    containerId: '',
    uid,
    gid: uid,
    name,
    home: uid === 0 ? '/root' : `/home/${name}`,
    shell: '/bin/sh',
  };
}

function processRecord(actor: Actor): ProcessRecord {
  const { process, pid, parentPid, uid, capabilities } = actor;
  const isContained = process.container !== undefined;
  return {
    tid: pid,
    pid,
    ptid: parentPid,
    sid: pid,
    vpgid: pid,
    pgid: pid,
    vtid: isContained ? pid - FIRST_PID + 1 : pid,
    vpid: isContained ? pid - FIRST_PID + 1 : pid,
    comm: process.name,
    exe: process.exepath,
    exepath: process.exepath,
    args: process.args.map((word) => `${word}\0`).join(''),
    cwd: process.cwd,
    env: '',
    cgroups: actor.cgroups,
    root: '/',
    fdlimit: 1_024,
    cloneFlags: 0,
    uid,
    gid: uid,
    loginuid: process.tty === 0 ? 0xffff_ffff : 1_000,
    tty: process.tty,
    vmsizeKb: 10_000,
    vmrssKb: 5_000,
    vmswapKb: 0,
    pfmajor: 0,
    pfminor: 0,
    pidnsInitStartNs: 0,
    cloneTsNs: START_NS - BigInt(process.ageSeconds) * NANOSECONDS,
    isExeWritable: false,
    isExeUpperLayer: false,
    isExeLowerLayer: isContained,
    isExeFromMemfd: false,
    capInheritable: 0n,
    capPermitted: capabilities,
    capEffective: capabilities,
    exeIno: 0,
    exeInoCtimeNs: 0,
    exeInoMtimeNs: 0,
  };
}
