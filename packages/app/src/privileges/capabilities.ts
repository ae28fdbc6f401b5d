/** The capabilities that watching live takes: what each is for, who keeps it after the start, what is lost without it. */

import { type CapabilitySet, capabilitySet, hasCapability } from './capability-set.ts';

/** What a configuration and a machine make necessary. */
export interface Needs {
  /** Whether events of the kernel are watched. */
  readonly watchesKernel: boolean;
  /** Ports that are listened on: those of the web server and of sources. */
  readonly ports: readonly number[];
  /** Files to write, or their folders, that only somebody who may write everything can write. */
  readonly foreignFiles: readonly string[];
  readonly kernelVersion: readonly [major: number, minor: number];
}

/** Threads that work after the start: `main` has outputs, files and the web server, `sensor` the kernel's events. */
export type Role = 'main' | 'sensor';

export interface NeededCapability {
  readonly name: string;
  readonly purpose: string;
  /** Threads that keep it when events are watched. The threads of the JavaScript engine, which never change theirs, are none. */
  readonly keptBy: readonly Role[];
  /** What does not work without it; `undefined`: nothing works. */
  readonly without: string | undefined;
  /** When it is needed; always, unless stated. */
  readonly condition?: { readonly text: string; readonly holds: (needs: Needs) => boolean };
}

const FIRST_OPEN_PORT = 1024;
const kernelWatched: NeededCapability['condition'] = {
  text: 'system calls are watched',
  holds: ({ watchesKernel }) => watchesKernel,
};

export const neededCapabilities: readonly NeededCapability[] = [
  {
    name: 'CAP_BPF',
    purpose:
      'Brings the probe into the kernel: parts of it later, when rules that are loaded again take them.',
    keptBy: ['sensor'],
    without: undefined,
    condition: kernelWatched,
  },
  {
    name: 'CAP_PERFMON',
    purpose: 'Lets the probe read the memory of the kernel and of processes.',
    keptBy: ['sensor'],
    without: undefined,
    condition: kernelWatched,
  },
  {
    name: 'CAP_SYS_PTRACE',
    purpose: 'Looks up processes of everybody in `/proc`: their programs, folders and open files.',
    keptBy: ['sensor'],
    without: 'programs, folders and open files of processes that started earlier are not known',
    condition: kernelWatched,
  },
  {
    name: 'CAP_DAC_READ_SEARCH',
    purpose: 'Reads what belongs to others: `/proc`, programs in containers, rules files.',
    keptBy: ['main', 'sensor'],
    without: "environments and open files of others' processes are not known",
  },
  {
    name: 'CAP_DAC_OVERRIDE',
    purpose: 'Writes alerts, recordings and metrics where the user that it runs as may not write.',
    keptBy: ['main', 'sensor'],
    without: 'files in folders of others cannot be written',
    condition: {
      text: 'a file to write is in a folder of another user',
      holds: ({ foreignFiles }) => foreignFiles.length > 0,
    },
  },
  {
    name: 'CAP_NET_BIND_SERVICE',
    purpose: 'Lets the web server and sources listen on their ports.',
    keptBy: ['main'],
    without: 'ports below 1024 cannot be listened on',
    condition: {
      text: 'a port to listen on is below 1024',
      holds: ({ ports }) => ports.some((port) => port < FIRST_OPEN_PORT),
    },
  },
  {
    name: 'CAP_SYS_RESOURCE',
    purpose:
      "Raises the limit of locked memory, which the probe's buffers counted against before Linux 5.11.",
    keptBy: [],
    without: "the probe's buffers may not fit into the limit of locked memory",
    condition: {
      text: 'the kernel is older than 5.11',
      holds: ({ kernelVersion: [major, minor] }) => major < 5 || (major === 5 && minor < 11),
    },
  },
];

/** It was split into finer ones, and is still good for these two. */
export const olderCapability = 'CAP_SYS_ADMIN';
const standsInFor: readonly string[] = ['CAP_BPF', 'CAP_PERFMON'];

export function neededFor(needs: Needs): readonly NeededCapability[] {
  return neededCapabilities.filter(({ condition }) => condition?.holds(needs) ?? true);
}

/** What is there of what is needed, and what is missing. */
export interface Holding {
  readonly held: readonly NeededCapability[];
  readonly missing: readonly NeededCapability[];
  /** The older, wider capability stands in for missing ones. */
  readonly usesOlder: boolean;
}

export function holdingOf(needed: readonly NeededCapability[], permitted: CapabilitySet): Holding {
  const held = needed.filter(({ name }) => hasCapability(permitted, name));
  const absent = needed.filter((capability) => !held.includes(capability));
  const hasOlder = hasCapability(permitted, olderCapability);
  const missing = absent.filter(({ name }) => !(hasOlder && standsInFor.includes(name)));
  return { held, missing, usesOlder: missing.length < absent.length };
}

/** What the process is started with. */
export function startSet({ held, usesOlder }: Holding): CapabilitySet {
  return capabilitySet([...held.map(({ name }) => name), ...(usesOlder ? [olderCapability] : [])]);
}

/** What a thread of these roles keeps when events are watched. */
export function keptSet({ held, usesOlder }: Holding, roles: readonly Role[]): CapabilitySet {
  const kept = held.filter(({ keptBy }) => keptBy.some((role) => roles.includes(role)));
  const older = usesOlder && roles.includes('sensor') ? [olderCapability] : [];
  return capabilitySet([...kept.map(({ name }) => name), ...older]);
}
