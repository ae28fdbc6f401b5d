/** Signing in with a browser, out again, and what a viewer is not offered. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { shellAlert } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';

vi.setConfig({ testTimeout: LIMIT_MS });

const PASSWORD = 'correct horse battery';
const hub = new HubWithUi();

describePages('signing in', () => {
  const web = useTab(hub, async () => {
    await hub.start('', `users: [ "ann:${PASSWORD}:admin", "vic:${PASSWORD}:viewer" ]`);
    expect(await hub.post(shellAlert, 'application/json')).toBe(200);
  });

  const signIn = async (name: string, password = PASSWORD): Promise<void> => {
    const { page } = web.tab;
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  test('asks for a password, says that one is wrong, and goes on where one wanted to go', async () => {
    const { page } = web.tab;
    await page.goto('/alerts?since=7d');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await signIn('ann', 'something else entirely');
    await page.getByRole('alert').waitFor();
    await signIn('ann');
    await page.locator('.alert-row').first().waitFor();
    expect(page.url()).toContain('/alerts?since=7d');
    await page.getByText('(admin)').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('lets a viewer look, and change nothing', async () => {
    const { page } = web.tab;
    await page.goto('/alerts');
    await signIn('vic');
    await page.locator('.alert-row').first().waitFor();
    expect(await page.getByRole('button', { name: /^Closed/ }).isDisabled()).toBe(true);
  });

  test('tells why a provider let nobody in', async () => {
    const { page } = web.tab;
    await page.goto('/sign-in?oidc=no-role');
    await page.getByText('you are known, but have no role here').waitFor();
    await signIn('ann');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });
});
