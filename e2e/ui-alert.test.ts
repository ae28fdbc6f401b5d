/** The page of one alert in a browser: what it says, what one can do with it, and that nothing of it can do anything to whoever looks. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, noiseAlerts, RTL, SHELL_RULE, shellAlert } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';

interface Kept {
  readonly id: string;
  readonly uuid: string;
  readonly rule: string;
  readonly state: string;
  readonly assignee: string | null;
}

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();
let shell: Kept;
let hostile: Kept;

const kept = async (): Promise<readonly Kept[]> =>
  ((await hub.get('/alerts?limit=2')) as { readonly alerts: readonly Kept[] }).alerts; // As documented.

describePages('the page of an alert', () => {
  const web = useTab(hub, async () => {
    await hub.start();
    for (const line of [...noiseAlerts.slice(0, 3), shellAlert, hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(5);
    const [newest, next] = await kept();
    if (newest === undefined || next === undefined) throw new Error('nothing is kept');
    [hostile, shell] = [newest, next];
  });

  test('says what happened, who it was, and why the rule matched', async () => {
    const { page } = web.tab;
    await page.goto(`/alerts/${shell.uuid}`);
    await page.getByRole('heading', { name: SHELL_RULE }).waitFor();
    expect(await page.locator('.sentence').innerText()).toBe(
      'bash, run by www-data, was started by nginx: bash -i in pod web-5d9f of namespace shop (image registry.example/shop/web).',
    );
    expect(await page.getByLabel('Who').innerText()).toContain('eve@example.org');
    const moments = page.getByLabel('Before and after').getByRole('listitem');
    expect(await moments.first().innerText()).toMatch(
      /^−2\.3 s\s+nginx took a connection from 198\.51\.100\.9$/,
    );
    expect(await page.locator('.moment[aria-current=true]').innerText()).toContain(SHELL_RULE);
    const why = page.getByLabel('Why it matched');
    expect(await why.getByText('does not hold: ', { exact: false }).count()).toBe(2);
    expect(await why.innerText()).toMatch(/proc\.name = bash\s+is bash/);
    const technique = page.getByRole('link', { name: 'T1059.004' }).first();
    expect(await technique.getAttribute('href')).toBe('https://attack.mitre.org/techniques/T1059/004/');
    expect(await technique.getAttribute('rel')).toBe('noreferrer');
    expect(await page.getByLabel('JSON of the alert').innerText()).toContain('1610667584834631763');
    expect(await page.getByLabel('Fields').innerText()).toContain('1610667584834631763');
  });

  test('the tree of processes is walked with the arrow keys', async () => {
    const { page } = web.tab;
    await page.goto(`/alerts/${shell.id}`);
    const items = page.getByRole('treeitem');
    await items.first().waitFor();
    expect(await items.evaluateAll((all) => all.map((item) => item.getAttribute('aria-level')))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '5',
      '6',
      '6',
    ]);
    const focused = (): Promise<string> =>
      page.evaluate<string>("document.activeElement.querySelector('.tree-name a').textContent");
    await page.locator('[role=treeitem][tabindex="0"]').focus();
    expect(await focused()).toBe('bash');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('curl');
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toBe('bash');
    await page.keyboard.press('ArrowLeft');
    expect(await items.count()).toBe(6);
    await page.keyboard.press('ArrowRight');
    expect(await items.count()).toBe(8);
    await page.keyboard.press('Home');
    expect(await focused()).toBe('systemd');
    expect(await page.locator('.enters-container').innerText()).toContain('nginx');
    // Rows are as high as what is in them, and their lines as high as they.
    expect((await items.first().boundingBox())?.height).toBeLessThan(70);
  });

  test('is triaged and noted from the keyboard alone', async () => {
    const { page } = web.tab;
    await page.goto(`/alerts/${shell.id}`);
    await page.getByRole('treeitem').first().waitFor();
    await page.keyboard.press('i');
    await page.locator('.segment.state-investigating[aria-pressed=true]').waitFor();
    await page.keyboard.press('a');
    await page.getByText('with you').waitFor();
    await page.keyboard.press('m');
    await page.keyboard.type('einé notice <b>');
    await page.keyboard.press('Control+Enter');
    await page.locator('.note-text', { hasText: 'einé notice <b>' }).waitFor();
    const now = (await kept()).find(({ id }) => id === shell.id);
    expect(now?.state).toBe('investigating');
    expect(now?.assignee).not.toBeNull();
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await page.getByText('link copied').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(
      `${hub.uiUrl}/alerts/${shell.uuid}`,
    );
  });

  test('leads to the alerts before and after, and to those that have the same', async () => {
    const { page } = web.tab;
    await page.goto(`/alerts/${shell.id}`);
    await page.getByRole('treeitem').first().waitFor();
    await page.keyboard.press('k');
    await page.waitForURL(`**/alerts/${hostile.id}`);
    await page.locator('.sentence').waitFor();
    await page.keyboard.press('j');
    await page.waitForURL(`**/alerts/${shell.id}`);
    await page.getByRole('heading', { name: SHELL_RULE }).waitFor();
    const address = async (name: string): Promise<string | null> =>
      page.getByRole('link', { name, exact: true }).getAttribute('href');
    expect(await address('Alerts with this user.name')).toBe('/alerts?where=user.name%3Dwww-data');
    expect(await address('Alerts with another user.name')).toBe('/alerts?where=user.name%21%3Dwww-data');
  });

  test('can be used by everybody, in both themes and on a phone', async () => {
    const { page } = web.tab;
    for (const { id } of [shell, hostile]) {
      await page.goto(`/alerts/${id}`);
      await page.getByRole('treeitem').first().waitFor();
      expect(await web.tab.problemsInBothThemes()).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await web.tab.overflowPx()).toBe(0);
      await page.setViewportSize({ width: 1366, height: 820 });
    }
  });

  test('shows hostile texts as what they are', async () => {
    const { page } = web.tab;
    await page.goto(`/alerts/${hostile.id}`);
    await page.locator('.sentence').waitFor();
    expect(await page.locator('h1').innerText()).toContain('<script>alert(2)</script>');
    expect(await page.locator('h1').innerText()).toContain('日本語 한국어 Größe');
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
    const text = await page.locator('main').innerText();
    expect(text).not.toContain(RTL[0]);
    expect(text).toContain('⟨U+202E⟩');
    expect(text).toContain('␀');
    expect(text.length).toBeLessThan(60_000);
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
    await page.getByRole('button', { name: 'show all (1.0 MB)' }).first().click();
    expect((await page.getByLabel('Fields').innerText()).length).toBeGreaterThan(1_000_000);
  });

  test('tells when there is no such alert', async () => {
    const { page } = web.tab;
    await page.goto('/alerts/nothing');
    expect(await page.getByRole('alert').innerText()).toContain('there is no such alert');
  });
});
