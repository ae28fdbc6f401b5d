/** The tables together, as fields read them. */

import type { IpAddress } from '@peregrine/base';
import type { SessionOrigin } from './exec-session.ts';
import type { Fd } from './fd.ts';
import type { InterfaceRecord, MachineRecord } from './state-sink.ts';
import type { Thread } from './thread.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

export interface Group {
  readonly gid: number;
  readonly name: string;
}

/** What is known of a container. Every text is byte text; `undefined` means not known (yet). */
export interface Container {
  /** 12 characters as a rule. */
  readonly id: string;
  readonly fullId: string;
  /** `docker`, `podman`, `cri-o`, `containerd`, `lxc`... */
  readonly type: string;
  readonly startNs: number | bigint;
  /** Everything that comes from a runtime's API or a capture's container events. */
  readonly metadata: ContainerMetadata | undefined;
}

export interface ContainerMetadata {
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly imageRepository: string;
  readonly imageTag: string;
  readonly imageDigest: string;
  readonly ip: string;
  readonly cniJson: string;
  readonly isPrivileged: boolean;
  readonly isHostPid: boolean;
  readonly isHostNetwork: boolean;
  readonly isHostIpc: boolean;
  readonly isPodSandbox: boolean;
  readonly mounts: readonly ContainerMount[];
  readonly labels: Readonly<Record<string, string>>;
  readonly podSandboxId: string;
  readonly podSandboxLabels: Readonly<Record<string, string>>;
  readonly healthcheck: ContainerProbe | undefined;
  readonly livenessProbe: ContainerProbe | undefined;
  readonly readinessProbe: ContainerProbe | undefined;
}

/** A command that the runtime has run in the container to see whether it is well. */
export interface ContainerProbe {
  readonly exe: string;
  readonly args: readonly string[];
}

export interface ContainerMount {
  readonly source: string;
  readonly destination: string;
  readonly mode: string;
  readonly isWritable: boolean;
  readonly propagation: string;
}

/** Read side of the tables. */
export interface Tables {
  readonly machine: MachineRecord | undefined;
  readonly interfaces: readonly InterfaceRecord[];
  /** A thread by id, dead ones included until they are removed. Never makes one up. */
  thread(tid: number): Thread | undefined;
  /** An fd of the thread's process. */
  fd(thread: Thread, fd: number): Fd | undefined;
  /** Of that container only, `host` for the host. `undefined` when unknown; root is known by the caller. */
  user(containerId: string, uid: number): User | undefined;
  group(containerId: string, gid: number): Group | undefined;
  /** `undefined` for `host` and for ids never seen. */
  container(id: string): Container | undefined;
  /** All of them, oldest first: what a recording that begins now must tell first. */
  containers(): Iterable<Container>;
  /** Who is attached to the container's own processes; `undefined` when nobody is. */
  attachment(containerId: string): SessionOrigin | undefined;
  /** Whether the address is one of the host's interfaces. */
  isLocalAddress(address: IpAddress): boolean;
  /** Counts of entries, for metrics and `proc.*` totals. */
  readonly threadCount: number;
}
