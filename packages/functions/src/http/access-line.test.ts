import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Access, accessLine } from './access-line.ts';

const access: Access = {
  remote: '10.42.0.31',
  at: new Date('2021-01-14T23:39:45.9Z'),
  method: 'POST',
  url: '/',
  httpVersion: '1.1',
  status: 200,
  bytes: 0,
  referrer: '',
  agent: 'Falcosidekick',
  tookUs: 965_744,
};

test('is as those who read logs of Kubeless know it', () => {
  expect(accessLine(access)).toBe(
    '10.42.0.31 - - [14/Jan/2021:23:39:45 +0000] "POST / HTTP/1.1" 200 0 "" "Falcosidekick" 0/965744',
  );
});

test('whatever is sent, it is one line with its quotations whole', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      (url, agent) => {
        const line = accessLine({ ...access, url, agent });
        expect(line).toMatch(
          /^10\.42\.0\.31 - - \[[^\]]+\] "POST (?:[^"\\]|\\.)* HTTP\/1\.1" 200 0 "" "(?:[^"\\]|\\.)*" 0\/965744$/,
        );
        expect(line).toMatch(/^[\x20-\x7e]*$/);
      },
    ),
  );
});
