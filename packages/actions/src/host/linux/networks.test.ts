import { renderIp } from '@peregrine/base';
import { expect, test } from 'vitest';
import { gateways, isWithin, parseAddress, parseNetwork, whyNeeded } from './networks.ts';

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.4', '10.1.2.3', false],
  ['10.1.2.7', '10.1.2.4/30', true],
  ['10.1.2.8', '10.1.2.4/30', false],
  ['203.0.113.9', '0.0.0.0/0', true],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['2001:db8::1', '0.0.0.0/0', false],
  ['::ffff:10.1.2.3', '10.0.0.0/8', true],
])('whether %s is in %s', (address, network, isIn) => {
  const [one, other] = [parseAddress(address), parseNetwork(network)];
  expect(one !== undefined && other !== undefined && isWithin(one, other)).toBe(isIn);
});

test.each(['', '10.0.0.0/33', 'example.org', '10.0.0.0/8/8', '::/129'])('%j is no network', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});

test.each([
  ['127.0.0.53', 'address 127.0.0.53 is in 127.0.0.0/8, which is no other machine'],
  ['::1', 'address ::1 is in ::/127, which is no other machine'],
  ['ff02::1', 'address ff02::1 is in ff00::/8, which is no other machine'],
  ['::ffff:127.0.0.1', 'address 127.0.0.1 is in 127.0.0.0/8, which is no other machine'],
  ['198.51.100.7', 'address 198.51.100.7 is protected: `response.protected.addresses`'],
  ['203.0.113.9', undefined],
  ['2001:db8::9', undefined],
])('why %s is needed', (text, why) => {
  const address = parseAddress(text);
  expect(address === undefined ? 'no address' : whyNeeded(address, ['198.51.100.0/24'])).toBe(why);
});

test('gateways, of both families', () => {
  const routes4 =
    'Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\t0003\neth0\t0001A8C0\t00000000\t0001\n';
  const routes6 =
    '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 eth0\n';
  const found = gateways(routes4, routes6).map((text) => {
    const address = parseAddress(text);
    return address === undefined ? text : renderIp(address);
  });
  expect(found).toEqual(['192.168.1.1', 'fe80::1']);
});
