/** A `rule` item: a definition, an update of an earlier rule (append, override), or its switch. */

import { nearestName } from '@peregrine/base';
import { appendWithoutContent } from '../diagnostics/semantics.ts';
import {
  kernelResponseUnknown,
  overrideWithAppend,
  overrideWithoutValue,
  priorityUnknown,
  valueWithoutOverride,
} from '../diagnostics/structure.ts';
import { appendDeprecated, enabledAloneDeprecated } from '../diagnostics/warnings.ts';
import type { RuleCollector } from './collect-rules.ts';
import { type Context, type ContextKind, contextOf, placeOf, type Report } from './context.ts';
import {
  type Decoded,
  decodeBoolean,
  decoded,
  decodeOptionalBoolean,
  decodeScalar,
  decodeSequence,
  decodeUnsigned,
  failed,
  isLeftOut,
} from './decode.ts';
import type { KernelResponse, RuleItem, RuleUpdate, TextPiece } from './items.ts';
import { parsePriority, priorityNames } from './priority.ts';
import { readExceptions } from './read-exceptions.ts';
import { type Overrides, readOverrides } from './read-overrides.ts';
import { isNullNode, valueAt, type YamlMapping } from './yaml-node.ts';

const appendable: readonly string[] = ['condition', 'output', 'desc', 'tags', 'exceptions'];
const replaceable: readonly string[] = [
  'condition',
  'output',
  'desc',
  'priority',
  'capture',
  'capture_duration',
  'tags',
  'exceptions',
  'enabled',
  'warn_evttypes',
  'skip-if-unknown-filter',
];

export function readRule(item: YamlMapping, parent: Context, collector: RuleCollector, report: Report): void {
  const unnamed = contextOf(parent, 'rule', '', item);
  const name = decodeScalar(item, 'rule', unnamed, report);
  if (name === undefined) return;
  const context = { ...unnamed, name: name.value };
  if (!readNamed(item, name.value, context, collector, report)) collector.markUnreadable(name.value);
}

function readNamed(
  item: YamlMapping,
  name: string,
  context: Context,
  collector: RuleCollector,
  report: Report,
): boolean {
  const append = decodeOptionalBoolean(item, 'append', false, context, report);
  if (!append.isOk) return false;
  if (append.value) report.add(appendDeprecated.at(placeOf(context)));
  const overrides = readOverrides(item, { appendable, replaceable }, context, report);
  if (!overrides.isOk) return false;
  const isOverriding = overrides.value.append.size > 0 || overrides.value.replace.size > 0;
  if (isOverriding && append.value) {
    report.add(overrideWithAppend.at(placeOf(context)));
    return false;
  }
  if (isOverriding) return readOverriding(item, name, overrides.value, context, collector, report);
  if (append.value) return readAppending(item, name, context, collector, report);
  const isSwitch = ['condition', 'output', 'desc', 'priority'].every(
    (key) => valueAt(item, key) === undefined,
  );
  if (!isSwitch) {
    const rule = readDefinition(item, name, context, report);
    return rule !== undefined && collector.define(rule);
  }
  const isEnabled = decodeBoolean(item, 'enabled', context, report);
  if (!isEnabled.isOk) return false;
  report.add(enabledAloneDeprecated.at(placeOf(context)));
  return collector.enable(name, isEnabled.value, context);
}

/** A rule with a wrong key is kept with that key's default, so that the rest of it is checked as well. */
function readDefinition(
  item: YamlMapping,
  name: string,
  context: Context,
  report: Report,
): RuleItem | undefined {
  const condition = readText(item, 'condition', 'rule condition', context, report);
  const output = readText(item, 'output', 'rule output', context, report);
  const description = decodeScalar(item, 'desc', context, report);
  const priority = readPriority(item, context, report);
  const source = readSource(item, context, report);
  const isEnabled = decodeOptionalBoolean(item, 'enabled', true, context, report);
  const capture = decodeOptionalBoolean(item, 'capture', false, context, report);
  const captureDurationMs = readCaptureDuration(item, context, report);
  const kernelResponse = readKernelResponse(item, context, report);
  const warnsOfEventTypes = decodeOptionalBoolean(item, 'warn_evttypes', true, context, report);
  const skips = decodeOptionalBoolean(item, 'skip-if-unknown-filter', false, context, report);
  const tags = readTags(item, context, report);
  const exceptions = readExceptions(item, context, false, report);
  if (condition === undefined || output === undefined || !source.isOk) return undefined;
  return {
    name,
    context,
    condition,
    output: { ...output, text: output.text.trim() },
    description: description?.value ?? '',
    priority: priority.isOk ? priority.value : priorityNames.length - 1,
    source: source.value,
    isEnabled: !isEnabled.isOk || isEnabled.value,
    warnsOfEventTypes: !warnsOfEventTypes.isOk || warnsOfEventTypes.value,
    skipsIfUnknownFilter: skips.isOk && skips.value,
    capture: capture.isOk && capture.value,
    captureDurationMs: captureDurationMs.isOk ? captureDurationMs.value : 0,
    kernelResponse,
    tags: tags.isOk ? tags.value : [],
    exceptions: exceptions.isOk ? exceptions.value : [],
  };
}

function readAppending(
  item: YamlMapping,
  name: string,
  context: Context,
  collector: RuleCollector,
  report: Report,
): boolean {
  const hasCondition = valueAt(item, 'condition') !== undefined;
  const condition = hasCondition ? readText(item, 'condition', 'rule condition', context, report) : undefined;
  if (hasCondition && condition === undefined) return false;
  const exceptions = readExceptions(item, context, true, report);
  if (!exceptions.isOk) return false;
  const source = readSource(item, context, report);
  if (!source.isOk || !collector.canAppend(name, context, source.value)) return false;
  if (condition === undefined && exceptions.value.length === 0) {
    report.add(appendWithoutContent.at(placeOf(context)));
    return false;
  }
  return collector.append({ name, context, condition, exceptions: exceptions.value });
}

function readOverriding(
  item: YamlMapping,
  name: string,
  overrides: Overrides,
  context: Context,
  collector: RuleCollector,
  report: Report,
): boolean {
  for (const key of replaceable) {
    const value = valueAt(item, key);
    if (value === undefined || overrides.append.has(key) || overrides.replace.has(key)) continue;
    report.add(valueWithoutOverride.at(placeOf(contextOf(context, 'overrides', key, value)), key));
    return false;
  }
  const source = readSource(item, context, report);
  if (!source.isOk) return false;
  if (overrides.append.size > 0) {
    const update = readUpdate(item, name, overrides.append, 'append', context, report);
    if (update === undefined || !collector.canAppend(name, context, source.value)) return false;
    if (!collector.append(update)) return false;
  }
  if (overrides.replace.size > 0) {
    const update = readUpdate(item, name, overrides.replace, 'replace', context, report);
    if (update === undefined || !collector.replace({ ...update, source: source.value })) return false;
  }
  return true;
}

function readUpdate(
  item: YamlMapping,
  name: string,
  keys: ReadonlySet<string>,
  operation: 'append' | 'replace',
  context: Context,
  report: Report,
): RuleUpdate | undefined {
  for (const key of replaceable) {
    if (!keys.has(key) || valueAt(item, key) !== undefined) continue;
    report.add(overrideWithoutValue.at(placeOf(context), key, operation));
    return undefined;
  }
  let update: RuleUpdate = { name, context };
  for (const key of replaceable) {
    if (!keys.has(key)) continue;
    const part = readPart(item, key, operation, context, report);
    if (!part.isOk) return undefined;
    update = { ...update, ...part.value };
  }
  return update;
}

function readPart(
  item: YamlMapping,
  key: string,
  operation: 'append' | 'replace',
  context: Context,
  report: Report,
): Decoded<Partial<RuleUpdate>> {
  switch (key) {
    case 'condition': {
      const condition = readText(item, key, 'rule condition', context, report);
      return condition === undefined ? failed : decoded({ condition });
    }
    case 'output': {
      const output = readText(item, key, 'rule output', context, report);
      return output === undefined ? failed : decoded({ output: { ...output, text: output.text.trim() } });
    }
    case 'desc': {
      const description = decodeScalar(item, key, context, report);
      return description === undefined ? failed : decoded({ description: description.value });
    }
    case 'tags':
      return mapDecoded(readTags(item, context, report), (tags) => ({ tags }));
    case 'exceptions':
      return mapDecoded(readExceptions(item, context, operation === 'append', report), (exceptions) => ({
        exceptions,
      }));
    case 'priority':
      return mapDecoded(readPriority(item, context, report), (priority) => ({ priority }));
    case 'capture':
      return mapDecoded(decodeBoolean(item, key, context, report), (capture) => ({ capture }));
    case 'capture_duration':
      return mapDecoded(readCaptureDuration(item, context, report), (captureDurationMs) => ({
        captureDurationMs,
      }));
    case 'enabled':
      return mapDecoded(decodeBoolean(item, key, context, report), (isEnabled) => ({ isEnabled }));
    case 'warn_evttypes':
      return mapDecoded(decodeBoolean(item, key, context, report), (warnsOfEventTypes) => ({
        warnsOfEventTypes,
      }));
    default:
      return mapDecoded(decodeBoolean(item, key, context, report), (skipsIfUnknownFilter) => ({
        skipsIfUnknownFilter,
      }));
  }
}

function mapDecoded<T, U>(value: Decoded<T>, map: (value: T) => U): Decoded<U> {
  return value.isOk ? decoded(map(value.value)) : failed;
}

/** A scalar with its place, as conditions and outputs are kept. */
export function readText(
  item: YamlMapping,
  key: string,
  kind: ContextKind,
  parent: Context,
  report: Report,
): TextPiece | undefined {
  const node = decodeScalar(item, key, parent, report);
  return node && { text: node.value, context: contextOf(parent, kind, '', node), node };
}

function readSource(item: YamlMapping, context: Context, report: Report): Decoded<string | undefined> {
  if (isLeftOut(item, 'source')) return decoded(undefined);
  const source = decodeScalar(item, 'source', context, report);
  return source === undefined ? failed : decoded(source.value);
}

function readPriority(item: YamlMapping, context: Context, report: Report): Decoded<number> {
  const node = decodeScalar(item, 'priority', context, report);
  if (node === undefined) return failed;
  const priority = parsePriority(node.value);
  if (priority !== undefined) return decoded(priority);
  const inner = contextOf(context, 'rule priority', '', node);
  report.add(
    priorityUnknown.at(
      placeOf(inner),
      node.value,
      nearestName(node.value.toLowerCase(), [...priorityNames, 'info']),
    ),
  );
  return failed;
}

function readCaptureDuration(item: YamlMapping, context: Context, report: Report): Decoded<number> {
  return isLeftOut(item, 'capture_duration')
    ? decoded(0)
    : decodeUnsigned(item, 'capture_duration', context, report);
}

/** Not in the reference, which warns of the key and goes on. */
function readKernelResponse(item: YamlMapping, context: Context, report: Report): KernelResponse | undefined {
  if (isLeftOut(item, 'kernel_response')) return undefined;
  const node = decodeScalar(item, 'kernel_response', context, report);
  if (node === undefined) return undefined;
  const place = placeOf(contextOf(context, 'value for', 'kernel_response', node));
  if (node.value === 'kill') return { kind: 'kill', place };
  report.add(kernelResponseUnknown.at(place, node.value));
  return undefined;
}

function readTags(item: YamlMapping, context: Context, report: Report): Decoded<readonly string[]> {
  const node = valueAt(item, 'tags');
  if (node === undefined || isNullNode(node)) return decoded([]);
  const tags = decodeSequence(item, 'tags', context, report);
  return tags.isOk ? decoded(sortedUnique(tags.value.map(({ value }) => value))) : failed;
}

export function sortedUnique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
