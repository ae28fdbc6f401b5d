/** What viewers, responders and administrators can do on the pages about rules. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { noiseAlerts } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';
import { PACKAGE_RULE, rulesText } from './ui-rules-fixture.ts';

const WAIT = { timeout: 30_000 };
const PASSWORD = 'correct horse battery';
const MANAGED = '/rules-files/web-rules.yaml';

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();

describePages('rules, by role', () => {
  const web = useTab(hub, async () => {
    const rules = hub.scratch.write('rules.yaml', rulesText());
    const users = ['ann:admin', 'rob:responder', 'vic:viewer'].map(
      (user) => `"${user.replace(':', `:${PASSWORD}:`)}"`,
    );
    await hub.start('', `rules: [${rules}], users: [ ${users.join(', ')} ]`);
    for (const line of noiseAlerts) expect(await hub.post(line, 'application/json')).toBe(200);
  });

  async function signIn(name: string, address: string): Promise<void> {
    const { page } = web.tab;
    await page.goto(address);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(`(${{ vic: 'viewer', rob: 'responder', ann: 'admin' }[name]})`).waitFor();
  }

  const isReadOnly = (): Promise<string | null> =>
    web.tab.page.locator('.cm-content').getAttribute('aria-readonly');

  test('viewers read', async () => {
    const { page } = web.tab;
    await signIn('vic', '/rules');
    const off = page.getByRole('switch', { name: `${PACKAGE_RULE} is on` });
    await off.waitFor();
    expect(await off.isDisabled()).toBe(true);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await page.goto(`/rules/${encodeURIComponent(PACKAGE_RULE)}`);
    await page.getByLabel('Condition of the rule').waitFor();
    expect(await page.getByRole('link', { name: 'Change it…' }).count()).toBe(0);
    await page.goto(MANAGED);
    await page.getByText('you are signed in as viewer').waitFor();
    await expect.poll(isReadOnly, WAIT).toBe('true');
    await page.getByText('Responders and administrators can try rules').waitFor();
    expect(await page.getByRole('button', { name: /^Save/ }).count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await page.goto(`${MANAGED}/versions`);
    await page.getByText('Nothing was ever changed from here.').waitFor();
  });

  test('responders try what they write, and cannot save it', async () => {
    const { page } = web.tab;
    await signIn('rob', MANAGED);
    await page.getByText('What you write here can be tried, not saved.').waitFor();
    await expect.poll(isReadOnly, WAIT).toBe('false');
    await page.locator('.cm-content').click();
    await page.keyboard.insertText(
      '- rule: Tried\n  desc: x\n  condition: package_manager_runs\n  output: told\n  priority: NOTICE',
    );
    const rule = page.getByLabel('Rule, as it is in the editor');
    await expect.poll(() => rule.inputValue(), WAIT).toBe('Tried');
    expect(await page.getByRole('button', { name: /^Save/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'Files', exact: true }).click();
    await page.getByRole('button', { name: 'Leave without saving' }).click();
    await page.waitForURL('**/rules-files');
  });

  test('administrators save, and turn rules off', async () => {
    const { page } = web.tab;
    await signIn('ann', '/rules');
    await page.getByRole('switch', { name: `${PACKAGE_RULE} is on` }).click();
    await page.getByText(`${PACKAGE_RULE} is off`).waitFor();
    await page.goto(`${MANAGED}/versions`);
    await page.getByText(`Off: ${PACKAGE_RULE}`).waitFor();
    await page.getByText('ann,').waitFor();
  });
});
