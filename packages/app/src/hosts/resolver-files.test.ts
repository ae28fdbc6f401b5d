import { expect, test } from 'vitest';
import { addressesIn, searchNames } from './resolver-files.ts';

const hosts = `127.0.0.1\tlocalhost
::1 localhost ip6-localhost # the same

192.0.2.7   Example.test alias
#192.0.2.8 example.test
`;

test.each([
  ['localhost', ['127.0.0.1', '::1']],
  ['example.TEST', ['192.0.2.7']],
  ['alias', ['192.0.2.7']],
  ['same', []],
  ['', []],
])('a hosts file on %j', (name, expected) => {
  expect(addressesIn(hosts, name)).toEqual(expected);
});

test.each([
  ['nameserver 192.0.2.1', 'db', ['db']],
  ['search a.test b.test', 'db', ['db.a.test', 'db.b.test', 'db']],
  ['search a.test', 'www.example.test', ['www.example.test', 'www.example.test.a.test']],
  [
    'search ns.svc.cluster.local\noptions ndots:5 timeout:1',
    'db.prod',
    ['db.prod.ns.svc.cluster.local', 'db.prod'],
  ],
  ['domain a.test', 'db', ['db.a.test', 'db']],
  ['search a.test', 'db.', ['db']],
  ['search .\noptions ndots:x', 'db', ['db']],
])('with %j, %s is asked for as', (resolvConf, name, expected) => {
  expect(searchNames(resolvConf, name)).toEqual(expected);
});
