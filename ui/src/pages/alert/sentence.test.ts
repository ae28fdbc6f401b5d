import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sentenceOf } from './sentence.ts';

const said = (fields: Parameters<typeof sentenceOf>[0]['fields'], output = 'own output'): string =>
  sentenceOf({ fields, output })
    .map((part) => (typeof part === 'string' ? part : part.value))
    .join('');

const shell = { 'proc.name': 'bash', 'user.name': 'root' };

describe('a sentence', () => {
  test.each([
    [
      {
        ...shell,
        'evt.type': 'execve',
        'proc.pname': 'runc',
        'proc.cmdline': 'bash -i',
        'container.name': 'web',
      },
      'bash, run by root, was started by runc: bash -i in container web.',
    ],
    [
      {
        ...shell,
        'evt.type': 'openat',
        'fd.name': '/etc/shadow',
        'evt.is_open_read': 'true',
        'container.id': 'host',
      },
      'bash, run by root, opened /etc/shadow for reading on the host.',
    ],
    [
      {
        'proc.name': 'curl',
        'evt.type': 'connect',
        'fd.sip': '1.2.3.4',
        'fd.sport': 443,
        'k8s.pod.name': 'web-1',
        'k8s.ns.name': 'shop',
        'container.image.repository': 'nginx',
      },
      'curl connected to 1.2.3.4 on port 443 in pod web-1 of namespace shop (image nginx).',
    ],
    [{ 'proc.name': 'rm', 'evt.type': 'unlinkat', 'fs.path.name': '/var/log/x' }, 'rm removed /var/log/x.'],
    [
      { 'proc.name': 'mv', 'evt.type': 'rename', 'evt.arg.oldpath': 'a', 'evt.arg.newpath': 'b' },
      'mv renamed a to b.',
    ],
    [
      {
        'ka.user.name': 'eve',
        'ka.verb': 'create',
        'ka.target.resource': 'pods',
        'ka.target.subresource': 'exec',
        'ka.target.name': 'web-1',
        'ka.target.namespace': 'shop',
        'ka.response.code': '101',
      },
      'eve opened a session in pods web-1 in namespace shop.',
    ],
    [
      {
        'ka.user.name': 'eve',
        'ka.verb': 'delete',
        'ka.target.resource': 'secrets',
        'ka.response.code': '403',
      },
      'eve tried to delete secrets and was refused with 403.',
    ],
    [{ 'ct.user': 'eve', 'ct.name': 'StopLogging', 'ct.region': 'eu-1' }, 'eve did StopLogging in eu-1.'],
    [{ 'proc.name': 'bash', 'evt.type': 'openat' }, 'own output'],
    [{ 'proc.name': '<NA>', 'evt.type': 'execve' }, 'own output'],
    [{}, 'own output'],
    [{ 'proc.name': '편집기', 'evt.type': 'open', 'fd.name': '/大切/größe' }, '편집기 opened /大切/größe.'],
  ])('%j', (fields, expected) => {
    expect(said(fields)).toBe(expected);
  });

  test('keeps digits that numbers would lose', () => {
    expect(
      said({ 'proc.name': 'x', 'evt.type': 'bind', 'fd.sport': { $number: '18446744073709551615' } }),
    ).toBe('x listens on 18446744073709551615.');
  });

  test('comes of whatever fields', () => {
    const name = fc.constantFrom(
      'proc.name',
      'evt.type',
      'fd.name',
      'user.name',
      'ka.verb',
      'ct.user',
      '__proto__',
    );
    const value = fc.oneof(fc.constantFrom('openat', 'execve', 'connect', 'setuid'), fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(name, value), (fields) => {
        expect(said(Object.assign({}, fields) as Parameters<typeof said>[0]).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
