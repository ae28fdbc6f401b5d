import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalTokens, approvalLink } from './approval-token.ts';

const NOW_MS = Date.parse('2026-11-26T10:00:00Z');
const tokens = new ApprovalTokens(Buffer.alloc(32, 7));
const runId = fc.uuid();
const expiresMs = fc.integer({ min: NOW_MS + 1, max: NOW_MS + 86_400_000 });
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a token', () => {
  test('says which run, until when', () => {
    fc.assert(
      fc.property(runId, expiresMs, (id, expires) => {
        expect(tokens.read(tokens.create(id, expires), NOW_MS)).toEqual({
          ...{ kind: 'run', runId: id, expiresMs: expires },
        });
      }),
    );
  });

  test('has expired from that time on, and not before', () => {
    fc.assert(
      fc.property(runId, expiresMs, (id, expires) => {
        const token = tokens.create(id, expires);
        expect(tokens.read(token, expires - 1).kind).toBe('run');
        expect(tokens.read(token, expires)).toEqual({ kind: 'expired', runId: id });
      }),
    );
  });

  test('of which one character is another, or is not there, or is one more, is none', () => {
    const place = fc.nat();
    const other = fc.constantFrom(...base64url, '.', '=', ' ', '%', '\n');
    fc.assert(
      fc.property(runId, expiresMs, place, other, (id, expires, at, char) => {
        const token = tokens.create(id, expires);
        const index = at % token.length;
        const [before, after] = [token.slice(0, index), token.slice(index)];
        for (const forged of [before + char + after.slice(1), before + after.slice(1), before + char + after])
          if (forged !== token) expect(tokens.read(forged, NOW_MS)).toEqual({ kind: 'invalid' });
      }),
    );
  });

  test('does not serve for another run, nor for another time', () => {
    fc.assert(
      fc.property(runId, runId, expiresMs, expiresMs, (id, otherId, expires, later) => {
        const [, , signature] = tokens.create(id, expires).split('.');
        if (otherId !== id)
          expect(tokens.read(`${otherId}.${expires}.${signature}`, NOW_MS).kind).toBe('invalid');
        if (later !== expires)
          expect(tokens.read(`${id}.${later}.${signature}`, NOW_MS).kind).toBe('invalid');
        expect(tokens.read(`${id}.0${expires}.${signature}`, NOW_MS).kind).toBe('invalid');
      }),
    );
  });

  test('of another key is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), runId, expiresMs, (key, id, expires) => {
        const foreign = new ApprovalTokens(Buffer.from(key)).create(id, expires);
        fc.pre(foreign !== tokens.create(id, expires));
        expect(tokens.read(foreign, NOW_MS)).toEqual({ kind: 'invalid' });
      }),
    );
  });

  test('is not found in anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(tokens.read(text, NOW_MS)).toEqual({ kind: 'invalid' });
      }),
    );
  });

  test('is sent in an address of the hub', () => {
    const token = tokens.create('5c2d2f1e-0000-4000-8000-000000000001', NOW_MS);
    const link = new URL(approvalLink('https://hub.example.org', token));
    expect([link.origin, link.pathname]).toEqual(['https://hub.example.org', '/response/approve']);
    expect(link.searchParams.get('token')).toBe(token);
  });
});

describe('the key', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'peregrine-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = (): string => join(folder, 'approval-key');

  test('is made once, and read by nobody else', () => {
    const token = ApprovalTokens.open(folder).create('run', NOW_MS + 1);
    expect(readdirSync(folder)).toEqual(['approval-key']);
    expect([statSync(path()).mode & 0o777, readFileSync(path()).length]).toEqual([0o600, 32]);
    expect(ApprovalTokens.open(folder).read(token, NOW_MS).kind).toBe('run');
    rmSync(path());
    expect(ApprovalTokens.open(folder).read(token, NOW_MS).kind).toBe('invalid');
  });

  test('that others may read is closed to them', () => {
    ApprovalTokens.open(folder);
    chmodSync(path(), 0o644);
    ApprovalTokens.open(folder);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['empty', ''],
    ['too short', 'secret'],
    ['too long', 'x'.repeat(33)],
  ])('that is %s is refused', (_, text) => {
    writeFileSync(path(), text);
    expect(() => ApprovalTokens.open(folder)).toThrow('does not have 32 bytes');
  });

  test('where none can be kept is a fault', () => {
    expect(() => ApprovalTokens.open(join(folder, 'nowhere'))).toThrow('cannot use');
  });
});
