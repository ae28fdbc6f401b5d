/** All commands, in the order that help shows them. */

import type { CommandEntry } from '../command.ts';

export const commandRoster: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'watch this machine and write alerts',
    load: async () => (await import('./up.ts')).up,
  },
  {
    name: 'hub',
    summary: 'take alerts over HTTP and deliver them to outputs',
    load: async () => (await import('./hub.ts')).hub,
  },
  {
    name: 'outputs list',
    summary: 'list the outputs of the hub',
    load: async () => (await import('./outputs.ts')).outputsList,
  },
  {
    name: 'outputs show',
    summary: 'show what an output does, its keys and an example',
    load: async () => (await import('./outputs.ts')).outputsShow,
  },
  {
    name: 'outputs test',
    summary: 'send a test alert to an output and show the exchange',
    load: async () => (await import('./outputs.ts')).outputsTest,
  },
  {
    name: 'outputs dead-letters list',
    summary: 'list alerts that could not be delivered',
    load: async () => (await import('./dead-letters.ts')).deadLettersList,
  },
  {
    name: 'outputs dead-letters show',
    summary: 'show such alerts whole',
    load: async () => (await import('./dead-letters.ts')).deadLettersShow,
  },
  {
    name: 'outputs dead-letters edit',
    summary: 'edit such an alert',
    load: async () => (await import('./dead-letters.ts')).deadLettersEdit,
  },
  {
    name: 'outputs dead-letters replay',
    summary: 'have such alerts delivered once more',
    load: async () => (await import('./dead-letters.ts')).deadLettersReplay,
  },
  {
    name: 'outputs dead-letters remove',
    summary: 'remove such alerts for good',
    load: async () => (await import('./dead-letters.ts')).deadLettersRemove,
  },
  {
    name: 'alerts import',
    summary: 'bring events of Falcosidekick-UI into the store',
    load: async () => (await import('./alerts.ts')).alertsImport,
  },
  {
    name: 'alerts export',
    summary: 'write stored alerts as JSON or CSV',
    load: async () => (await import('./alerts.ts')).alertsExport,
  },
  {
    name: 'users list',
    summary: 'list who may sign in to the web interface',
    load: async () => (await import('./users.ts')).usersList,
  },
  {
    name: 'users add',
    summary: 'let somebody sign in',
    load: async () => (await import('./users.ts')).usersAdd,
  },
  {
    name: 'users passwd',
    summary: 'give somebody another password',
    load: async () => (await import('./users.ts')).usersPasswd,
  },
  {
    name: 'users remove',
    summary: 'take away that somebody may sign in',
    load: async () => (await import('./users.ts')).usersRemove,
  },
  {
    name: 'top',
    summary: 'show who makes events, what rules cost, and what is lost',
    load: async () => (await import('./top.ts')).top,
  },
  {
    name: 'capture',
    summary: 'record events of this machine into a capture file',
    load: async () => (await import('./capture.ts')).capture,
  },
  {
    name: 'replay',
    summary: 'run rules over recorded events',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'explain',
    summary: 'say why rules match an event or do not',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'rules check',
    summary: 'say what is wrong with rules files',
    load: async () => (await import('./rules-check.ts')).rulesCheck,
  },
  {
    name: 'rules list',
    summary: 'list rules and whether they are on',
    load: async () => (await import('./rules-list.ts')).rulesList,
  },
  {
    name: 'rules filters',
    summary: 'show which events the kernel reports, and for which rules',
    load: async () => (await import('./rules-filters.ts')).rulesFilters,
  },
  {
    name: 'sources check',
    summary: 'say whether sources of events beside the kernel can be read',
    load: async () => (await import('./sources-check.ts')).sourcesCheck,
  },
  {
    name: 'sources k8s-audit setup',
    summary: 'print what an API server needs to send its audit log here',
    load: async () => (await import('./sources-audit-setup.ts')).sourcesAuditSetup,
  },
  {
    name: 'response check',
    summary: 'say what is wrong with response rules',
    load: async () => (await import('./response.ts')).responseCheck,
  },
  {
    name: 'response list',
    summary: 'list response rules, or what they may do',
    load: async () => (await import('./response.ts')).responseList,
  },
  {
    name: 'response explain',
    summary: 'say what response rules would do about an alert, and why not',
    load: async () => (await import('./response.ts')).responseExplain,
  },
  {
    name: 'response rbac',
    summary: 'print what Kubernetes must allow for response rules',
    load: async () => (await import('./response.ts')).responseRbac,
  },
  {
    name: 'functions run',
    summary: 'serve functions that act on alerts, as Kubeless does',
    load: async () => (await import('./functions-run.ts')).functionsRun,
  },
  {
    name: 'functions list',
    summary: 'list functions, and whether they can be called',
    load: async () => (await import('./functions-list.ts')).functionsList,
  },
  {
    name: 'functions call',
    summary: 'call a function with an alert',
    load: async () => (await import('./functions-call.ts')).functionsCall,
  },
  {
    name: 'fields',
    summary: 'list the fields that rules can use',
    load: async () => (await import('./fields.ts')).fields,
  },
  {
    name: 'events',
    summary: 'list the events that rules can use',
    load: async () => (await import('./events.ts')).events,
  },
  {
    name: 'version',
    summary: 'show versions',
    load: async () => (await import('./version.ts')).version,
  },
];
