/**
 * The story around an alert, from the kernel to the page: a shell reads `/etc/shadow`, and whoever opens its alert sees who
 * started it, what runs beside it, what it did before and after, and why the rule matched. Watches a cgroup of its own.
 */

import type { Browser } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { browserObstacle, buildPages, openBrowser, Tab } from './browser.ts';
import { useLiveBench } from './places.ts';
import { bugIn, start, until } from './program.ts';

const obstacle = liveObstacle() ?? browserObstacle();
const title =
  obstacle === undefined ? 'the page of a live alert' : `the page of a live alert (skipped: ${obstacle})`;
const LIMIT_MS = 60_000;

const rules = `
- macro: opening
  condition: evt.type in (open, openat)
- list: secrets
  items: [/etc/shadow, /etc/gshadow]
- rule: Shell reads secrets
  desc: d
  condition: opening and fd.name in (secrets) and proc.name = sh
  output: secret %fd.name
  priority: WARNING
`;

interface Event {
  readonly processName: string;
  readonly text: string;
}
interface Process {
  readonly name: string;
  readonly cmdline: string;
}
interface Detail {
  readonly alert: { readonly fields: Readonly<Record<string, unknown>> };
  readonly story: {
    readonly process: Process;
    readonly ancestors: readonly Process[];
    readonly siblings: readonly Process[];
    readonly children: readonly Process[];
    readonly before: readonly Event[];
    readonly after: readonly Event[];
  } | null;
}

describe.skipIf(obstacle !== undefined)(title, { timeout: 3 * LIMIT_MS }, () => {
  const bench = useLiveBench();
  let browser: Browser | undefined;
  afterEach(async () => {
    await browser?.close();
    browser = undefined;
  });

  test('shows who, what before and after, and why', async () => {
    buildPages();
    const file = bench.scratch.write('rules.yaml', rules);
    const scope = `cgroup:${bench.cgroup.path}`;
    const program = start(
      'peregrine',
      ['up', '-r', file, '--scope', scope, '--json', '-o', 'story.after_ms=3000'],
      { environment: { PEREGRINE_UI: 'on', UI_LISTENPORT: '0', JOURNAL_PATH: bench.scratch.path('state') } },
    );
    bench.running = program;
    await until('the web interface', () => program.err().includes('web interface: '), LIMIT_MS);
    const url = /web interface: (http:\/\/127\.0\.0\.1:\d+)\//.exec(program.err())?.[1] ?? '';
    const get = async <T>(path: string): Promise<T> =>
      (await (await fetch(`${url}/api/v2${path}`)).json()) as T; // As documented.

    const made = bench.scratch.path('made');
    // A sibling, a child with a password, the secret, and a process that comes after it.
    bench.cgroup.spawn(
      `sleep 61 & sh -c 'sh -c "sleep 62; true" worker --password=hunter2 & sleep 0.3; read line </etc/shadow; mkdir ${made}; sleep 63'; true`,
    );
    type Page = { readonly alerts: readonly { readonly id: string }[] };
    let detail: Detail | undefined;
    let id: string | undefined;
    const endMs = Date.now() + LIMIT_MS;
    while (Date.now() < endMs && (detail?.story?.after ?? []).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      id = (await get<Page>('/alerts?limit=1')).alerts[0]?.id;
      if (id !== undefined) detail = await get<Detail>(`/alerts/${id}`);
    }

    const story = detail?.story;
    expect(story?.process).toMatchObject({ name: 'sh' });
    expect(story?.ancestors[0]?.cmdline).toContain('sleep 61 &');
    expect(story?.siblings.map(({ cmdline }) => cmdline)).toContain('sleep 61');
    expect(story?.children.map(({ cmdline }) => cmdline)).toContain(
      'sh -c sleep 62; true worker --password=***',
    );
    const texts = (events: readonly Event[] = []) =>
      events.map(({ processName, text }) => `${processName}: ${text}`);
    expect(texts(story?.before).join('\n')).toMatch(
      /sh: ran \S*sh -c .*--password=\*\*\*[\s\S]*sh: started process \d+/,
    );
    expect(texts(story?.before).at(-1)).toBe('sh: opened /etc/shadow for reading');
    expect(texts(story?.after)).toContain(`mkdir: ran /usr/bin/mkdir ${made}`);

    // Standard output is as it was without stories.
    const line = JSON.parse(program.out().trim().split('\n')[0] ?? '') as Record<string, unknown>;
    expect(Object.keys(line).sort()).toEqual([
      'hostname',
      'output',
      'output_fields',
      'priority',
      'rule',
      'source',
      'tags',
      'time',
    ]);

    browser = await openBrowser();
    const tab = await Tab.open(browser, url);
    const { page } = tab;
    await page.goto(`/alerts/${id}`);
    await page.getByRole('heading', { name: 'Shell reads secrets' }).waitFor();
    const rows = await page.getByRole('treeitem').allInnerTexts();
    expect(rows.some((row) => /sleep 61$/.test(row) && row.includes('sibling'))).toBe(true);
    expect(rows.some((row) => row.includes('worker') && row.includes('child'))).toBe(true);
    const moments = await page.getByLabel('Before and after').getByRole('listitem').allInnerTexts();
    const alertAt = moments.findIndex((moment) => moment.includes('Shell reads secrets'));
    expect(alertAt).toBeGreaterThan(0);
    expect(moments.slice(0, alertAt).some((moment) => moment.includes('started process'))).toBe(true);
    expect(moments.slice(alertAt).some((moment) => moment.includes(`/usr/bin/mkdir ${made}`))).toBe(true);
    const marks = await page.getByLabel('Condition of the rule').locator('mark.holds').allTextContents();
    expect(marks.map((mark) => mark.replace(/^\W*holds:\s*/, ''))).toEqual([
      'opening',
      'fd.name in (secrets)',
      'proc.name = sh',
    ]);
    const why = await page.getByLabel('Why it matched').textContent();
    expect(why).toMatch(/opening/);
    expect(why).toMatch(/fd\.name in \(\/etc\/shadow, \/etc\/gshadow\)\s+is "\/etc\/shadow"/);
    expect(await page.content()).not.toContain('hunter2');
    expect(tab.troubles).toEqual([]);

    program.child.kill('SIGTERM');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  });
});
