/** Debian's Chromium on the pages of a program that runs: what is checked of every page, in one place. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { root } from './program.ts';

export const chromiumPath = '/usr/bin/chromium';
/** Why no page can be looked at here; `undefined`: it can. */
export function browserObstacle(): string | undefined {
  return existsSync(chromiumPath) ? undefined : 'no Chromium here';
}

export const themes = ['light', 'dark'] as const;
/** A phone, a laptop, a screen on a wall. */
export const sizes = {
  phone: { width: 360, height: 740 },
  laptop: { width: 1366, height: 820 },
  wall: { width: 2560, height: 1440 },
} as const;

/** As `npm run build` of the pages does; nothing where they are newer than their sources. */
export function buildPages(): void {
  execFileSync(process.execPath, [join(root, 'tools/ui/build.ts')], { stdio: 'pipe' });
}

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
}

/** One tab with everything that went wrong in it: errors of scripts, refusals of the policy, dialogs. */
export class Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly troubles: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.troubles.push(error.message));
    page.on('dialog', (dialog) => {
      this.troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) this.troubles.push(message.text());
    });
  }

  static async open(browser: Browser, origin: string, size: keyof typeof sizes = 'laptop'): Promise<Tab> {
    const context = await browser.newContext({ viewport: sizes[size], baseURL: origin, locale: 'en-GB' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    return new Tab(context, await context.newPage());
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** What axe finds wrong by WCAG 2.2 AA, as lines of text. */
  async accessibilityProblems(): Promise<readonly string[]> {
    // Scripts of the test itself are not under the policy of the page.
    await this.page.evaluate(axeSource);
    // As text: what runs in the page does not have the types of this side.
    const { violations } = await this.page.evaluate<AxeResult>(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })",
    );
    return violations.flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`),
    );
  }

  async problemsInBothThemes(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const colorScheme of themes) {
      await this.page.emulateMedia({ colorScheme });
      found.push(...(await this.accessibilityProblems()).map((problem) => `${colorScheme}: ${problem}`));
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    return found;
  }

  /** Nothing is wider than the window. */
  async overflowPx(): Promise<number> {
    const widths = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    return await this.page.evaluate<number>(widths);
  }
}

/** As far as it is used. */
interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

const axeSource: string = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
