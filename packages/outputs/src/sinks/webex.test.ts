import { objectIn } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, settingsOf } from '../../testing/sink-contract.ts';
import { webex } from './webex.ts';

function markdownOf(alert: Parameters<typeof bodyOf>[1]): string {
  return String(objectIn(bodyOf(settingsOf(webex), alert))?.markdown);
}

test('everything that is known is a line', () => {
  expect(markdownOf(sampleAlert('whole')).split('\n')).toEqual([
    '# Falco: Write below etc',
    '### 10:20:05.408091526: Error File below /etc opened for writing (user=daemon command=nginx -g daemon off;)',
    '',
    '* Hostname: node-7',
    '* Source: syscall',
    '* Priority: Error',
    '* Tags: T1543, filesystem, mitre\\_persistence',
    '* Fields:',
    '    * evt.res: SUCCESS',
    '    * evt.time: 1709288405408091526',
    '    * fd.list: \\["/etc/passwd","/etc/group"\\]',
    '    * fd.name: /etc/passwd',
    '    * k8s.ns.name: shop',
    '    * k8s.pod.name: web-0',
    '    * proc.is\\_exe\\_writable: false',
    '    * proc.pid: 4711',
    '    * user.name: daemon',
  ]);
});

test('an alert adds no line, mentions nobody and links nowhere', () => {
  const markdown = markdownOf({ ...sampleAlert('hostile'), rule: 'x\n<@all>\n[a](http://evil.example)' });
  expect(markdown).not.toContain('<');
  expect(markdown).not.toMatch(/[^\\]\[/);
  expect(markdown.split('\n')).toHaveLength(12);
});

test.each([
  [20, 100],
  [60, 400],
  [3_000, 300],
  [1, 1_000_000],
])('%i fields with texts of %i fit into a message', (fieldCount, textLength) => {
  const markdown = markdownOf(hugeAlert(fieldCount, textLength));
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(7_439);
  const shown = markdown.match(/\* field\.\d+:/g)?.length ?? 0;
  const rest = /not shown: (\d+) more fields/.exec(markdown)?.[1] ?? '0';
  expect(shown + Number(rest)).toBe(fieldCount);
});
