import { describe, expect, test } from 'vitest';
import { addressOfUpstreamHash } from './upstream-address.ts';

describe("addresses of Falcosidekick-UI's pages", () => {
  test.each([
    ['#/', '/'],
    ['#/dashboard', '/'],
    ['#/dashboard?since=1h', '/?since=1h'],
    ['#/dashboard?priority=critical', '/alerts?where=priority%3DCritical'],
    [
      '#/events?source=syscall&priority=warning,error&since=2w&filter=shadow&page=3&limit=50',
      '/alerts?where=source%3Dsyscall&where=priority%3DWarning&where=priority%3DError&since=14d&text=shadow',
    ],
    ['#/events/?tags=a,b', '/alerts?where=tags%3Da&where=tags%3Db'],
    ['#/events?since=%3Cscript%3E', '/alerts'],
    ['#/info', '/outputs'],
    ['#/elsewhere', undefined],
    ['#main', undefined],
    ['', undefined],
  ])('%s is %s', (hash, address) => {
    expect(addressOfUpstreamHash(hash)).toBe(address);
  });
});
