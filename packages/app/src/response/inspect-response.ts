/** Response rules for people who look at them before they are in use. */

import { readFileSync } from 'node:fs';
import {
  actionRoster,
  artifactStores,
  protectionOf,
  type RbacOptions,
  type ResponsePlan,
  rbacManifests,
  targetOf,
} from '@peregrine/actions';
import { type HubAlert, parseJson } from '@peregrine/alert';
import { mapNode, readTree } from '@peregrine/base';
import { decodeAlert, processAlert } from '@peregrine/hub';
import { hubSchema } from '../hub/config/keys.ts';
import { explainResponse } from './explain.ts';
import type { ResponseExplanation } from './response-port.ts';
import { responderSettings } from './settings-of.ts';

export { readResponseFiles } from './read-response.ts';
export type { ResponsePlan };

/** A kind of thing that rules may name. */
export interface ListedKind {
  readonly kind: 'action' | 'output' | 'notifier';
  readonly name: string;
  readonly doc: string;
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly doc: string }[];
}

/** Everything that rules may name. */
export function listKinds(): readonly ListedKind[] {
  const parametersOf = (keys: Readonly<Record<string, { readonly type: string; readonly doc: string }>>) =>
    Object.entries(keys).map(([name, { type, doc }]) => ({ name, type, doc }));
  return [
    ...actionRoster.map(({ name, doc, parameters }) => ({
      ...{ kind: 'action' as const, name, doc },
      parameters: parametersOf(parameters.keys),
    })),
    ...artifactStores.map(({ name, doc, parameters }) => ({
      ...{ kind: 'output' as const, name, doc },
      parameters: parametersOf(parameters.keys),
    })),
    {
      kind: 'notifier',
      name: 'k8sevents',
      doc: 'Events at the objects in Kubernetes. Besides, every output of the hub is a notifier.',
      parameters: [],
    },
  ];
}

export interface ListedRule {
  readonly name: string;
  readonly description: string;
  readonly matches: readonly string[];
  readonly actions: readonly {
    readonly name: string;
    readonly actionner: string;
    readonly when: string | undefined;
    readonly needsApproval: boolean;
  }[];
  readonly isDryRun: boolean;
  readonly continues: boolean;
  readonly notifiers: readonly string[];
}

export function listResponseRules({ rules }: ResponsePlan): readonly ListedRule[] {
  return rules.map(({ name, description, parts, steps, isDryRun, continues, notifiers }) => ({
    ...{ name, description, isDryRun, continues, notifiers },
    matches: parts.map(({ text }) => text),
    actions: steps.map(({ name: own, action, when, needsApproval }) => ({
      ...{ name: own, actionner: action.name, when: when?.text, needsApproval },
    })),
  }));
}

/** An alert as Falco writes it, or as the hub sends it; or what is wrong with it. */
export function readAlertFile(path: string): HubAlert | { readonly problem: string } {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const parsed = parseJson(text);
  if ('problem' in parsed) return { problem: parsed.problem };
  const decoded = decodeAlert(parsed.value);
  if ('problem' in decoded) return { problem: decoded.problem };
  const processed = processAlert(decoded, {
    ...{ customFields: {}, customTags: [], templatedFields: {}, bracketReplacer: '', outputFieldFormat: '' },
    mostAlertBytes: Number.POSITIVE_INFINITY,
    newUuid: () => crypto.randomUUID(),
    onTemplateTrouble: () => {},
  });
  return processed.kind === 'alert' ? processed.alert : { problem: processed.reason };
}

/** As it would be with a configuration that has only these rules; what was done lately is not known. */
export function explainAlert(plan: ResponsePlan, alert: HubAlert): ResponseExplanation {
  const defaults = readTree(hubSchema, mapNode()).value;
  if (defaults === undefined) throw new Error('all keys have defaults');
  const { protections } = responderSettings(defaults);
  return explainResponse(
    plan,
    alert,
    (rule) =>
      rule.steps.map((step) => {
        const { found, facts } = targetOf(step, alert);
        return found.kind === 'missing' ? found.reason : protectionOf(facts, protections);
      }),
    false,
  );
}

/** Manifests of what Kubernetes must allow for these rules, as YAML. */
export async function rbacText(plan: ResponsePlan, options: RbacOptions): Promise<string> {
  const { stringify } = await import('yaml');
  return rbacManifests(plan, options)
    .map((manifest) => stringify(manifest))
    .join('---\n');
}

/** Texts of files, as far as they can be read. */
export function readTexts(
  paths: readonly string[],
): readonly { readonly name: string; readonly text: string }[] {
  return paths.flatMap((name) => {
    try {
      return [{ name, text: readFileSync(name, 'utf8') }];
    } catch {
      return [];
    }
  });
}
