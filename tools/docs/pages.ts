/** All generated pages, and the index of them. */

import { apiPage } from './api-page.ts';
import { commandLinePage } from './command-line-page.ts';
import { configurationPage } from './configuration-page.ts';
import { diagnosticsPage } from './diagnostics-page.ts';
import { eventsPage } from './events-page.ts';
import { fieldsPage } from './fields-page.ts';
import { hubPage } from './hub-page.ts';
import { liveEventsPage } from './live-events-page.ts';
import type { Page } from './markdown.ts';
import { metricsPage } from './metrics-page.ts';
import { operatorsPage } from './operators-page.ts';
import { outputsPage } from './outputs-page.ts';

import { pluginsPage } from './plugins-page.ts';

import { privilegesPage } from './privileges-page.ts';
import { responsePage } from './response-page.ts';

const NOTE = '<!-- Written by `npm run docs` from the declarations; edit those. -->';

/** File name below docs/reference, and text. */
export async function renderPages(): Promise<ReadonlyMap<string, string>> {
  const pages = [
    fieldsPage(),
    eventsPage(),
    liveEventsPage(),
    operatorsPage(),
    await commandLinePage(),
    configurationPage(),
    pluginsPage(),
    diagnosticsPage(),
    metricsPage(),
    hubPage(),
    outputsPage(),
    responsePage(),
    apiPage(),
    privilegesPage(),
  ];
  const index: Page = {
    name: 'README.md',
    title: 'Reference',
    summary: '',
    body: pages.map((page) => `- [${page.title}](${page.name}): ${page.summary}`).join('\n'),
  };
  return new Map(
    [index, ...pages].map((page) => [page.name, `${NOTE}\n\n# ${page.title}\n\n${page.body.trim()}\n`]),
  );
}
