import { describe, expect, test } from 'vitest';
import { findAccount } from './accounts.ts';

const files = {
  users: 'root:x:0:0:root:/root:/bin/sh\nsensor:x:998:997::/nowhere:/usr/sbin/nologin\nbroken\n',
  groups: 'root:x:0:\nsensor:x:997:\ndocker:x:996:someone,sensor\nother:x:995:sensors\nbroken\n',
};

describe('a user', () => {
  test.each([
    ['sensor', { uid: 998, gid: 997, groups: [997, 996] }],
    ['998', { uid: 998, gid: 997, groups: [997, 996] }],
    ['root', { uid: 0, gid: 0, groups: [0] }],
    ['4000', { uid: 4000, gid: 4000, groups: [4000] }],
  ])('%s', (user, account) => {
    expect(findAccount(user, files)).toEqual(account);
  });

  test.each(['nobody-has-this', '4294967295', '-1', 'sensor:x'])('%s is none', (user) => {
    expect(() => findAccount(user, files)).toThrow(/`privileges\.user` is `/);
  });

  test('a number needs no account files', () => {
    expect(findAccount('7', { users: '', groups: '' })).toEqual({ uid: 7, gid: 7, groups: [7] });
  });
});
