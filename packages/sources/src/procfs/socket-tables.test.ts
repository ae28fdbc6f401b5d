import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fdKind } from '@peregrine/state';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcFiles } from './proc-files.ts';
import { SocketTables } from './socket-tables.ts';

const TCP_INODE = 902;
const UNIX_INODE = 904;

let root = '';
/** Names of the tables that were read. */
let asked: string[] = [];
let files = new ProcFiles();
/** Each table takes one millisecond. */
let nowMs = 0;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sockets-'));
  for (const pid of ['70', '71']) {
    mkdirSync(join(root, pid, 'net'), { recursive: true });
    mkdirSync(join(root, pid, 'ns'));
    symlinkSync('net:[1]', join(root, pid, 'ns/net'));
    const line = '0: 0100007F:1F90 0200007F:C000 0A 00000000:00000000 00:00000000 00000000 0 0';
    writeFileSync(join(root, pid, 'net/tcp'), `head\n ${line} ${TCP_INODE} 1\n`);
    const unix = 'ffff888100000000: 00000002 00000000 00010000 0001 01';
    writeFileSync(join(root, pid, 'net/unix'), `head\n${unix} ${UNIX_INODE} /run/x\n`);
  }
  nowMs = 1_000;
  asked = [];
  files = new ProcFiles();
  const text = files.text.bind(files);
  files.text = (path) => {
    nowMs++;
    asked.push(basename(path));
    return text(path);
  };
});
afterEach(() => rmSync(root, { recursive: true }));

test('the tables of TCP are read for what no other has', () => {
  const sockets = new SocketTables(files).of(join(root, '70'));
  expect(sockets.find(join(root, '70'), UNIX_INODE)?.kind).toBe(fdKind.unix);
  expect(asked).toEqual(['unix']);
  expect(sockets.find(join(root, '70'), TCP_INODE)?.kind).toBe(fdKind.ipv4);
  expect(asked).toEqual(['unix', 'netlink', 'udp', 'udp6', 'raw', 'raw6', 'tcp']);
  expect(sockets.find(join(root, '70'), 7)).toBeUndefined();
  expect(asked.at(-1)).toBe('tcp6');
});

test('processes of one namespace share its tables, each read once', () => {
  const tables = new SocketTables(files);
  for (const pid of ['70', '71', '70']) {
    const path = join(root, pid);
    expect(tables.of(path).find(path, 7)).toBeUndefined();
  }
  expect(asked).toHaveLength(8);
});

test('what a process that is gone cannot show, another does', () => {
  const tables = new SocketTables(files);
  const sockets = tables.of(join(root, '70'));
  rmSync(join(root, '70'), { recursive: true });
  expect(sockets.find(join(root, '70'), TCP_INODE)).toBeUndefined();
  expect(tables.of(join(root, '71')).find(join(root, '71'), TCP_INODE)?.kind).toBe(fdKind.ipv4);
});

test('with a clock, tables are read anew when they are old in view of their cost', () => {
  const tables = new SocketTables(files, () => nowMs);
  const path = join(root, '70');
  tables.of(path).find(path, TCP_INODE);
  const cost = asked.length;
  nowMs = 1_000 + 20 * cost;
  tables.of(path).find(path, TCP_INODE);
  expect(asked).toHaveLength(cost);
  nowMs++;
  tables.of(path).find(path, TCP_INODE);
  expect(asked).toHaveLength(2 * cost);
});
