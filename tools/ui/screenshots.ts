/** Takes the screenshots of the documentation anew: `node tools/ui/screenshots.ts`, once the pages and the bundle are built. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser, type sizes, Tab } from '../../e2e/browser.ts';
import { noiseAlerts, shellAlert } from '../../e2e/ui-alerts-fixture.ts';
import { HubWithUi } from '../../e2e/ui-program.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const hub = new HubWithUi();

interface Listed {
  readonly alerts: readonly { readonly id: string; readonly uuid: string }[];
  readonly incidents: readonly { readonly id: string }[];
}

async function addresses(): Promise<readonly (readonly [string, string])[]> {
  const { alerts } = (await hub.get('/alerts?limit=1')) as Listed; // As documented.
  const { incidents } = (await hub.get('/incidents?order=count')) as Listed; // The same.
  const incident = incidents[0]?.id ?? '';
  return [
    ['alerts', '/alerts'],
    ['alert', `/alerts/${alerts[0]?.uuid}`],
    ['incidents', '/incidents'],
    ['incident', `/incidents/${incident}`],
    ['tune', `/tune?incident=${incident}`],
  ];
}

await hub.start();
const browser = await openBrowser();
try {
  mkdirSync(folder, { recursive: true });
  for (const line of [...noiseAlerts, shellAlert]) await hub.post(line, 'application/json');
  await hub.kept(noiseAlerts.length + 1);
  for (const size of ['phone', 'laptop', 'wall'] satisfies (keyof typeof sizes)[]) {
    const tab = await Tab.open(browser, hub.uiUrl, size);
    for (const [name, address] of await addresses()) {
      await tab.page.goto(address, { waitUntil: 'networkidle' });
      await tab.page.locator('h1').waitFor();
      const colorScheme = size === 'wall' ? 'dark' : 'light';
      await tab.page.emulateMedia({ colorScheme });
      await tab.page.screenshot({ path: join(folder, `${name}-${size}.png`), animations: 'disabled' });
    }
    await tab.close();
  }
} finally {
  await browser.close();
  await hub.end();
}
