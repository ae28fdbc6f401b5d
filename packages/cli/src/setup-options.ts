/** Options that commands share which load a configuration and rules, and what they mean. */

import type { ConfineRequest } from '@peregrine/app/privileges';
import type { ReadSetup, SetupRequest } from '@peregrine/app/setup';
import { mapNode, scalarNode } from '@peregrine/base';
import type { Arguments, OptionDeclaration } from './arguments.ts';
import type { Terminal } from './terminal.ts';

export const ruleOptions: readonly OptionDeclaration[] = [
  {
    name: 'rules',
    short: 'r',
    value: 'FILE',
    doc: 'Rules file or folder; repeatable. Without it, the rules that come along.',
  },
  { name: 'config', short: 'c', value: 'FILE', doc: 'Configuration file (falco.yaml).' },
  { name: 'option', short: 'o', value: 'KEY=VALUE', doc: 'Set a key of the configuration; repeatable.' },
];

export const alertOptions: readonly OptionDeclaration[] = [
  { name: 'json', doc: 'Alerts as JSON, one to a line.' },
  {
    name: 'matching',
    value: 'first|all',
    doc: 'One alert for each event, or one for each rule that matches it.',
  },
];

export const hubOption: OptionDeclaration = {
  name: 'hub',
  value: 'FILE',
  doc: 'Run a hub as well, with that configuration, and have it deliver the alerts.',
};

export const noUiOption: OptionDeclaration = {
  name: 'no-ui',
  doc: 'Do without the web interface; the variable PEREGRINE_UI=off does the same.',
};

export const dryRunOption: OptionDeclaration = {
  name: 'dry-run',
  doc: 'End no process for rules with `kernel_response: kill`; only say which it would have been.',
};

export const scopeOption: OptionDeclaration = {
  name: 'scope',
  value: 'SCOPE',
  doc: 'Watch only what `cgroup:PATH` or `container:ID` names.',
};

export const userOption: OptionDeclaration = {
  name: 'user',
  value: 'USER',
  doc: 'Run as that user, a name or a number, with the capabilities that watching takes.',
};

/** Without a configuration file: alerts to standard output, with the fields of containers. */
const defaults = mapNode([
  ['stdout_output', mapNode([['enabled', scalarNode('true')]])],
  [
    'append_output',
    { kind: 'list', items: [mapNode([['suggested_output', scalarNode('true')]])], span: undefined },
  ],
]);

export function setupRequestOf(given: Arguments): SetupRequest {
  const matching = given.valueOf('matching');
  return {
    configFile: given.valueOf('config'),
    defaults,
    overrides: [
      ...(given.has('json') ? ['json_output=true'] : []),
      ...(matching === undefined ? [] : [`rule_matching=${matching}`]),
      ...(given.has('hub') ? [`hub.config=${given.valueOf('hub')}`] : []),
      ...(given.has('dry-run') ? ['engine.modern_ebpf.kernel_response=dry-run'] : []),
      ...given.valuesOf('option'),
      ...userOverrideOf(given),
    ],
    ruleFiles: given.valuesOf('rules'),
    environment: process.env,
  };
}

export function userOverrideOf(given: Arguments): readonly string[] {
  const user = given.valueOf('user');
  return user === undefined ? [] : [`privileges.user=${user}`];
}

/** What giving up privileges goes by, which comes before anything else is read. */
export function confineRequestOf(setup: SetupRequest): ConfineRequest {
  return { setup, hostRoot: hostPlace().hostRoot };
}

/** The same for a sensor with a hub in it, which may have rules that act on this machine. */
export function confineHubRequestOf(setup: SetupRequest): ConfineRequest {
  return {
    ...confineRequestOf(setup),
    startHands: async (config) => {
      if (config.hub.config === '') return undefined;
      const { startWantedHands } = await import('@peregrine/app/hands');
      return startWantedHands(config, process.env);
    },
  };
}

/** Tells what is wrong with a configuration. */
export async function tellConfigFindings({ diagnostics }: ReadSetup, terminal: Terminal): Promise<void> {
  if (diagnostics.length === 0) return;
  const { renderFindings } = await import('@peregrine/app/findings');
  terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
}

/** The name that alerts give this machine. */
export async function hostname(): Promise<string> {
  const named = process.env.FALCO_HOSTNAME ?? '';
  return named !== '' ? named : (await import('node:os')).hostname();
}

/** Where the host's files are seen, and its name in Kubernetes. */
export function hostPlace(): { readonly hostRoot: string; readonly nodeName: string | undefined } {
  return { hostRoot: process.env.HOST_ROOT ?? '', nodeName: process.env.FALCO_K8S_NODE_NAME };
}
