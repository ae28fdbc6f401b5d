/** Reference of responses: keys of rules, what actions can do, and where their files go, from the declarations. */

import {
  type Action,
  type ArtifactStore,
  actionRoster,
  artifactStores,
  type HubSection,
  type Permission,
  type Platform,
} from '@peregrine/actions';
import { readTree } from '@peregrine/base';
import { stringify } from 'yaml';
import { ruleKeys, stepKeys } from '../../packages/actions/src/rules/keys.ts';
import { nodeOf } from '../../packages/actions/testing/node-of.ts';
import { rowsOf } from './configuration-page.ts';
import { code, type Page, section, table } from './markdown.ts';

const platformTitles: Readonly<Record<Platform, string>> = {
  kubernetes: 'Actions on Kubernetes',
  host: 'Actions on the host',
  remote: 'Actions elsewhere',
};

export function responsePage(): Page {
  const platforms: readonly Platform[] = ['kubernetes', 'host', 'remote'];
  return {
    name: 'response.md',
    title: 'Responses',
    summary: 'What rules of responses are made of, everything that actions can do, and where their files go.',
    body: [
      'Files of response rules are lists of rules and of actions that rules share. [The guide](../guides/response.md) says how to',
      'begin; the keys of the hub that are about responses are on [the page of the hub](hub.md), below `response`.',
      '',
      section('Keys of a rule', keyTable(ruleKeys.keys)),
      '',
      section('Keys of an action', keyTable(stepKeys.keys)),
      '',
      section(
        'All actions',
        table(
          ['action', 'acts on', 'what it does'],
          actionRoster.map((action) => [linkTo(action.name), action.target.name, firstSentence(action.doc)]),
        ),
      ),
      ...platforms.flatMap((platform) => platformSection(platform)),
      '',
      section(
        'Where files go',
        'A rule names one of these as `output.target` of an action that gives a file, with `output.parameters`.',
        ...artifactStores.map(storeSection),
      ),
    ].join('\n'),
  };
}

function platformSection(platform: Platform): readonly string[] {
  const actions = actionRoster.filter((action) => action.platform === platform);
  return actions.length === 0 ? [] : ['', section(platformTitles[platform], ...actions.map(actionSection))];
}

function actionSection(action: Action): string {
  const { name, doc, parameters, settings, examples } = action;
  return [
    `### ${code(name)}`,
    doc,
    factsOf(action)
      .map(([what, text]) => `- ${what}: ${text}`)
      .join('\n'),
    ...parameterTable(parameters.keys),
    ...settingsTable(settings),
    ...examples.map(
      ({ doc: title, parameters: written }) =>
        `${title.replace(/\.$/, '')}:\n\n${yamlOf({ actionner: name, ...shown(written) })}`,
    ),
  ].join('\n\n');
}

function shown(parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.keys(parameters).length === 0 ? {} : { parameters };
}

function factsOf(action: Action): readonly (readonly [string, string])[] {
  const { target, continues, isRepeatable, undo, artifact } = action;
  const capabilities = capabilitiesOf(action);
  const rights = permissionsOf(action).map(
    ({ group, resource, verbs }) =>
      `${verbs.join(', ')} ${code(group === '' ? resource : `${resource}.${group}`)}`,
  );
  const fields = target.fields.length === 0 ? '' : ` (${target.fields.map(code).join(', ')})`;
  return [
    ['acts on', `${target.name}${fields}. ${target.doc}`],
    ['after it, later actions of the rule', continues ? 'run' : 'do not run, unless `continue: true`'],
    [
      'when nobody knows whether it was done',
      isRepeatable ? 'it is done again, which is safe' : 'it is reported, and not done again',
    ],
    ['taken back', undo === undefined ? 'no' : 'by `undo_after`, or on request'],
    ...(artifact === 'none'
      ? []
      : [
          [
            'file',
            artifact === 'required' ? 'one, which needs `output`' : 'one, if there is `output`',
          ] as const,
        ]),
    ...(rights.length === 0 ? [] : [['Kubernetes must allow', rights.join('; ')] as const]),
    ...(capabilities.length === 0
      ? []
      : [['the host must allow', capabilities.map(code).join(', ')] as const]),
  ];
}

/** Of the parameters as they are when nothing is set, and of all examples. */
function permissionsOf({ parameters, permissions, examples }: Action): readonly Permission[] {
  const verbs = new Map<string, Permission>();
  for (const written of [{}, ...examples.map((example) => example.parameters)]) {
    const { value } = readTree(parameters, nodeOf(written));
    if (value === undefined) continue;
    for (const permission of permissions(value)) {
      const key = `${permission.resource}.${permission.group}`;
      const known = verbs.get(key)?.verbs ?? [];
      verbs.set(key, { ...permission, verbs: [...new Set([...known, ...permission.verbs])] });
    }
  }
  return [...verbs.values()];
}

/** Likewise. */
function capabilitiesOf({ parameters, capabilities, examples }: Action): readonly string[] {
  const names = [{}, ...examples.map((example) => example.parameters)].flatMap((written) => {
    const { value } = readTree(parameters, nodeOf(written));
    return value === undefined ? [] : capabilities(value);
  });
  return [...new Set(names)];
}

function storeSection({ name, doc, parameters, settings }: ArtifactStore): string {
  return [`### ${code(name)}`, doc, ...parameterTable(parameters.keys), ...settingsTable(settings)].join(
    '\n\n',
  );
}

type KeySchemas = Action['parameters']['keys'];

function keyTable(keys: KeySchemas): string {
  return table(['key', 'type', 'default', 'meaning'], rowsOf(keys, ''));
}

function parameterTable(keys: KeySchemas): readonly string[] {
  return Object.keys(keys).length === 0
    ? []
    : [table(['parameter', 'type', 'default', 'meaning'], rowsOf(keys, ''))];
}

function settingsTable(settings: HubSection | undefined): readonly string[] {
  if (settings === undefined) return [];
  const rows = rowsOf(settings.schema.keys, `${settings.section}.`);
  return [table(['key of the hub', 'type', 'default', 'meaning'], rows)];
}

function yamlOf(action: unknown): string {
  return `\`\`\`yaml\n${stringify([action]).trim()}\n\`\`\``;
}

function firstSentence(doc: string): string {
  return /^.*?\.(?= |$)/s.exec(doc)?.[0] ?? doc;
}

/** As pages that show Markdown make anchors of headings. */
function linkTo(name: string): string {
  return `[${code(name)}](#${name.toLowerCase().replace(/[^a-z0-9_-]/g, '')})`;
}
