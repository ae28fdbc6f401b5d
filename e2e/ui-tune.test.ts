/** "This is expected" in a browser: proposals, the preview of what they hide, and the rules that come of it. */

import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, noiseAlerts } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';

const WAIT = { timeout: 20_000 };

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();
let rules = '';

const RULE = 'Launch package management in container';

describePages('the page for exceptions', () => {
  const web = useTab(hub, async () => {
    rules = hub.scratch.write(
      'rules.yaml',
      `
- rule: ${RULE}
  desc: A package manager runs in a container.
  condition: evt.type in (execve, execveat) and container.id != host and proc.name in (apt-get, dnf)
  output: Package manager run (command=%proc.cmdline)
  priority: NOTICE
`,
    );
    await hub.start('', `changerules: anyone, rules: [${rules}]`);
    for (const line of [...noiseAlerts, hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(41);
  });

  async function alertOf(rule: string): Promise<string> {
    const { alerts } = (await hub.get('/alerts')) as {
      readonly alerts: readonly { readonly id: string; readonly rule: string }[];
    }; // As documented.
    return alerts.find((alert) => alert.rule.startsWith(rule))?.id ?? '';
  }

  const verdict = (): Promise<string> => web.tab.page.locator('.verdict').innerText();

  test('can be used by everybody, in both themes and on a phone, whatever alerts say', async () => {
    const { page } = web.tab;
    for (const rule of [RULE, '<img']) {
      await page.goto(`/tune?alert=${await alertOf(rule)}`);
      await page.locator('.verdict').waitFor();
      expect(await web.tab.problemsInBothThemes()).toEqual([]);
      expect(await page.locator('main img, main script').count()).toBe(0);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await web.tab.overflowPx()).toBe(0);
      await page.setViewportSize({ width: 1366, height: 820 });
    }
  });

  test('shows what an exception hides while it is changed, uses it, and marks what it hides', async () => {
    const { page } = web.tab;
    await page.goto(`/tune?alert=${await alertOf(RULE)}`);
    await page.locator('.verdict').waitFor();
    await page.getByRole('radio', { name: 'This program proc.name' }).check();
    await expect.poll(verdict, WAIT).toBe('30 of 30 alerts in 30 days');
    expect(await page.locator('.candidate').count()).toBeGreaterThan(3);
    await page.getByLabel('Another field').selectOption('proc.pname');
    await page.getByLabel('Value of proc.pname').fill('cron');
    await expect.poll(verdict, WAIT).toBe('10 of 30 alerts in 30 days');
    const yaml = (): Promise<string> => page.getByLabel('Rules with the exception').innerText();
    expect(await yaml()).toContain('proc.pname');
    await page.getByRole('button', { name: 'Leave out proc.pname' }).click();
    await expect.poll(verdict, WAIT).toBe('30 of 30 alerts in 30 days');
    await page.getByLabel('Name', { exact: true }).fill('not good');
    await page.getByText('the name is made of letters').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('nightly_builds');
    await expect.poll(yaml, WAIT).toContain('nightly_builds');
    await page.getByRole('button', { name: 'Use this exception…' }).click();
    await page.getByLabel('Why (others will ask)').fill('builds every night');
    await page.getByRole('button', { name: 'Use it', exact: true }).click();
    await page.getByText('incidents are marked as expected').waitFor();
    const { changes } = (await hub.get('/rules-files')) as { readonly changes: { readonly file: string } }; // As documented.
    expect(readFileSync(changes.file, 'utf8')).toContain('nightly_builds');
    expect(await hub.count(`?where=${encodeURIComponent('state=expected')}`)).toBe(30);
  });

  test('tells when there is nothing to tune', async () => {
    const { page } = web.tab;
    await page.goto('/tune?alert=nothing');
    expect(await page.getByRole('alert').innerText()).not.toBe('');
  });
});
