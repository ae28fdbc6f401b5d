/** All pages, each loaded when it is gone to. */

import type { ComponentType } from 'preact';

export interface PageEntry {
  readonly name: string;
  readonly title: string;
  /** Its first group is the id of what the page is about. */
  readonly pattern: RegExp;
  readonly load: () => Promise<ComponentType<{ id: string }>>;
}

export const pages: readonly PageEntry[] = [
  {
    name: 'overview',
    title: 'Overview',
    pattern: /^\/$/,
    load: async () => (await import('./pages/overview/page.tsx')).OverviewPage,
  },
  {
    name: 'alerts',
    title: 'Alerts',
    pattern: /^\/alerts$/,
    load: async () => (await import('./pages/alerts/page.tsx')).AlertsPage,
  },
  {
    name: 'alert',
    title: 'Alert',
    pattern: /^\/alerts\/([^/]+)$/,
    load: async () => (await import('./pages/alert/page.tsx')).AlertPage,
  },
  {
    name: 'incidents',
    title: 'Incidents',
    pattern: /^\/incidents$/,
    load: async () => (await import('./pages/incidents/list.tsx')).IncidentsPage,
  },
  {
    name: 'incident',
    title: 'Incident',
    pattern: /^\/incidents\/([^/]+)$/,
    load: async () => (await import('./pages/incidents/detail.tsx')).IncidentPage,
  },
  {
    name: 'tune',
    title: 'This is expected',
    pattern: /^\/tune$/,
    load: async () => (await import('./pages/tune/page.tsx')).TunePage,
  },
  {
    name: 'rules',
    title: 'Rules',
    pattern: /^\/rules$/,
    load: async () => (await import('./pages/rules/page.tsx')).RulesPage,
  },
  {
    name: 'rule',
    title: 'Rule',
    pattern: /^\/rules\/([^/]+)$/,
    load: async () => (await import('./pages/rule/page.tsx')).RulePage,
  },
  {
    name: 'rules-files',
    title: 'Rules files',
    pattern: /^\/rules-files$/,
    load: async () => (await import('./pages/rules-file/files.tsx')).RulesFilesPage,
  },
  {
    name: 'rules-file',
    title: 'Rules file',
    pattern: /^\/rules-files\/([^/]+)$/,
    load: async () => (await import('./pages/rules-file/page.tsx')).RulesFilePage,
  },
  {
    name: 'rules-versions',
    title: 'Versions of the rules',
    pattern: /^\/rules-files\/([^/]+)\/versions$/,
    load: async () => (await import('./pages/rules-versions/page.tsx')).RulesVersionsPage,
  },
  {
    name: 'response',
    title: 'Response',
    pattern: /^\/response$/,
    load: async () => (await import('./pages/response/page.tsx')).ResponsePage,
  },
  {
    name: 'outputs',
    title: 'Outputs',
    pattern: /^\/outputs$/,
    load: async () => (await import('./pages/outputs/page.tsx')).OutputsPage,
  },
  {
    name: 'sensors',
    title: 'Sensors',
    pattern: /^\/sensors$/,
    load: async () => (await import('./pages/sensors/page.tsx')).SensorsPage,
  },
  {
    name: 'sources',
    title: 'Sources',
    pattern: /^\/sources$/,
    load: async () => (await import('./pages/sources/page.tsx')).SourcesPage,
  },
  {
    name: 'users',
    title: 'Users',
    pattern: /^\/users$/,
    load: async () => (await import('./pages/users/page.tsx')).UsersPage,
  },
  {
    name: 'account',
    title: 'Your account',
    pattern: /^\/account$/,
    load: async () => (await import('./pages/account/page.tsx')).AccountPage,
  },
];

export function pageOf(path: string): { readonly page: PageEntry; readonly id: string } | undefined {
  for (const page of pages) {
    const match = page.pattern.exec(path);
    if (match !== null) return { page, id: decoded(match[1] ?? '') };
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
