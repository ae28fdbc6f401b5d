/** The list of alerts in a browser: searching, following what comes, triage of many, saved views; and the frame around pages. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, noiseAlerts, SHELL_RULE, shellAlert } from './ui-alerts-fixture.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

const WAIT = { timeout: 20_000 };

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();

describePages('the list of alerts', () => {
  const web = useTab(hub, async () => {
    await hub.start();
    for (const line of [...noiseAlerts, shellAlert, hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(42);
  });

  const open = async (address = '/alerts'): Promise<void> => {
    await web.tab.page.goto(address);
    await web.tab.page.locator('.alert-row').first().waitFor();
  };
  const rowCount = async (): Promise<string | null> =>
    web.tab.page.getByRole('table', { name: 'Alerts' }).getAttribute('aria-rowcount');

  test('is searched by condition, with what can stand at the caret', async () => {
    const { page } = web.tab;
    await open();
    await page.keyboard.press('/');
    await page.keyboard.type('proc.na');
    await page.getByRole('option', { name: 'proc.name' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('= back');
    await page.getByRole('option', { name: /^backup/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForURL('**q=proc.name*');
    await expect.poll(rowCount, WAIT).toBe('10');
    expect(await page.locator('.alert-rule').first().innerText()).toBe('Read sensitive file untrusted');
  });

  test('tells what is wrong with a condition, and takes it as words', async () => {
    const { page } = web.tab;
    await open();
    const query = page.getByRole('combobox', { name: /Words, or a condition/ });
    await query.fill('proc.name = (');
    await page.locator('.query-problem button').waitFor();
    await query.fill('nginx in a');
    await page.locator('.query-problem button').click();
    await page.waitForURL('**text=nginx+in+a*');
    await page.getByText('No alerts are found.').waitFor();
    await query.fill('shell');
    await query.press('Enter');
    await page.waitForURL('**text=shell*');
    await expect.poll(() => page.locator('.alert-rule').first().innerText(), WAIT).toBe(SHELL_RULE);
  });

  test('is narrowed down by priority, and by clauses that can be removed', async () => {
    const { page } = web.tab;
    await open('/alerts?where=k8s.ns.name%3Dci');
    await expect.poll(rowCount, WAIT).toBe('40');
    await page.getByRole('button', { name: 'Warning', exact: true }).click();
    await expect.poll(rowCount, WAIT).toBe('20');
    await page.getByRole('button', { name: 'Remove the filter k8s.ns.name=ci' }).click();
    await page.waitForURL((url) => !url.search.includes('k8s'));
  });

  test('is triaged: one by keys, and all that are found', async () => {
    const { page } = web.tab;
    await open('/alerts?where=proc.name%3Dbackup');
    await expect.poll(rowCount, WAIT).toBe('10');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.locator('.alert-row.is-current').waitFor();
    await page.keyboard.press('i');
    await page.getByText('1 changed to investigating').waitFor();
    await page.getByRole('button', { name: 'Choose all that are loaded' }).click();
    await page.getByRole('button', { name: /^Closed/ }).click();
    await page.getByText('10 changed to closed').waitFor();
    await expect.poll(() => hub.count('?where=state%3Dclosed'), WAIT).toBe(10);
  });

  test('follows what comes, holds still for who reads further down, and opens an alert by keys', async () => {
    const { page } = web.tab;
    await open();
    await hub.post(alertLine(1, { rule: 'Came just now' }));
    await page.locator('.alert-rule', { hasText: 'Came just now' }).waitFor();
    await page.locator('.alert-row input').first().check();
    await hub.post(alertLine(2, { rule: 'Came later' }));
    await page.getByRole('button', { name: '1 new' }).click();
    await page.locator('.alert-rule', { hasText: 'Came later' }).waitFor();
    await page.locator('.alert-row input').nth(1).uncheck();
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/alerts\/[^/?]+$/);
    await page.locator('h1', { hasText: 'Came' }).waitFor();
  });

  test('is saved as a view, and exported', async () => {
    const { page } = web.tab;
    await open('/alerts?where=proc.name%3Dbash');
    await page.getByText('Views', { exact: true }).click();
    await page.getByLabel('Save what is shown as').fill('Shells 日本語');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByText('view saved: Shells 日本語').waitFor();
    await page.goto('/alerts');
    await page.getByText('Views', { exact: true }).click();
    await page.getByRole('link', { name: 'Shells 日本語' }).click();
    await page.waitForURL('**where=proc.name*bash*');
    await page.getByText('Export', { exact: true }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV' }).click();
    expect((await download).suggestedFilename()).toBe('alerts.csv');
  });

  test('shows hostile texts as texts, and can be read by everybody, in any width', async () => {
    const { page } = web.tab;
    await open();
    expect(await page.locator('img, .alert-row script').count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
  });

  test('takes addresses of Falcosidekick-UI, keys for pages, and a theme', async () => {
    const { page } = web.tab;
    await page.goto('/#/events?priority=critical&since=7d');
    await page.waitForURL('**/alerts?where=priority%3DCritical&since=7d');
    await page.locator('.alert-row').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.waitForURL('**/incidents');
    await page.getByLabel('Theme').selectOption('dark');
    await page.reload();
    await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' });
  });
});
