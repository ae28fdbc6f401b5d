/** Users in a browser: added, changed, locked out; who did what; one's own password. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';

vi.setConfig({ testTimeout: LIMIT_MS });

const PASSWORD = 'correct horse battery';
const NEXT = 'purple monkey dishwasher';
const HOSTILE = '<img src=x onerror=alert(1)> \u202eann 日本語';
const hub = new HubWithUi();

describePages('users', () => {
  const web = useTab(hub, () => hub.start('', `users: [ "ann:${PASSWORD}:admin" ]`));

  const signIn = async (name: string, password = PASSWORD): Promise<void> => {
    const { page } = web.tab;
    // The page before has a field of that name, too.
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  };
  /** Gives the password that is shown. */
  const add = async (name: string, role: string): Promise<string> => {
    const { page } = web.tab;
    await page.getByLabel('Name').fill(name);
    await page.getByRole('radio', { name: new RegExp(`^${role}`) }).check();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('shown only now').getByText(name.slice(-3)).waitFor();
    return page.locator('.given code').innerText();
  };

  test('are added with a password that is shown once, and lock out or remove nobody by accident', async () => {
    const { page } = web.tab;
    await page.goto('/users');
    await signIn('ann');
    await page.getByText('from the configuration').waitFor();
    const password = await add('bob', 'viewer');
    expect(password.length).toBe(20);
    await add(HOSTILE, 'responder');
    await page.getByRole('list', { name: 'Users' }).getByRole('listitem').nth(2).waitFor();
    expect(await page.locator('.user img').count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
    await page.getByRole('button', { name: /^Remove: .*ann 日本語/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: /^Remove: .*ann 日本語/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect
      .poll(() => page.getByRole('list', { name: 'Users' }).getByRole('listitem').count(), {
        timeout: 20_000,
      })
      .toBe(2);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn('bob', password);
    await page.getByRole('link', { name: 'bob (viewer)' }).click();
    await page.getByRole('heading', { name: 'bob' }).waitFor();
    expect(await page.getByRole('link', { name: 'Users' }).count()).toBe(0);
  });

  test('change their own password', async () => {
    const { page } = web.tab;
    await page.goto('/users');
    await signIn('ann');
    const password = await add('eve', 'responder');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn('eve', password);
    await page.getByRole('link', { name: 'eve (responder)' }).click();
    const change = async (current: string, next: string, again: string): Promise<void> => {
      await page.getByLabel('Present password').fill(current);
      await page.getByLabel('New password, 12').fill(next);
      await page.getByLabel('New password again').fill(again);
      await page.getByRole('button', { name: 'Change password' }).click();
    };
    await change(password, NEXT, `${NEXT} `);
    await page.getByText('the two new passwords differ').waitFor();
    await change('not this one', NEXT, NEXT);
    await page.getByText('the present password is another one').waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await change(password, NEXT, NEXT);
    await page.getByText('your password is changed').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn('eve', NEXT);
    await page.getByRole('link', { name: 'eve (responder)' }).waitFor();
  });

  test('see their own sessions, end the others, and have them ended by an administrator', async () => {
    const { page } = web.tab;
    await page.goto('/users');
    await signIn('ann');
    const password = await add('kim', 'viewer');
    const elsewhere = async (): Promise<string> => {
      const reply = await fetch(`${hub.uiUrl}/api/v2/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'kim', password }),
      });
      return reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    };
    const isIn = async (cookie: string): Promise<boolean> =>
      (
        (await (await fetch(`${hub.uiUrl}/api/v2/session`, { headers: { cookie } })).json()) as {
          readonly user: unknown;
        }
      ).user !== null; // As documented.
    const first = await elsewhere();
    await page.getByRole('button', { name: 'End sessions: kim' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End sessions' }).click();
    await page.getByText('the sessions of kim have ended').waitFor();
    expect(await isIn(first)).toBe(false);
    await page.getByRole('button', { name: 'Sign out' }).click();
    const second = await elsewhere();
    await signIn('kim', password);
    await page.getByRole('link', { name: 'kim (viewer)' }).click();
    const sessions = page.getByRole('list', { name: 'Your sessions' }).getByRole('listitem');
    await sessions.nth(1).waitFor();
    await sessions.filter({ hasText: 'this one' }).waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await web.tab.overflowPx()).toBe(0);
    await page.getByRole('button', { name: 'End your other sessions' }).click();
    await page.getByText('your other sessions have ended').waitFor();
    await expect.poll(() => sessions.count(), { timeout: 20_000 }).toBe(1);
    expect(await isIn(second)).toBe(false);
  });

  test('are locked out and let in again, and all of it is written down', async () => {
    const { page } = web.tab;
    await page.goto('/users');
    await signIn('ann');
    await add('mal', 'viewer');
    await page.getByRole('button', { name: 'Lock out: mal' }).click();
    await page.getByText('locked out', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Let in again: mal' }).click();
    await page.getByText('mal may sign in again').waitFor();
    await page.getByLabel('Role of mal').selectOption('responder');
    await page.getByText('mal: responder').waitFor();
    const log = page.getByRole('region', { name: 'Entries of the audit log' });
    await log.getByRole('link', { name: 'changeUser' }).nth(2).waitFor();
    await log.getByRole('link', { name: 'addUser' }).first().click();
    await page.waitForURL('**action=addUser*');
    await expect
      .poll(() => log.getByRole('link', { name: 'changeUser' }).count(), { timeout: 20_000 })
      .toBe(0);
    expect(await log.innerText()).not.toContain(PASSWORD);
  });
});
