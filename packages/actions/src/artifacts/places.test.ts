import fc from 'fast-check';
import { expect, test } from 'vitest';
import { badBucket, keptOfRefusal, keyBelow, namesOf } from './places.ts';

const bytes = Buffer.from('x');

test.each([
  ['a.pcap', 'a.pcap', 'a-2d711642b726.pcap'],
  ['../../etc/passwd', 'etc_passwd', 'etc_passwd-2d711642b726'],
  ['.hidden', 'hidden', 'hidden-2d711642b726'],
  ['a\0b c', 'a_b_c', 'a_b_c-2d711642b726'],
  ['///', 'file', 'file-2d711642b726'],
])('%j', (name, first, second) => {
  expect(namesOf(name, bytes)).toEqual([first, second]);
});

test('whatever its name is, it is a file in the folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      for (const safe of namesOf(name, bytes)) expect(safe).toMatch(/^[A-Za-z0-9-][A-Za-z0-9._-]{0,230}$/);
    }),
  );
});

test('a long name keeps its beginning and its end', () => {
  const [name] = namesOf(`2026-01-31T09-08-07Z_${'x'.repeat(300)}_capture.scap.gz`, bytes);
  expect(name).toMatch(/^2026-01-31T09-08-07Z_x+_capture\.scap\.gz$/);
  expect(name).toHaveLength(200);
});

test.each([
  ['', 'n'],
  ['a', 'a/n'],
  ['/a/b//', 'a/b/n'],
])('below `%s`', (prefix, key) => {
  expect(keyBelow(prefix, 'n')).toBe(key);
});

test.each(['', 'a/b', '../x', 'a b', '?'])('`%s` is no bucket', (bucket) => {
  expect(badBucket(bucket)).toHaveLength(1);
});

test.each([
  [undefined, 'retry'],
  [403, 'refused'],
  [404, 'refused'],
  [409, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
])('status %s: %s', (status, kind) => {
  expect(keptOfRefusal({ status, reason: 'x' })).toMatchObject({ kind, reason: 'x' });
});
