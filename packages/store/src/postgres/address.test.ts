import { expect, test } from 'vitest';
import { parsePostgresAddress, titleOf } from './address.ts';

const files = { rootCertificate: '', certificate: '', key: '' };

test.each([
  [
    'postgres://hub@db.example.org/alerts',
    { host: 'db.example.org', port: 5432, user: 'hub', database: 'alerts', sslMode: 'prefer', ...files },
  ],
  [
    'postgresql://hub%40org@[::1]:6432/al%20erts?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    {
      ...{ host: '::1', port: 6432, user: 'hub@org', database: 'al erts', sslMode: 'verify-full', ...files },
      rootCertificate: '/etc/ca.pem',
    },
  ],
  [
    'postgres://hub@/alerts?host=/run/postgresql',
    { host: '/run/postgresql', port: 5432, user: 'hub', database: 'alerts', sslMode: 'prefer', ...files },
  ],
])('%s is read', (text, address) => {
  expect(parsePostgresAddress(text)).toEqual({ address });
});

test.each([
  ['postgres://hub@db:port/alerts', /cannot be read/],
  ['postgres://hub:hush@db/alerts', /no password in it/],
  ['postgres://hub@db/alerts?sslmode=allow', /`allow`; there are disable, prefer/],
  ['postgres://hub@db/alerts?options=-c', /has `options`/],
  ['postgres://hub@db/alerts?sslcert=/a', /both of `sslcert` and `sslkey`/],
  ['postgres://hub@db/alerts?port=0', /from 1 to 65535/],
  ['postgres://db/alerts', /names no user/],
  ['postgres://hub@/alerts', /names no host/],
  ['postgres://hub@db', /names no database/],
])('%s is refused', (text, problem) => {
  const read = parsePostgresAddress(text);
  expect('problem' in read && read.problem).toMatch(problem);
  expect(JSON.stringify(read)).not.toContain('hush');
});

test('people see where it is, and not who asks', () => {
  const read = parsePostgresAddress('postgres://hub@[::1]/alerts');
  expect('address' in read && titleOf(read.address)).toBe('postgres://[::1]:5432/alerts');
});
