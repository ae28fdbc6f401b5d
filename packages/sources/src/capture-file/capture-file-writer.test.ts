import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaptureWriter, type EventView, encodeView, memoryInput } from '@peregrine/events';
import { type FdRecord, fdKind, type ProcessRecord, type Snapshot, StateEngine } from '@peregrine/state';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptureFile, encodeHead } from './capture-file-writer.ts';
import { type CaptureSource, captureSource, openCapture } from './capture-source.ts';

const corpus = (name: string): string =>
  fileURLToPath(new URL(`../../../../corpora/captures/${name}`, import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Ends at the end of the capture, or after so many events. */
function follow(source: CaptureSource, most = Number.POSITIVE_INFINITY): StateEngine {
  const state = new StateEngine();
  let count = 0;
  while (count < most) {
    const handed = source.poll(state.sink, (view) => void state.apply(view), Math.min(most - count, 1_000));
    if (handed === 'end') break;
    count += handed;
  }
  source.close();
  return state;
}

const chdir = (tid: number, path = '/tmp'): EventView =>
  encodeView({ code: 95, tid, timestampNs: 5n, params: [0, path] });

/** What the format has room for; the others are made up by readers. */
function storable(snapshot: Snapshot) {
  const processes = [...snapshot.processes].map((record) => ({ ...record, cloneTsNs: 0n }));
  const fds = [...snapshot.fds].map(({ mountId: _, flags: __, ...record }) => storableFd(record));
  return {
    machine: snapshot.machine,
    interfaces: snapshot.interfaces,
    users: [...snapshot.users],
    groups: [...snapshot.groups],
    processes: processes.sort((a, b) => a.tid - b.tid),
    fds: fds.sort((a, b) => a.tid - b.tid || a.fd - b.fd),
    containers: [...snapshot.containers],
  };
}

function storableFd(record: Omit<FdRecord, 'mountId' | 'flags'>) {
  const { kind, name, tid, fd } = record;
  const place = { tid, fd, kind };
  switch (kind) {
    case fdKind.ipv4:
    case fdKind.ipv6:
    case fdKind.ipv4Server:
    case fdKind.ipv6Server:
      // Roles may turn the ends of a connection round.
      return { ...place, ends: [record.sourcePort, record.destinationPort].sort((a, b) => a - b) };
    case fdKind.unix:
      return { ...place, name: name.replace(/^[0-9a-f]+->[0-9a-f]+ /, '').trimEnd() };
    case fdKind.file:
      return { ...place, name, openFlags: record.openFlags, dev: record.dev };
    default:
      return { ...place, name };
  }
}

describe.each(['host/host.scap.gz', 'container/container.scap.gz'])('%s', (name) => {
  test.each([100, 5_000, Number.POSITIVE_INFINITY])('the tables after %d events come back', (most) => {
    const before = follow(openCapture(corpus(name)), most);
    const head = encodeHead(before.snapshot(), 5n);
    const written = Buffer.concat([head, new CaptureWriter().rawEvent(eventBytes(chdir(1)), 0).toBytes()]);
    const after = follow(captureSource('x', memoryInput(written)), 0);
    expect([...after.snapshot().processes]).toEqual([]);
    const whole = follow(captureSource('x', memoryInput(written)));
    // The event that makes the file a capture changes one directory.
    const told = ({ processes, ...rest }: ReturnType<typeof storable>) => ({
      ...rest,
      processes: processes.map(({ cwd, ...process }: ProcessRecord) =>
        process.pid === 1 ? process : { ...process, cwd },
      ),
    });
    expect(told(storable(whole.snapshot()))).toEqual(told(storable(before.snapshot())));
  });
});

function eventBytes(view: EventView): Uint8Array {
  return view.bytes.slice(view.start, view.start + view.data.getUint32(view.start + 16, true));
}

function write(
  path: string,
  options: { isCompressed?: boolean; maxBytes?: number } = {},
  count = 3,
): CaptureFile {
  const file = new CaptureFile({ path, isCompressed: false, maxBytes: 0, isNew: true, ...options });
  file.blocks(encodeHead(new StateEngine().snapshot(), 5n));
  const view = chdir(7, `/${randomBytes(1_000).toString('hex')}`);
  for (let i = 0; i < count; i++) file.event(view);
  file.close();
  return file;
}

function eventsIn(path: string): number {
  let count = 0;
  const source = openCapture(path);
  while (source.poll(new StateEngine().sink, () => count++, 1_000) !== 'end');
  source.close();
  return count;
}

describe('files', () => {
  test.each([false, true])('hold what was given (gzip: %s), and are their owner’s', (isCompressed) => {
    const path = join(folder, `plain-${isCompressed}`);
    const file = write(path, { isCompressed }, 400);
    expect([file.eventCount, eventsIn(path)]).toEqual([400, 400]);
    expect([statSync(path).size, statSync(path).mode & 0o777]).toEqual([file.writtenBytes, 0o600]);
  });

  test.each([false, true])('never grow beyond their limit (gzip: %s)', (isCompressed) => {
    const path = join(folder, `limited-${isCompressed}`);
    const maxBytes = isCompressed ? 20_000 : 300_000;
    const file = write(path, { isCompressed, maxBytes }, 3_000);
    expect(file.isFull).toBe(true);
    expect(statSync(path).size).toBeLessThanOrEqual(maxBytes);
    expect(eventsIn(path)).toBe(file.eventCount);
    expect(file.eventCount).toBeLessThan(3_000);
  });

  test('the tables alone may be too much', () => {
    const file = write(join(folder, 'tiny'), { maxBytes: 20 }, 5);
    expect([file.isFull, file.writtenBytes, file.eventCount]).toEqual([true, 0, 0]);
  });

  test('neither an older file nor a link is written over when the name is ours', () => {
    const older = join(folder, 'older');
    const target = join(folder, 'target');
    writeFileSync(older, 'mine');
    symlinkSync(target, join(folder, 'link'));
    for (const name of ['older', 'link'])
      expect(() => write(join(folder, name))).toThrow(/cannot write the capture `.*`: EEXIST/);
    expect([readFileSync(older, 'utf8'), existsSync(target)]).toEqual(['mine', false]);
  });

  test('a full disk is a fault that says so', () => {
    const file = new CaptureFile({ path: '/dev/full', isCompressed: false, maxBytes: 0, isNew: false });
    file.event(chdir(1));
    expect(() => file.flush()).toThrow(
      expect.objectContaining({
        code: 'capture-write',
        hint: 'the file system is full: free space, or limit the size',
      }),
    );
    expect(() => file.close()).toThrow();
    expect(() => file.close()).not.toThrow();
  });
});
