/** The hub's whole configuration, from a file and the environment, with everything that is wrong with it. */

import {
  type ConfigNode,
  type Diagnostic,
  type MapNode,
  mapNode,
  nearestName,
  type Severity,
  type Span,
  unknownKey,
} from '@peregrine/base';
import {
  pairsOf,
  readSection,
  type SinkSettings,
  sectionSchemaOf,
  sinkRoster,
  tidySection,
} from '@peregrine/outputs/hub';
import { compileTemplate, type Template } from '@peregrine/template';
import { checkUi } from './check-ui.ts';
import {
  badTemplate,
  noTls,
  notALabel,
  notAnAddress,
  notAServedPath,
  noVariable,
  samePort,
} from './diagnostics.ts';
import { type Environment, withEnvironment } from './environment.ts';
import { type HubSettings, hubSchema } from './keys.ts';
import { type Routing, readRouting } from './read-routing.ts';

export interface HubConfig {
  readonly settings: HubSettings;
  /** As it was written, for sections that only some hubs read. */
  readonly root: MapNode;
  /** With the values of the environment. */
  readonly customFields: Readonly<Record<string, string>>;
  readonly templatedFields: Readonly<Record<string, Template>>;
  /** Fields of alerts that metrics have as labels: name of the label by name of the field. */
  readonly extraLabels: ReadonlyMap<string, string>;
  /** Outputs that are on, in the order of the roster. */
  readonly outputs: readonly SinkSettings[];
  /** Whether somebody said where to listen. */
  readonly isPortSet: boolean;
  /** Where a key of the hub stands; where it is not, its section. */
  readonly placeOf: (...path: readonly string[]) => Span | undefined;
  /** `undefined`: every alert goes to every output. */
  readonly routing: Routing | undefined;
}

export interface ReadHubConfig {
  /** `undefined` when it cannot be used. */
  readonly config: HubConfig | undefined;
  /** What could be read of it, so that more that is wrong is found in the same run. */
  readonly readable: HubConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Sections beside those of outputs, which are read where there are responses. */
const responseSections = ['minio'];

export const servedPaths = ['/', '/ping', '/healthz', '/test', '/metrics'] as const;

/** COMPAT: unknown keys are no reason not to start, everything else that is wrong is. */
export function readHubConfig(root: ConfigNode, environment: Environment): ReadHubConfig {
  const found: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => {
    found.push(diagnostic.code === unknownKey.code ? { ...diagnostic, severity: 'warning' } : diagnostic);
  };
  const top = root.kind === 'map' ? root : mapNode([], root.span);
  const sections = sectionsOf(top);
  const own = new Map([...top.entries].filter(([name]) => Object.hasOwn(hubSchema.keys, name.toLowerCase())));
  for (const [name, node] of top.entries) {
    const key = name.toLowerCase();
    if (Object.hasOwn(hubSchema.keys, key) || sections.has(key)) continue;
    report(unknownKey.at({ span: node.span }, name, nearestName(key, knownNames())));
  }
  const hubNode = tidySection(
    hubSchema.keys,
    withEnvironment(hubSchema.keys, mapNode(own, top.span), '', environment, report),
  );
  const whole = hubSchema.read(hubNode, '', { report, shapeSeverity: 'error' })?.value;
  const { outputs, wrongNames } = readOutputs(top, environment, report);
  const unread = whole === undefined ? unreadKeys(hubNode) : new Set<string>();
  const settings = whole ?? settingsWithout(hubNode, unread);
  if (settings === undefined) return { config: undefined, readable: undefined, diagnostics: found };
  checkServer(settings, hubNode, report);
  const placeOf = (...path: readonly string[]): Span | undefined => spanAt(hubNode, ...path);
  checkUi(settings, placeOf, report);
  const customFields = customFieldsOf(settings, hubNode, environment, report);
  const templatedFields = templatesOf(settings, hubNode, report);
  const config: HubConfig = {
    settings,
    root: top,
    customFields,
    templatedFields,
    extraLabels: labelsOf(
      settings,
      [Object.keys(customFields), Object.keys(templatedFields)],
      hubNode,
      report,
    ),
    outputs,
    placeOf,
    isPortSet: hubNode.kind === 'map' && hubNode.entries.has('listenport'),
    routing: readRouting(settings, hubNode, {
      isOutput: (name) => wrongNames.has(name) || outputs.some(({ sink }) => sink.name === name),
      hasSchedules: !unread.has('schedules'),
      report,
    }),
  };
  const isUsable = !found.some(({ severity }: { readonly severity: Severity }) => severity === 'error');
  return { config: isUsable ? config : undefined, readable: config, diagnostics: found };
}

/** Keys whose values cannot be read, so that what is wrong with the others is told in the same run. */
function unreadKeys(node: ConfigNode): ReadonlySet<string> {
  if (node.kind !== 'map') return new Set();
  const ignore = { report: () => {}, shapeSeverity: 'error' } as const;
  return new Set(
    [...node.entries.keys()].filter(
      (key) => hubSchema.read(mapNode([[key, node.entries.get(key) ?? mapNode()]]), '', ignore) === undefined,
    ),
  );
}

function settingsWithout(node: ConfigNode, keys: ReadonlySet<string>): HubSettings | undefined {
  if (node.kind !== 'map') return undefined;
  const rest = mapNode([...node.entries].filter(([key]) => !keys.has(key)));
  return hubSchema.read(rest, '', { report: () => {}, shapeSeverity: 'error' })?.value;
}

/** The outputs that are on, and the names of those that something is wrong with. */
function readOutputs(
  top: MapNode,
  environment: Environment,
  report: (diagnostic: Diagnostic) => void,
): { readonly outputs: readonly SinkSettings[]; readonly wrongNames: ReadonlySet<string> } {
  const told = new Set<string>();
  const wrongNames = new Set<string>();
  const outputs = sinkRoster.flatMap((sink) => {
    const node = withEnvironment(
      sectionSchemaOf(sink).keys,
      nodeAt(top, sink.name),
      sink.name,
      environment,
      report,
    );
    const shared =
      sink.shared === undefined
        ? undefined
        : withEnvironment(
            sink.shared.config.keys,
            ownKeysOf(nodeAt(top, sink.shared.name), sink.shared.name),
            sink.shared.name,
            environment,
            report,
          );
    const { settings, diagnostics } = readSection(sink, node, shared);
    for (const diagnostic of diagnostics) {
      // What is wrong with a shared section is wrong once, however many outputs share it.
      const key = `${diagnostic.code} ${diagnostic.message}`;
      if (!told.has(key)) report(diagnostic);
      told.add(key);
      if (diagnostic.severity === 'error' && diagnostic.code !== unknownKey.code) wrongNames.add(sink.name);
    }
    return settings === undefined ? [] : [settings];
  });
  return { outputs, wrongNames };
}

/** First parts of the paths of all sections. */
function sectionsOf(top: MapNode): ReadonlySet<string> {
  const known = new Set([...responseSections, ...sinkRoster.map(({ name }) => name.split('.')[0] ?? name)]);
  for (const name of top.entries.keys()) {
    if (known.has(name.toLowerCase())) known.add(name.toLowerCase());
  }
  return known;
}

function knownNames(): readonly string[] {
  return [
    ...Object.keys(hubSchema.keys),
    ...responseSections,
    ...sinkRoster.map(({ name }) => name.split('.')[0] ?? name),
  ];
}

function nodeAt(top: MapNode, path: string): ConfigNode | undefined {
  let node: ConfigNode | undefined = top;
  for (const name of path.split('.')) {
    if (node?.kind !== 'map') return undefined;
    node = entryOf(node, name);
  }
  return node;
}

/** A shared section without the sections of the outputs that share it. */
function ownKeysOf(node: ConfigNode | undefined, name: string): ConfigNode | undefined {
  if (node?.kind !== 'map') return node;
  const below = new Set(
    sinkRoster.flatMap((sink) => (sink.name.startsWith(`${name}.`) ? [sink.name.split('.')[1] ?? ''] : [])),
  );
  return mapNode(
    [...node.entries].filter(([key]) => !below.has(key.toLowerCase())),
    node.span,
  );
}

function checkServer(
  settings: HubSettings,
  node: ConfigNode,
  report: (diagnostic: Diagnostic) => void,
): void {
  const { listenaddress, listenport, tlsserver } = settings;
  if (listenaddress !== '' && process.getBuiltinModule('node:net').isIP(listenaddress) === 0) {
    report(notAnAddress.at({ span: spanAt(node, 'listenaddress') }, 'listenaddress', listenaddress));
  }
  const span = spanAt(node, 'tlsserver');
  for (const path of tlsserver.notlspaths) {
    if (!servedPaths.some((served) => served === path)) report(notAServedPath.at({ span }, path));
  }
  if (!tlsserver.deploy) {
    if (tlsserver.mutualtls) report(noTls.at({ span }, 'tlsserver.mutualtls'));
    if (tlsserver.notlspaths.length > 0) report(noTls.at({ span }, 'tlsserver.notlspaths'));
  } else if (tlsserver.notlspaths.length > 0 && tlsserver.notlsport === listenport) {
    report(samePort.at({ span }, listenport));
  }
}

/** COMPAT: names of fields in the file are in lower case, whatever they are written in. */
function customFieldsOf(
  { customfields }: HubSettings,
  node: ConfigNode,
  environment: Environment,
  report: (diagnostic: Diagnostic) => void,
): Readonly<Record<string, string>> {
  const fromEnvironment = new Set((pairsOf(environment.CUSTOMFIELDS ?? '') ?? []).map(([name]) => name));
  const fields: Record<string, string> = {};
  for (const [written, text] of Object.entries(customfields)) {
    const name = fromEnvironment.has(written) ? written : written.toLowerCase();
    const variable = /^%(.+)$/.exec(text)?.[1];
    const value = variable === undefined ? text : environment[variable];
    if (variable !== undefined && (value ?? '') === '') {
      report(
        noVariable.at({ span: spanAt(node, 'customfields', written) }, `customfields.${written}`, variable),
      );
    } else {
      fields[name] = value ?? '';
    }
  }
  return fields;
}

function templatesOf(
  { templatedfields }: HubSettings,
  node: ConfigNode,
  report: (diagnostic: Diagnostic) => void,
): Readonly<Record<string, Template>> {
  const templates: Record<string, Template> = {};
  for (const [written, text] of Object.entries(templatedfields)) {
    const compiled = compileTemplate(text);
    if ('why' in compiled) {
      const span = spanAt(node, 'templatedfields', written);
      report(badTemplate.at({ span }, `templatedfields.${written}`, compiled.why, compiled.offset + 1));
    } else {
      templates[written.toLowerCase()] = compiled;
    }
  }
  return templates;
}

/** Fields of the user are labels, too. Falcosidekick breaks on those that cannot be; they are left out here. */
function labelsOf(
  { prometheus }: HubSettings,
  [customNames, templatedNames]: readonly [readonly string[], readonly string[]],
  node: ConfigNode,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const add = (path: string, field: string): void => {
    const label = field.replaceAll('.', '_');
    if (/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(label)) labels.set(field, label);
    else report(notALabel.at({ span: spanAt(node, path.split('.')[0] ?? path) }, path, field));
  };
  for (const field of prometheus.extralabels) add('prometheus.extralabels', field);
  for (const field of customNames) add('customfields', field);
  for (const field of templatedNames) add('templatedfields', field);
  return labels;
}

function spanAt(node: ConfigNode, ...path: readonly string[]): ConfigNode['span'] {
  let found: ConfigNode | undefined = node;
  let span = node.span;
  for (const name of path) {
    if (found?.kind === 'map') found = entryOf(found, name);
    else found = found?.kind === 'list' ? found.items[Number(name)] : undefined;
    // Of what is not there, the section that it would be in.
    span = found?.span ?? span;
  }
  return span;
}

/** Letter case of keys does not count. */
export function entryOf({ entries }: MapNode, name: string): ConfigNode | undefined {
  return entries.get(name) ?? [...entries].find(([written]) => written.toLowerCase() === name)?.[1];
}
