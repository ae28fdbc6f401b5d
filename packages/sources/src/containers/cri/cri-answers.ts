/**
 * Answers of the Kubernetes container runtime interface, `runtime.v1` and `v1alpha2` alike: the numbers are those of its
 * definition.
 */

import { type JsonObject, listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import { WireMessage } from '../grpc/wire-message.ts';

export interface VersionAnswer {
  /** `containerd`, `cri-o`... */
  readonly runtimeName: string;
}

export function decodeVersion(bytes: Uint8Array): VersionAnswer {
  return { runtimeName: new WireMessage(bytes).text(2) };
}

/** Sandbox of the container that was asked for; `undefined` when there is no such container. */
export function decodeSandboxId(bytes: Uint8Array): string | undefined {
  return new WireMessage(bytes).message(1)?.text(2);
}

export interface CriMount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly isReadonly: boolean;
  readonly propagation: number;
}

type TextPairs = readonly (readonly [string, string])[];

export interface ContainerAnswer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageRef: string;
  readonly imageId: string;
  readonly labels: TextPairs;
  readonly mounts: readonly CriMount[];
  /** What only verbose answers tell. */
  readonly info: ContainerInfo;
}

/** Read from what the runtime tells beyond the interface, as JSON of its own. */
export interface ContainerInfo {
  readonly isPrivileged: boolean;
  readonly image: string;
  readonly annotations: JsonObject;
}

/** `undefined` when the answer has no container. */
export function decodeContainer(bytes: Uint8Array): ContainerAnswer | undefined {
  const answer = new WireMessage(bytes);
  const status = answer.message(1);
  if (status === undefined) return undefined;
  return {
    id: status.text(1),
    name: status.message(2)?.text(1) ?? '',
    image: status.message(8)?.text(1) ?? '',
    imageRef: status.text(9),
    imageId: status.text(17),
    labels: status.entries(12),
    mounts: status.messages(14).map((mount) => ({
      containerPath: mount.text(1),
      hostPath: mount.text(2),
      isReadonly: mount.flag(3),
      propagation: mount.number(5),
    })),
    info: containerInfoIn(infoOf(answer)),
  };
}

/** JSON that runtimes put into a map beside the status. */
function infoOf(answer: WireMessage): JsonObject {
  const text = answer.entries(2).find(([key]) => key === 'info')?.[1] ?? '';
  return parseObject(text) ?? {};
}

function containerInfoIn(info: JsonObject): ContainerInfo {
  const config = objectIn(info.config);
  const spec = objectIn(info.runtimeSpec);
  const flags = [spec, config].map((part) => objectIn(objectIn(part?.linux)?.security_context)?.privileged);
  return {
    isPrivileged: [...flags, info.privileged].find((flag) => typeof flag === 'boolean') === true,
    image: textIn(objectIn(config?.image)?.image),
    annotations: objectIn(spec?.annotations) ?? {},
  };
}

export interface SandboxAnswer {
  readonly id: string;
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly ip: string;
  readonly labels: TextPairs;
  readonly annotations: TextPairs;
  readonly isHostNetwork: boolean;
  readonly isHostPid: boolean;
  readonly isHostIpc: boolean;
  readonly cniJson: string;
}

/** Namespace mode of the interface: that of the host. */
const NODE = 2;

/** `undefined` when the answer has no sandbox. */
export function decodeSandbox(bytes: Uint8Array): SandboxAnswer | undefined {
  const answer = new WireMessage(bytes);
  const status = answer.message(1);
  if (status === undefined) return undefined;
  const metadata = status.message(2);
  const modes = status.message(6)?.message(1)?.message(2);
  return {
    id: status.text(1),
    name: metadata?.text(1) ?? '',
    uid: metadata?.text(2) ?? '',
    namespace: metadata?.text(3) ?? '',
    ip: status.message(5)?.text(1) ?? '',
    labels: status.entries(7),
    annotations: status.entries(8),
    isHostNetwork: modes?.number(1) === NODE,
    isHostPid: modes?.number(2) === NODE,
    isHostIpc: modes?.number(3) === NODE,
    cniJson: cniJsonIn(infoOf(answer)),
  };
}

/** What the network plugin made: the interfaces of containerd's answer, or CRI-O's annotation as it stands. */
function cniJsonIn(info: JsonObject): string {
  const interfaces = objectIn(info.cniResult)?.Interfaces ?? objectIn(info.cniResult)?.interfaces;
  if (Array.isArray(interfaces)) {
    const shown = listIn(interfaces).filter((each) => !['lo', 'veth'].includes(textIn(objectIn(each)?.name)));
    return JSON.stringify(shown);
  }
  if (objectIn(interfaces) !== undefined) {
    const { lo: _lo, veth: _veth, ...shown } = objectIn(interfaces) ?? {};
    return JSON.stringify(shown);
  }
  return textIn(objectIn(objectIn(info.runtimeSpec)?.annotations)?.['io.kubernetes.cri-o.CNIResult']);
}
