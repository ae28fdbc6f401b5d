import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FdRecord, fdFlag, fdKind } from '@peregrine/state';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FdScan } from './fd-scan.ts';
import { ProcFiles } from './proc-files.ts';
import { SocketTables } from './socket-tables.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fds-'));
  mkdirSync(join(root, 'fd'));
  mkdirSync(join(root, 'fdinfo'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(fd: number, target: string, info: string): void {
  symlinkSync(target, join(root, 'fd', String(fd)));
  writeFileSync(join(root, 'fdinfo', String(fd)), info);
}

/** The file of that name becomes another one as soon as its first descriptor was described. */
function scanReplacing(log: string): FdRecord[] {
  const files = new ProcFiles();
  const records: FdRecord[] = [];
  new FdScan(files, new SocketTables(files)).scan(root, 70, (record) => {
    if (records.length === 0) {
      writeFileSync(`${log}.new`, '');
      renameSync(`${log}.new`, log);
    }
    records.push(record);
  });
  return records;
}

test('a file is looked at once while its descriptors show the same inode', () => {
  const log = join(root, 'log');
  writeFileSync(log, '');
  const { ino: first, dev } = statSync(log);
  put(1, log, 'pos:\t0\nflags:\t0100001\nmnt_id:\t24\nino:\t5\n');
  put(2, log, 'pos:\t0\nflags:\t02100002\nmnt_id:\t24\nino:\t5\n');
  put(3, log, 'pos:\t0\nflags:\t0100001\nmnt_id:\t24\nino:\t6\n');
  put(4, log, 'pos:\t0\nflags:\t0100001\nmnt_id:\t25\nino:\t6\n');
  put(5, log, 'flags:\t0100001\n');
  const records = scanReplacing(log);
  const second = statSync(log).ino;
  expect(second).not.toBe(first);
  expect(records.map(({ ino }) => ino)).toEqual([first, first, second, second, second]);
  expect(records.map((record) => record.mountId)).toEqual([24, 24, 24, 25, 0]);
  expect(records[1]).toMatchObject({
    ...{ tid: 70, fd: 2, kind: fdKind.file, name: log, dev },
    ...{ openFlags: 0x1803, flags: fdFlag.fromProc | fdFlag.closeOnExec },
  });
  expect(records[2]?.flags).toBe(fdFlag.fromProc);
});

test('without an inode in `fdinfo`, each descriptor is looked at', () => {
  const log = join(root, 'log');
  writeFileSync(log, '');
  const first = statSync(log).ino;
  put(1, log, 'flags:\t0100001\nmnt_id:\t24\n');
  put(2, log, 'flags:\t0100001\nmnt_id:\t24\n');
  const records = scanReplacing(log);
  expect(records.map(({ ino }) => ino)).toEqual([first, statSync(log).ino]);
});
