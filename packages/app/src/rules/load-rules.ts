/** Rules files through the rule language, with what the configuration says of rules. */

import { priorities } from '@peregrine/alert';
import type { Diagnostic } from '@peregrine/base';
import {
  type Catalogue,
  type CheckedRule,
  type LoadedRules,
  loadRules,
  type OutputAddition,
  type RuleSelection,
  selectRules,
} from '@peregrine/lang';
import type { Config } from '../config/config.ts';
import { readOutputAdditions } from '../config/output-additions.ts';
import { isJoining } from '../exec-join/settings.ts';
import { fedSources } from '../plugins/loaded-plugins.ts';
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
  readonly loaded: LoadedRules<E>;
  readonly report: RulesReport;
}

export function loadSetupRules<E>(
  files: readonly RuleFile[],
  config: Config,
  catalogue: Catalogue<E>,
): SetupRules<E> {
  const { additions } = readOutputAdditions(config.append_output);
  const outputAdditions = [...additions, ...userAdditions(config)];
  const loaded = loadRules(files, catalogue, { outputAdditions });
  const rules = selectRules(loaded.rules, selectionsOf(config), minimumPriorityOf(config));
  return {
    rules: loaded.successful ? rules : undefined,
    loaded,
    report: reportOf(loaded, rules, ['syscall', ...fedSources(config)]),
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
