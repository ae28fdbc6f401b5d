/** `peregrine response check`, `list`, `explain` and `rbac`. */

import type { ResponsePlan } from '@peregrine/app/response';
import type { Arguments } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const jsonOption = { name: 'json', doc: 'As JSON.' } as const;
const rulesOption = {
  name: 'rules',
  short: 'r',
  value: 'FILE',
  doc: 'A file with response rules; repeatable, later ones are added to earlier ones.',
} as const;

export const responseCheck: Command = {
  name: 'response check',
  usage: 'FILE... [options]',
  doc: 'Says what is wrong with response rules, all of it at once. Files of Falco Talon are read as they are. Ends with status 1 if there is an error.',
  options: [jsonOption],
  examples: [
    { line: 'response check response.yaml', doc: 'One file.' },
    { line: 'response check rules.yaml rules_override.yaml', doc: 'A file that adds to another.' },
  ],
  operands: 'some',
  run: async (given, terminal) => {
    const { readResponseFiles } = await import('@peregrine/app/response');
    const { plan, diagnostics } = readResponseFiles(given.operands);
    if (given.has('json')) {
      terminal.out(`${JSON.stringify({ usable: plan !== undefined, findings: diagnostics })}\n`);
      return plan === undefined ? exit.failed : exit.ok;
    }
    await tell(diagnostics, given.operands, terminal);
    const errorCount = diagnostics.filter(({ severity }) => severity === 'error').length;
    const rules = plan === undefined ? '' : `${plan.rules.length} rules, `;
    terminal.out(`${rules}${errorCount} errors, ${diagnostics.length - errorCount} warnings\n`);
    return plan === undefined ? exit.failed : exit.ok;
  },
};

export const responseList: Command = {
  name: 'response list',
  usage: '[FILE...] [options]',
  doc: 'Lists response rules; without files, everything that rules may do, where files may go, and who may be told.',
  options: [jsonOption],
  examples: [
    { line: 'response list', doc: 'What rules may do.' },
    { line: 'response list response.yaml', doc: 'What those rules do.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const { listKinds, listResponseRules } = await import('@peregrine/app/response');
    if (given.operands.length === 0) {
      const kinds = listKinds();
      if (given.has('json')) terminal.out(`${JSON.stringify(kinds, undefined, 2)}\n`);
      else for (const kind of kinds) terminal.out(`${kindLine(kind)}\n`);
      return exit.ok;
    }
    const plan = await planOf(given.operands, terminal);
    if (plan === undefined) return exit.failed;
    const rules = listResponseRules(plan);
    if (given.has('json')) terminal.out(`${JSON.stringify(rules, undefined, 2)}\n`);
    else
      for (const { name, description, matches, actions, isDryRun } of rules) {
        terminal.out(`${name}${isDryRun ? ' (dry run)' : ''}\n`);
        if (description !== '') terminal.out(`  ${description.trim()}\n`);
        for (const text of matches) terminal.out(`  if    ${text}\n`);
        for (const { name: own, actionner, when, needsApproval } of actions) {
          const called = own === actionner ? actionner : `${actionner}  (${own})`;
          const more = `${when === undefined ? '' : `  when ${when}`}${needsApproval ? '  if approved' : ''}`;
          terminal.out(`  then  ${called}${more}\n`);
        }
      }
    return exit.ok;
  },
};

export const responseExplain: Command = {
  name: 'response explain',
  usage: 'ALERT.json -r FILE [options]',
  doc: 'Says what response rules would do about an alert, and why not. `-` reads it from standard input. Nothing is done, and nothing is asked of Kubernetes or this machine.',
  options: [rulesOption, jsonOption],
  examples: [
    { line: 'response explain alert.json -r response.yaml', doc: 'One alert, as Falco or the hub has it.' },
    { line: 'response explain - -r response.yaml --json', doc: 'From a pipe, for a program.' },
  ],
  operands: 'one',
  run: async (given, terminal) => {
    const files = rulesOf(given, terminal);
    if (files === undefined) return exit.usage;
    const plan = await planOf(files, terminal);
    if (plan === undefined) return exit.failed;
    const { explainAlert, readAlertFile } = await import('@peregrine/app/response');
    const [path = '-'] = given.operands;
    const alert = readAlertFile(path);
    if ('problem' in alert) {
      terminal.fail(`\`${path}\` is no alert: ${alert.problem}`, 'one alert is wanted, as JSON');
      return exit.failed;
    }
    const { rules } = explainAlert(plan, alert);
    if (given.has('json')) {
      terminal.out(`${JSON.stringify({ rules }, undefined, 2)}\n`);
      return exit.ok;
    }
    for (const { name, matches, parts, actions } of rules) {
      terminal.out(`${name}: ${matches ? 'matches' : 'does not match'}\n`);
      for (const { text, holds, found } of parts)
        terminal.out(
          `  ${holds ? 'yes' : 'no '}  ${text}${holds || found === '' ? '' : `  (it is ${found})`}\n`,
        );
      for (const { actionner, target, verdict } of actions)
        terminal.out(`  ->   ${actionner}${target === '' ? '' : ` on ${target}`}: ${verdict}\n`);
    }
    return exit.ok;
  },
};

export const responseRbac: Command = {
  name: 'response rbac',
  usage: '-r FILE [options]',
  doc: 'Prints what Kubernetes must allow for response rules, and no more: a service account, a role and its binding, as manifests.',
  options: [
    rulesOption,
    { name: 'namespace', short: 'n', value: 'NAME', doc: 'Namespace of the hub; `falco` unless given.' },
    {
      name: 'service-account',
      value: 'NAME',
      doc: 'Account that the hub runs as; `peregrine-hub` unless given.',
    },
    { name: 'events', doc: '`response.defaultnotifiers` has `k8sevents`.' },
    { name: 'leader-election', doc: '`response.leaderelection` is on.' },
  ],
  examples: [
    { line: 'response rbac -r response.yaml', doc: 'To look at.' },
    { line: 'response rbac -r response.yaml -n falco | kubectl apply -f -', doc: 'To have it in force.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const files = rulesOf(given, terminal);
    if (files === undefined) return exit.usage;
    const plan = await planOf(files, terminal);
    if (plan === undefined) return exit.failed;
    const { rbacText } = await import('@peregrine/app/response');
    terminal.out(
      await rbacText(plan, {
        namespace: given.valueOf('namespace') ?? 'falco',
        serviceAccount: given.valueOf('service-account') ?? 'peregrine-hub',
        tellsEvents: given.has('events'),
        electsLeader: given.has('leader-election'),
      }),
    );
    return exit.ok;
  },
};

/** `undefined`, and told, where no file is named. */
function rulesOf(given: Arguments, terminal: Terminal): readonly string[] | undefined {
  const files = given.valuesOf('rules');
  if (files.length > 0) return files;
  terminal.fail('no response rules are named', '`-r FILE` names a file');
  return undefined;
}

/** `undefined`, and told, where the rules cannot be used. Warnings are told, too. */
async function planOf(files: readonly string[], terminal: Terminal): Promise<ResponsePlan | undefined> {
  const { readResponseFiles } = await import('@peregrine/app/response');
  const { plan, diagnostics } = readResponseFiles(files);
  await tell(diagnostics, files, terminal);
  return plan;
}

type Findings = Parameters<typeof import('@peregrine/app/findings').renderFindings>[0];

/** With the text around each of them. */
async function tell(diagnostics: Findings, files: readonly string[], terminal: Terminal): Promise<void> {
  if (diagnostics.length === 0) return;
  const [{ renderFindings }, { readTexts }] = await Promise.all([
    import('@peregrine/app/findings'),
    import('@peregrine/app/response'),
  ]);
  terminal.err(renderFindings(diagnostics, readTexts(files), { isColourful: terminal.isColourful }));
}

function kindLine({
  kind,
  name,
  doc,
  parameters,
}: ReturnType<typeof import('@peregrine/app/response').listKinds>[number]): string {
  const given = parameters.length === 0 ? '' : `\n      ${parameters.map((own) => own.name).join(', ')}`;
  return `${kind.padEnd(8)}  ${name}  ${doc}${given}`;
}
