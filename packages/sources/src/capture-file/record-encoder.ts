/** Metadata records to bodies of capture blocks, in the layouts that recorders write today. */

import type { IpAddress } from '@peregrine/base';
import { ByteWriter, blockType, type CaptureWriter } from '@peregrine/events';
import {
  type FdRecord,
  fdKind,
  type GroupRecord,
  type InterfaceRecord,
  type MachineRecord,
  type ProcessRecord,
  type UserRecord,
} from '@peregrine/state';

/** All that a section tells before its events. */
export interface SectionRecords {
  readonly machine?: MachineRecord | undefined;
  readonly processes?: Iterable<ProcessRecord>;
  /** Entries of one owner must be adjacent. */
  readonly fds?: Iterable<FdRecord>;
  readonly interfaces?: readonly InterfaceRecord[];
  readonly users?: Iterable<UserRecord>;
  readonly groups?: Iterable<GroupRecord>;
}

const HOSTNAME_BYTES = 128;

/** Begins a section and writes its metadata, in the order in which recorders do. */
export function writeSection(writer: CaptureWriter, records: SectionRecords): CaptureWriter {
  writer.section();
  if (records.machine !== undefined) writer.block(blockType.machine, encodeMachine(records.machine));
  if (records.interfaces !== undefined) {
    writer.block(blockType.interfaces, joined(records.interfaces.map(encodeInterface)));
  }
  if (records.users !== undefined || records.groups !== undefined) {
    const users = Array.from(records.users ?? [], encodeUser);
    writer.block(blockType.users, joined([...users, ...Array.from(records.groups ?? [], encodeGroup)]));
  }
  if (records.processes !== undefined) {
    writer.block(blockType.processes, joined(Array.from(records.processes, encodeProcess)));
  }
  for (const list of byOwner(records.fds ?? [])) writer.block(blockType.fds, encodeFdList(list));
  return writer;
}

function encodeMachine(machine: MachineRecord): Uint8Array {
  const name = machine.hostname.slice(0, HOSTNAME_BYTES - 1);
  return new ByteWriter()
    .u32(machine.cpuCount)
    .u64(machine.memoryBytes)
    .u64(0)
    .text(name.padEnd(HOSTNAME_BYTES, '\0'))
    .u64(machine.bootTimeNs)
    .u64(0)
    .u64(0)
    .u64(0)
    .toBytes();
}

function encodeProcess(process: ProcessRecord): Uint8Array {
  const body = new ByteWriter();
  for (const id of [process.tid, process.pid, process.ptid, process.sid, process.vpgid]) body.u64(id);
  for (const text of [process.comm, process.exe, process.exepath, process.args, process.cwd])
    body.sizedText(text);
  body.u64(process.fdlimit).u32(process.cloneFlags).u32(process.uid).u32(process.gid);
  body.u32(process.vmsizeKb).u32(process.vmrssKb).u32(process.vmswapKb);
  body.u64(process.pfmajor).u64(process.pfminor);
  body.sizedText(process.env).u64(process.vtid).u64(process.vpid);
  body.sizedText(process.cgroups).sizedText(process.root);
  body.u64(process.pidnsInitStartNs).u32(process.tty).u32(process.loginuid).u8(Number(process.isExeWritable));
  body.u64(process.capInheritable).u64(process.capPermitted).u64(process.capEffective);
  body.u8(Number(process.isExeUpperLayer));
  body.u64(process.exeIno).u64(process.exeInoCtimeNs).u64(process.exeInoMtimeNs);
  body.u8(Number(process.isExeFromMemfd)).u8(Number(process.isExeLowerLayer)).u64(process.pgid);
  return sized(body);
}

function encodeFdList(fds: readonly FdRecord[]): Uint8Array {
  const body = new ByteWriter().u64(fds[0]?.tid ?? 0);
  for (const fd of fds) body.bytes(encodeFd(fd));
  return body.toBytes();
}

function encodeFd(fd: FdRecord): Uint8Array {
  const body = new ByteWriter().u64(fd.fd).u64(fd.ino).u8(fd.kind);
  switch (fd.kind) {
    case fdKind.ipv4:
    case fdKind.ipv6:
      address(body, fd.kind === fdKind.ipv4, fd.sourceIp);
      address(body, fd.kind === fdKind.ipv4, fd.destinationIp);
      body.u16(fd.sourcePort).u16(fd.destinationPort).u8(fd.l4);
      break;
    case fdKind.ipv4Server:
    case fdKind.ipv6Server:
      address(body, fd.kind === fdKind.ipv4Server, fd.destinationIp);
      body.u16(fd.destinationPort).u8(fd.l4);
      break;
    case fdKind.unix: {
      // Names of sockets that nobody asked about yet have no addresses.
      const [, source = '0', destination = '0', path = fd.name] =
        /^([0-9a-f]{1,16})->([0-9a-f]{1,16}) (.*)$/s.exec(fd.name) ?? [];
      body
        .u64(BigInt(`0x${source}`))
        .u64(BigInt(`0x${destination}`))
        .sizedText(path);
      break;
    }
    case fdKind.file:
      body.u32(fd.openFlags).sizedText(fd.name).u32(fd.dev);
      break;
    default:
      body.sizedText(fd.name);
  }
  return sized(body);
}

const NO_IPV6 = '\0'.repeat(16);

function address(body: ByteWriter, isV4: boolean, ip: IpAddress | undefined): void {
  if (isV4) body.u32Network(typeof ip === 'number' ? ip : 0);
  else body.text(typeof ip === 'string' ? ip : NO_IPV6);
}

function encodeUser(user: UserRecord): Uint8Array {
  const body = new ByteWriter().u8(0).u32(user.uid).u32(user.gid);
  return sized(body.sizedText(user.name).sizedText(user.home).sizedText(user.shell));
}

function encodeGroup(group: GroupRecord): Uint8Array {
  return sized(new ByteWriter().u8(1).u32(group.gid).sizedText(group.name));
}

/** The size before an interface does not count itself. */
function encodeInterface(record: InterfaceRecord): Uint8Array {
  const isV4 = typeof record.address === 'number';
  const body = new ByteWriter().u16(isV4 ? 1 : 2).u16(record.name.length);
  address(body, isV4, record.address);
  address(body, isV4, record.netmask);
  address(body, isV4, undefined);
  body.u64(0).text(record.name);
  return new ByteWriter().u32(body.size).bytes(body.toBytes()).toBytes();
}

/** The entry behind its size, which counts itself. */
function sized(body: ByteWriter): Uint8Array {
  return new ByteWriter()
    .u32(body.size + 4)
    .bytes(body.toBytes())
    .toBytes();
}

function joined(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries);
}

function* byOwner(fds: Iterable<FdRecord>): Generator<readonly FdRecord[]> {
  let list: FdRecord[] = [];
  for (const fd of fds) {
    if (list[0] !== undefined && list[0].tid !== fd.tid) {
      yield list;
      list = [];
    }
    list.push(fd);
  }
  if (list.length > 0) yield list;
}
