/** Rules files through the rule language, with what the configuration says of rules. */

import { priorities } from '@peregrine/alert';
import type { Diagnostic } from '@peregrine/base';
import { type DerivedKills, deriveKernelKills, type KernelKills } from '@peregrine/engine';
import {
  type CheckedRule,
  kernelResponseRefused,
  type LoadedRules,
  loadRules,
  type OutputAddition,
  type RuleSelection,
  selectRules,
} from '@peregrine/lang';
import { judgedSyscalls } from '@peregrine/sources/syscall-coverage';
import type { EventContext } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { readOutputAdditions } from '../config/output-additions.ts';
import { isJoining } from '../exec-join/settings.ts';
import { fedSources } from '../plugins/loaded-plugins.ts';
import type { AppCatalogue } from './catalogue.ts';
import type { RuleFile } from './rule-files.ts';

/** What was found in rules files: plain data. */
export interface RulesReport {
  readonly isUsable: boolean;
  readonly files: readonly { readonly name: string; readonly diagnostics: readonly Diagnostic[] }[];
  readonly ruleCount: number;
  readonly enabledCount: number;
  /** Sources of enabled rules whose events nothing gives. */
  readonly silentSources: readonly { readonly name: string; readonly enabledCount: number }[];
}

export interface SetupRules<E> {
  /** `undefined` when the rules cannot be used. */
  readonly rules: readonly CheckedRule<E>[] | undefined;
  /** What of them the kernel does by itself. */
  readonly kills: KernelKills;
  readonly loaded: LoadedRules<E>;
  readonly report: RulesReport;
}

export function loadSetupRules(
  files: readonly RuleFile[],
  config: Config,
  catalogue: AppCatalogue,
): SetupRules<never> {
  const { additions } = readOutputAdditions(config.append_output);
  const outputAdditions = [...additions, ...userAdditions(config)];
  const loaded = loadRules(files, catalogue, { outputAdditions });
  const rules = selectRules(loaded.rules, selectionsOf(config), minimumPriorityOf(config));
  const { kills, refusals } = killsOf(rules, catalogue);
  const isUsable = loaded.successful && refusals.length === 0;
  const report = reportOf(loaded, rules, ['syscall', ...fedSources(config)]);
  return {
    rules: isUsable ? rules : undefined,
    kills,
    loaded,
    report: { ...report, isUsable, files: withRefusals(report.files, refusals) },
  };
}

/** Alerts on system calls say who had a command run in a pod, where that can be known. */
function userAdditions(config: Config): readonly OutputAddition[] {
  if (!isJoining(config)) return [];
  const extraFields = [
    'k8s.user.name',
    'k8s.user.groups',
    'k8s.exec.match',
    'k8s.exec.users',
    'k8s.exec.audit_id',
  ];
  return [
    {
      source: 'syscall',
      rule: undefined,
      tags: undefined,
      extraOutput: undefined,
      extraFields,
      suggestsFields: false,
    },
  ];
}

/** Rules that end processes from within the kernel, which none does that needs more than the kernel knows. */
function killsOf(rules: readonly CheckedRule<never>[], { syscall }: AppCatalogue): DerivedKills {
  const own = rules.filter((rule): rule is CheckedRule<EventContext> => rule.source === syscall.name);
  const { kills, refusals } = deriveKernelKills({ rules: own, source: syscall, calls: judgedSyscalls });
  const others = rules.flatMap(({ source, kernelResponse }) =>
    source === syscall.name || kernelResponse === undefined
      ? []
      : [kernelResponseRefused.at(kernelResponse.place, `the kernel knows nothing of ${source} events`)],
  );
  return { kills, refusals: [...refusals, ...others] };
}

function withRefusals(files: RulesReport['files'], refusals: readonly Diagnostic[]): RulesReport['files'] {
  return files.map(({ name, diagnostics }) => {
    const own = refusals.filter(({ span }) => span?.file === name);
    return { name, diagnostics: [...own, ...diagnostics] };
  });
}

function reportOf<E>(
  loaded: LoadedRules<E>,
  rules: readonly CheckedRule<E>[],
  fed: readonly string[],
): RulesReport {
  const files = loaded.files.map(({ name, errors, warnings }) => ({
    name,
    diagnostics: [...errors, ...warnings],
  }));
  const ofAll = loaded.versionErrors.length === 0 ? [] : [{ name: '', diagnostics: loaded.versionErrors }];
  return {
    isUsable: loaded.successful,
    files: [...ofAll, ...files],
    ruleCount: rules.length,
    enabledCount: rules.filter(({ isEnabled }) => isEnabled).length,
    silentSources: silentSourcesOf(rules, fed),
  };
}

function silentSourcesOf<E>(
  rules: readonly CheckedRule<E>[],
  fed: readonly string[],
): RulesReport['silentSources'] {
  const silent = rules.filter(({ isEnabled, source }) => isEnabled && !fed.includes(source));
  return [...new Set(silent.map(({ source }) => source))].map((name) => ({
    name,
    enabledCount: silent.filter(({ source }) => source === name).length,
  }));
}

/** An entry may both enable and disable; it enables first. */
function selectionsOf({ rules }: Config): readonly RuleSelection[] {
  return rules.flatMap(({ enable, disable }) => [
    ...(enable === undefined ? [] : [{ action: 'enable' as const, ...enable }]),
    ...(disable === undefined ? [] : [{ action: 'disable' as const, ...disable }]),
  ]);
}

function minimumPriorityOf({ priority }: Config): number {
  return priorities.findIndex((name) => name === (priority === 'Info' ? 'Informational' : priority));
}
