/** A rules file, item by item: what kind each is, whether its keys are known, and what it says. */

import { nearestName } from '@peregrine/base';
import {
  fileTooLarge,
  itemNotAMapping,
  notASequenceOfItems,
  overrideWithAppend,
  yamlSyntax,
  yamlTooLarge,
} from '../diagnostics/structure.ts';
import {
  appendDeprecated,
  itemUnknown,
  keyUnknown,
  listNameInvalid,
  macroNameInvalid,
} from '../diagnostics/warnings.ts';
import type { Collector } from './collect.ts';
import { type Context, contextOf, placeOf, type Report } from './context.ts';
import { decodeOptionalBoolean, decodeScalar, decodeSequence } from './decode.ts';
import { readOverrides } from './read-overrides.ts';
import { readRule, readText } from './read-rule.ts';
import { readYaml } from './read-yaml.ts';
import type { SourceFile } from './source-file.ts';
import { readEngineVersion, readPluginVersions } from './versions.ts';
import { isNullNode, valueAt, type YamlMapping, type YamlNode } from './yaml-node.ts';

/** Larger files are refused: they are no rules, or not meant well. */
export const maxFileBytes = 64 * 1024 * 1024;

const itemKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  required_engine_version: new Set(['required_engine_version']),
  required_plugin_versions: new Set(['required_plugin_versions']),
  list: new Set(['list', 'items', 'append', 'override']),
  macro: new Set(['macro', 'condition', 'append', 'override']),
  rule: new Set([
    'rule',
    'condition',
    'output',
    'desc',
    'priority',
    'source',
    'enabled',
    'capture',
    'capture_duration',
    'kernel_response',
    'warn_evttypes',
    'skip-if-unknown-filter',
    'tags',
    'exceptions',
    'override',
    'append',
  ]),
};

const kinds = Object.keys(itemKeys);

/** Reads `file` into `collector`; what is wrong goes to `report`, and reading goes on with the next item. */
export function readRulesFile(
  file: SourceFile,
  collector: Collector,
  engineVersion: string,
  report: Report,
): void {
  const nothing = { start: 0, end: 0 };
  const root: Context = { file, kind: 'rules content', name: '', ...nothing, parent: undefined };
  if (file.text.length > maxFileBytes) {
    report.add(fileTooLarge.at({ trail: [] }, file.text.length, maxFileBytes));
    return;
  }
  const yaml = readYaml(file.text);
  if (yaml.kind === 'error') {
    const { offset } = yaml;
    report.add(yamlSyntax.at(placeOf({ ...root, start: offset, end: offset }), yaml.problem));
    return;
  }
  if (yaml.kind === 'too-large') {
    report.add(yamlTooLarge.at(placeOf({ ...root, start: yaml.offset, end: yaml.offset })));
    return;
  }
  for (const document of yaml.documents) {
    if (isNullNode(document)) continue;
    if (document.kind !== 'sequence') {
      report.add(
        notASequenceOfItems.at({ ...placeOf(root), span: file.spanOf(document.start, document.end) }),
      );
      continue;
    }
    for (const item of document.items) {
      if (!isNullNode(item)) readItem(item, root, collector, engineVersion, report);
    }
  }
}

function readItem(
  item: YamlNode,
  root: Context,
  collector: Collector,
  engineVersion: string,
  report: Report,
): void {
  const context = contextOf(root, 'rules content item', '', item);
  if (item.kind !== 'mapping') {
    report.add(itemNotAMapping.at(placeOf(context)));
    return;
  }
  const kind = kinds.find((key) => valueAt(item, key) !== undefined);
  switch (kind) {
    case 'required_engine_version': {
      const version = readEngineVersion(item, root, engineVersion, report);
      if (version !== undefined) collector.engineVersions.push(version);
      break;
    }
    case 'required_plugin_versions':
      for (const requirement of readPluginVersions(item, root, report)) {
        collector.pluginRequirements.push(requirement);
      }
      break;
    case 'list':
      readList(item, root, collector, report);
      break;
    case 'macro':
      readMacro(item, root, collector, report);
      break;
    case 'rule':
      readRule(item, root, collector.rules, report);
      break;
    default: {
      const [first] = item.entries;
      const key = first?.key.kind === 'scalar' ? first.key.value : '';
      report.add(itemUnknown.at(placeOf(context), nearestName(key, kinds)));
    }
  }
  if (kind !== undefined) warnOfUnknownKeys(item, kind, root, report);
}

function warnOfUnknownKeys(item: YamlMapping, kind: string, root: Context, report: Report): void {
  const known = itemKeys[kind];
  for (const { key } of item.entries) {
    const name = key.kind === 'scalar' ? key.value : '';
    if (known === undefined || known.has(name)) continue;
    const named = valueAt(item, kind);
    const itemName = named?.kind === 'scalar' ? named.value : '';
    const context = contextOf(root, contextKindOf(kind), itemName, item);
    const place = { ...placeOf(context), span: root.file.spanOf(key.start, key.end) };
    report.add(keyUnknown.at(place, name, nearestName(name, known)));
  }
}

function contextKindOf(kind: string): Context['kind'] {
  switch (kind) {
    case 'list':
    case 'macro':
    case 'rule':
    case 'required_engine_version':
      return kind;
    default:
      return 'required plugin versions';
  }
}

function readList(item: YamlMapping, root: Context, collector: Collector, report: Report): void {
  const unnamed = contextOf(root, 'list', '', item);
  const name = decodeScalar(item, 'list', unnamed, report);
  if (name === undefined) return;
  const context = { ...unnamed, name: name.value };
  if (!/^[^()"'\s=,]+$/.test(name.value)) report.add(listNameInvalid.at(placeOf(context), name.value));
  const items = decodeSequence(item, 'items', context, report);
  const isAppending = items.isOk && readAppending(item, 'items', context, report);
  if (!items.isOk || isAppending === undefined) {
    collector.unreadable.add(name.value);
    return;
  }
  const list = { name: name.value, context, items: items.value };
  if (isAppending) collector.appendList(list);
  else collector.defineList(list);
}

function readMacro(item: YamlMapping, root: Context, collector: Collector, report: Report): void {
  const unnamed = contextOf(root, 'macro', '', item);
  const name = decodeScalar(item, 'macro', unnamed, report);
  if (name === undefined) return;
  const context = { ...unnamed, name: name.value };
  if (!/^[a-zA-Z]+[a-zA-Z0-9_]*$/.test(name.value)) {
    report.add(macroNameInvalid.at(placeOf(context), name.value));
  }
  const condition = readText(item, 'condition', 'macro condition', context, report);
  const isAppending = condition && readAppending(item, 'condition', context, report);
  if (condition === undefined || isAppending === undefined) {
    collector.unreadable.add(name.value);
    return;
  }
  const macro = { name: name.value, context, condition };
  if (isAppending) collector.appendMacro(macro);
  else collector.defineMacro(macro);
}

/** Whether a list or macro appends to its predecessor; `undefined` when that cannot be told. */
function readAppending(
  item: YamlMapping,
  key: string,
  context: Context,
  report: Report,
): boolean | undefined {
  const append = decodeOptionalBoolean(item, 'append', false, context, report);
  if (!append.isOk) return undefined;
  if (append.value) report.add(appendDeprecated.at(placeOf(context)));
  const overrides = readOverrides(item, { appendable: [key], replaceable: [key] }, context, report);
  if (!overrides.isOk) return undefined;
  const { value } = overrides;
  if (append.value && (value.append.size > 0 || value.replace.size > 0)) {
    report.add(overrideWithAppend.at(placeOf(context)));
    return undefined;
  }
  return append.value || value.append.has(key);
}
