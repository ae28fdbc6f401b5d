/** Bad, huge and hostile input of each kind: one clear message, the documented status, in bounded time. */

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bugIn, type Ended, hostCapture, run, Scratch } from './program.ts';

let scratch: Scratch;
let good = '';
let capture: Buffer;
beforeAll(() => {
  scratch = new Scratch();
  good = scratch.write('good.yaml', rule('evt.type = open'));
  capture = gunzipSync(readFileSync(hostCapture));
});
afterAll(() => scratch.remove());

function rule(condition: string, more = ''): string {
  return `- rule: A\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n${more}`;
}

function check(text: string | Uint8Array): Promise<Ended> {
  return run('peregrine', ['rules', 'check', scratch.write('rules.yaml', text)]);
}

describe('rules that are wrong', () => {
  test.each<[string, string, RegExp]>([
    ['no YAML', '- rule: [\n', /error/],
    ['no list', 'rule: x\n', /error/],
    ['an unknown field', rule('proc.nmae = x'), /unknown field `proc.nmae`[\s\S]*proc\.name/],
    ['an unknown operator', rule('proc.name ~= x'), /error/],
    ['an unknown macro', rule('opened and proc.name = x'), /`opened`/],
    ['an unknown event', rule('evt.type = opne'), /`opne`/],
    [
      'an unknown field in the output',
      rule('evt.type = open').replace('output: o', 'output: "%no.such"'),
      /no\.such/,
    ],
    ['macros in a circle', `- macro: a\n  condition: b\n- macro: b\n  condition: a\n${rule('a')}`, /error/],
    [
      'an engine from the future',
      `- required_engine_version: 99.0.0\n${rule('evt.type = open')}`,
      /99\.0\.0/,
    ],
    ['an unbalanced condition', rule('((evt.type = open)'), /error/],
  ])('%s', async (_title, text, expected) => {
    const ended = await check(text);
    expect(ended.status).toBe(1);
    expect(ended.out).toMatch(expected);
    expect(bugIn(ended)).toBe('');
  });

  test.each<[string, string | Uint8Array]>([
    ['binary', randomBytes(10_000)],
    ['nothing but brackets', '['.repeat(100_000)],
    [
      'an alias bomb',
      `${'a: &a [x,x,x,x,x,x,x,x,x]\n'}${'bcdefghi'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]\n`)
        .join('')}`,
    ],
  ])('%s', async (_title, text) => {
    const ended = await check(text);
    expect(ended.status).toBe(1);
    expect(bugIn(ended)).toBe('');
  });
});

describe('rules that are large', () => {
  test('a condition of a megabyte', async () => {
    const condition = Array.from({ length: 40_000 }, (_, i) => `proc.name = program_${i}`).join(' or ');
    const ended = await check(rule(`evt.type = open and (${condition})`));
    expect(bugIn(ended)).toBe('');
    expect([0, 1]).toContain(ended.status);
    const replay = await run('peregrine', ['replay', hostCapture, '-r', scratch.path('rules.yaml')]);
    expect(replay.status).toBe(ended.status);
    expect(bugIn(replay)).toBe('');
  });

  test('a list of a hundred thousand items', async () => {
    const items = Array.from({ length: 100_000 }, (_, i) => `program_${i}`).join(', ');
    const text = `- list: many\n  items: [${items}, cat]\n${rule('evt.type in (open, openat) and fd.name = /etc/shadow and proc.name in (many)')}`;
    const path = scratch.write('many.yaml', text);
    const { status, out } = await run('peregrine', ['replay', hostCapture, '-r', path]);
    expect(status).toBe(0);
    expect(out).toContain('Informational o');
  });

  test('nesting without end', async () => {
    const ended = await check(rule(`${'('.repeat(200_000)}evt.type = open${')'.repeat(200_000)}`));
    expect(ended.status).toBe(1);
    expect(bugIn(ended)).toBe('');
  });

  test('macros that double', async () => {
    const macros = Array.from(
      { length: 40 },
      (_, i) => `- macro: m${i + 1}\n  condition: m${i} and m${i}\n`,
    ).join('');
    const ended = await check(
      `- macro: m0\n  condition: proc.name = x\n${macros}${rule('evt.type = open and m40')}`,
    );
    expect([0, 1]).toContain(ended.status);
    expect(bugIn(ended)).toBe('');
  });
});

describe('captures that are wrong', () => {
  const replay = (path: string): Promise<Ended> => run('peregrine', ['replay', path, '-r', good]);

  test.each<[string, () => string]>([
    ['not there', () => scratch.path('nowhere.scap')],
    ['a folder', () => scratch.folder],
    ['empty', () => scratch.write('empty.scap', '')],
    ['text', () => scratch.write('text.scap', 'this is no capture\n'.repeat(100))],
    ['random', () => scratch.write('random.scap', randomBytes(100_000))],
    ['cut off', () => scratch.write('cut.scap', capture.subarray(0, capture.length - 1234))],
    ['cut off within gzip', () => scratch.write('cut.scap.gz', gzipSync(capture).subarray(0, 50_000))],
    ['gzip of nothing', () => scratch.write('nothing.scap.gz', gzipSync(''))],
  ])('%s', async (_title, make) => {
    const ended = await replay(make());
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(/^peregrine: error: .+/m);
    expect(bugIn(ended)).toBe('');
  });

  test('a cut capture gives the alerts before the cut', async () => {
    const rules = scratch.write('shadow.yaml', rule('evt.type in (open, openat) and fd.name = /etc/shadow'));
    const cut = scratch.write('half.scap', capture.subarray(0, Math.floor(capture.length * 0.9)));
    const { status, out, err } = await run('peregrine', ['replay', cut, '-r', rules]);
    expect(status).toBe(1);
    expect(out).toContain('07:51:39.826425192: Informational o');
    expect(err).toMatch(/error: .*half\.scap/);
  });

  test('bytes turned over', async () => {
    for (let round = 0; round < 6; round++) {
      const bytes = Buffer.from(capture);
      for (let i = 0; i < 40; i++)
        bytes[(i * 7919 + round * 104_729) % bytes.length] = (i * 37 + round) & 0xff;
      const ended = await replay(scratch.write('turned.scap', bytes));
      expect([0, 1]).toContain(ended.status);
      expect(bugIn(ended)).toBe('');
    }
  });
});

describe('files that cannot be read', () => {
  test('a folder where a file should be, and names that are refused', async () => {
    mkdirSync(scratch.path('folder.yaml'));
    const config = await run('falco', ['-c', scratch.path('folder.yaml'), '--dry-run']);
    expect(config.status).toBe(1);
    expect(config.err).toMatch(/cannot read configuration file/);
    const named = await run('peregrine', [
      'replay',
      hostCapture,
      '-r',
      scratch.write('rules.txt', rule('evt.type = open')),
    ]);
    expect(named.status).toBe(1);
    expect(named.err).toMatch(/rules\.txt/);
  });

  test.skipIf(process.getuid?.() !== 0)('a file of somebody else (needs root to become nobody)', async () => {
    const secret = scratch.write('secret.yaml', rule('evt.type = open'));
    chmodSync(secret, 0o600);
    chmodSync(scratch.folder, 0o755);
    const drop = `exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" rules check ${secret}`;
    const ended = await run('/bin/sh', ['-c', drop, `${import.meta.dirname}/../bin/peregrine`]);
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(/cannot read rules file .*secret\.yaml.*EACCES/s);
    expect(bugIn(ended)).toBe('');
  });

  test('a configuration that is no YAML, or no map', async () => {
    for (const text of ['a: [', '- a\n- b\n', '"text"', '\u0000']) {
      const ended = await run('falco', ['-c', scratch.write('falco.yaml', text), '-r', good, '--dry-run']);
      expect(ended.status).toBe(1);
      expect(bugIn(ended)).toBe('');
    }
  });
});
