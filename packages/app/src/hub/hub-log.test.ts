import { expect, test } from 'vitest';
import { hubLogLine } from './hub-log.ts';

test('lines have the form of the reference', () => {
  const now = new Date(2021, 0, 14, 23, 39, 5);
  expect(hubLogLine('info', 'Slack - POST OK (200)', now)).toBe(
    '2021/01/14 23:39:05 [INFO]  : Slack - POST OK (200)\n',
  );
  expect(hubLogLine('error', 'a\nb\u001b[31m\u2028', now)).toBe(
    '2021/01/14 23:39:05 [ERROR] : a\\nb\\u001b[31m\\u2028\n'.replace('\\u2028', '\u2028'),
  );
});
