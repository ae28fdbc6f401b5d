/** Events from files and sockets: once to the end, and for as long as they grow. */

import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Feed } from '../feed.ts';
import { type FeedSettings, openFeed } from '../open-feed.ts';
import { unpackJson } from '../unpack-json.ts';
import { LineSplitter } from './line-splitter.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const settings: FeedSettings = {
  ...{ certificate: '', clientAuthority: '', bearerToken: '', answerWithinMs: 1_000, requestWithinMs: 1_000 },
  ...{ mostEventBytes: 1_000, mostBodyBytes: 2_000, mostWaitingBytes: 10_000 },
};
const kind = { unpack: unpackJson('', ''), nameOf: () => '', port: 0, path: '/' };
const told: string[] = [];
const open = (address: string): Promise<Feed> =>
  openFeed(address, kind, settings, (_, text) => told.push(text));

async function numbersIn(feed: Feed, wanted = Number.POSITIVE_INFINITY): Promise<readonly unknown[]> {
  const numbers: unknown[] = [];
  const stop = AbortSignal.timeout(20_000);
  while (numbers.length < wanted) {
    const batch = await feed.next(stop);
    if (batch === undefined) break;
    numbers.push(...batch.events.map(({ document }) => document.member('n')?.value()));
    batch.done();
  }
  return numbers;
}

const lines = (...numbers: readonly number[]): string => numbers.map((n) => `{"n":${n}}\n`).join('');

describe('files to their end', () => {
  test.each<[string, string | Buffer, readonly number[]]>([
    ['lines', lines(1, 2, 3), [1, 2, 3]],
    ['lines, the last without its end', `${lines(1)}{"n":2}`, [1, 2]],
    ['blank lines', `\n\n${lines(1)}\r\n \n${lines(2)}`, [1, 2]],
    ['a bad line between', `${lines(1)}{oops\n${lines(2)}`, [1, 2]],
    ['a line too long between', `${lines(1)}{"n":"${'x'.repeat(3_000)}"}\n${lines(2)}`, [1, 2]],
    ['compressed', gzipSync(lines(1, 2)), [1, 2]],
    ['a document over many lines', JSON.stringify([{ n: 1 }, { n: 2 }], null, 2), [1, 2]],
    ['nothing', '', []],
  ])('%s', async (name, text, numbers) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, text);
    const feed = await open(path);
    expect(await numbersIn(feed)).toEqual(numbers);
    await feed.close();
  });

  test('a folder, the oldest file first', async () => {
    const place = mkdtempSync(join(folder, 'many-'));
    for (const [name, n] of [
      ['a', 2],
      ['b', 1],
    ] as const) {
      writeFileSync(join(place, name), lines(n));
      utimesSync(join(place, name), n, n);
    }
    expect(await numbersIn(await open(place))).toEqual([1, 2]);
  });

  test('a file that is not there', async () => {
    await expect(open(join(folder, 'absent'))).rejects.toThrowError('cannot read events from');
  });
});

describe('a file that grows', () => {
  test('through additions, rotation and truncation', async () => {
    const path = join(folder, 'grows.log');
    writeFileSync(path, lines(0));
    const feed = await open(`file://${path}`);
    const next = numbersIn(feed, 1);
    // It starts at the end of what is there when it is first asked.
    await new Promise((resolve) => setTimeout(resolve, 300));
    appendFileSync(path, lines(1));
    expect(await next).toEqual([1]);
    appendFileSync(path, lines(2));
    renameSync(path, `${path}.1`);
    writeFileSync(path, lines(3));
    expect(await numbersIn(feed, 2)).toEqual([2, 3]);
    truncateSync(path, 0);
    const after = numbersIn(feed, 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    appendFileSync(path, lines(4));
    expect(await after).toEqual([4]);
    await feed.close();
  });
});

describe('a Unix socket', () => {
  test('programs write lines to it, and wait when there is no room', async () => {
    const path = join(folder, 'events.sock');
    const feed = await open(`unix://${path}`);
    const socket = connect(path);
    const count = 4_000;
    socket.write(lines(...Array.from({ length: count }, (_, i) => i)));
    const numbers = await numbersIn(feed, count);
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(feed.counters.waitingBytes).toBe(0);
    socket.destroy();
    await feed.close();
  });
});

test('lines come out whole, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' '))),
      fc.array(fc.nat(40)),
      (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const splitter = new LineSplitter(10_000, () => {});
        const found: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          found.push(...splitter.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        found.push(...splitter.push(bytes.subarray(at)), ...splitter.end());
        expect(found.map(String)).toEqual(texts.filter((text) => text.trim() !== ''));
      },
    ),
  );
});
