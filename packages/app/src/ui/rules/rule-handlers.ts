/** Answers about rules: what there is, what it found, and changes to it. */

import { priorities } from '@peregrine/alert';
import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { LanguageFacts, Rule } from '@peregrine/api/contract';
import { flatDiagnostic } from '@peregrine/lang';
import type { AlertFilter, AlertStore, RulesVersions } from '@peregrine/store';
import { filterFrom } from '../filter-query.ts';
import { timeText } from '../shapes.ts';
import { listCaptures, tryOnCapture } from './captures.ts';
import { factsOf } from './language-facts.ts';
import { ManagedFileError, withRuleEnabled } from './managed-file.ts';
import { partsOf } from './parts-of.ts';
import { diagnosticsOf, type KnownRule, MANAGED_NAME, type RuleBook } from './rule-book.ts';
import type { RuleChanges } from './rule-changes.ts';
import type { SensorPort } from './sensor-port.ts';
import { tryRule } from './try-rule.ts';

export interface RuleHandlerOptions {
  readonly store: AlertStore;
  readonly book: RuleBook;
  readonly changes: RuleChanges;
  readonly versions: RulesVersions;
  readonly sensor: SensorPort | undefined;
  readonly managedPath: string;
  /** Folder of recordings; empty, of those that come along. */
  readonly captureFolder: string;
  readonly nowMs: () => number;
}

type Names =
  | 'listRules'
  | 'getRule'
  | 'setRuleEnabled'
  | 'listRulesFiles'
  | 'saveRulesFile'
  | 'listRulesVersions'
  | 'getRulesVersion'
  | 'checkRules'
  | 'tryRules'
  | 'listCaptures'
  | 'tryRulesOnCapture'
  | 'languageFacts';

/** Rules that the store is asked for by name. */
const MOST_RULES = 10_000;
/** When rules fired last is asked anew after so long, milliseconds. */
const LAST_TIMES_MS = 15_000;

export function createRuleHandlers(options: RuleHandlerOptions): Pick<ApiHandlers, Names> {
  const { store, book, changes, versions, sensor, nowMs } = options;
  const lastTimes = createLastTimes(store, nowMs);
  let isTrying = false;
  let facts: LanguageFacts | undefined;

  async function countsOf(filter: AlertFilter, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const { values } = await store.countBy(filter, 'rule', MOST_RULES, signal);
    return new Map(values.map(({ value, count }) => [value, count]));
  }

  return {
    listRules: async ({ query, signal }) => {
      const filter = filterFrom({ since: query.since ?? '7d' }, nowMs());
      const expected = { ...filter, where: [{ field: 'state', values: ['expected'], isNegated: false }] };
      const [counts, expectedCounts, times, matches] = await Promise.all([
        countsOf(filter, signal),
        countsOf(expected, signal),
        lastTimes(),
        matchesOf(sensor),
      ]);
      return {
        rules: [...book.state.rules.values()].map((rule) => {
          const { name } = rule.definition;
          const last = times.get(name);
          return {
            ...ruleShape(rule),
            alertCount: counts.get(name) ?? 0,
            expectedCount: expectedCounts.get(name) ?? 0,
            lastTime: last === undefined ? null : timeText(last),
            matchCount: matches === undefined ? null : (matches.get(name) ?? 0),
          };
        }),
      };
    },
    getRule: async ({ params, query, signal }) => {
      const name = params.name ?? '';
      const rule = book.state.rules.get(name);
      if (rule === undefined) throw new ApiError(404, 'no-rule', `there is no rule \`${name}\``);
      const filter = filterFrom({ since: query.since ?? '7d' }, nowMs());
      const where = [{ field: 'rule', values: [name], isNegated: false }];
      const expected = [...where, { field: 'state', values: ['expected'], isNegated: false }];
      const [alertCount, expectedCount, latest, matches] = await Promise.all([
        store.count({ ...filter, where }, signal),
        store.count({ ...filter, where: expected }, signal),
        store.search({ where }, { limit: 1 }, signal),
        matchesOf(sensor),
      ]);
      const [last] = latest.alerts;
      return {
        ...ruleShape(rule),
        ...{ alertCount, expectedCount },
        parts: partsOf(rule.definition.writtenCondition, book.state.setup.loaded),
        exceptionDetails: rule.definition.exceptions.map(({ name, fields, operators, rows }) => ({
          name,
          fields: [...fields],
          comps: [...operators],
          values: rows.map((row) => [...row]),
        })),
        lastTime: last === undefined ? null : timeText(last.alert.timeNs),
        matchCount: matches === undefined ? null : (matches.get(name) ?? 0),
      };
    },
    setRuleEnabled: async ({ params, body, caller }) => {
      const name = params.name ?? '';
      if (!book.state.rules.has(name)) throw new ApiError(404, 'no-rule', `there is no rule \`${name}\``);
      const { isEnabled } = body;
      const saved = await changes.change({
        caller,
        comment: `${isEnabled ? 'On' : 'Off'}: ${name}`,
        edit: edited((text) => withRuleEnabled(text, name, isEnabled)),
        accept: (state) => {
          if (state.rules.get(name)?.isEnabled === isEnabled) return;
          throw new ApiError(
            409,
            'rule-fixed',
            `the configuration turns \`${name}\` ${isEnabled ? 'off' : 'on'}`,
            {
              hint: 'see `rules` in the configuration of the sensor',
            },
          );
        },
      });
      return saved;
    },
    listRulesFiles: async ({ caller }) => {
      const version = await changes.currentVersion();
      const refusal = changes.refusalFor(caller);
      const { files } = book.state;
      const others = files.filter(({ name }) => name !== MANAGED_NAME);
      return {
        files: [
          ...others.map(({ name, text }) => ({ name, text, isEditable: false, version: 0 })),
          { name: MANAGED_NAME, text: book.managedText(), isEditable: true, version },
        ],
        changes: {
          isAllowed: refusal === undefined,
          reason: refusal === undefined ? null : `${refusal.message}: ${refusal.hint}`,
          isLive: book.hasSensor,
          isInUse: changes.isInUse ?? null,
          file: options.managedPath,
        },
      };
    },
    saveRulesFile: async ({ params, body, caller }) => {
      if (params.name !== MANAGED_NAME)
        throw new ApiError(403, 'rules-locked', 'that file is not changed from here', {
          hint: `\`${MANAGED_NAME}\` is read after all others, and can override what they say`,
        });
      const { text, version, comment = '' } = body;
      return changes.change({ caller, comment, base: version, edit: () => text });
    },
    listRulesVersions: async ({ params }) => {
      if (params.name !== MANAGED_NAME) return { versions: [] };
      const current = await changes.currentVersion();
      const known = await versions.of(MANAGED_NAME);
      return {
        versions: known.map(({ version, timeMs, user, comment }) => ({
          ...{ version, user, comment },
          time: new Date(timeMs).toISOString(),
          isInUse: version === current,
        })),
      };
    },
    getRulesVersion: async ({ params }) => {
      const version = Number(params.version);
      const known =
        params.name === MANAGED_NAME && Number.isSafeInteger(version)
          ? await versions.get(MANAGED_NAME, version)
          : undefined;
      if (known === undefined) throw new ApiError(404, 'no-version', 'there is no such version');
      return { version: known.version, text: known.text };
    },
    checkRules: async ({ body }) => {
      const state = book.stateWith(body.name, body.text);
      return {
        isUsable: state.setup.report.isUsable,
        findings: diagnosticsOf(state).map(flatDiagnostic),
      };
    },
    tryRules: async ({ body, signal }) => {
      const state = book.stateWith(body.name, body.text);
      const rule = state.rules.get(body.rule);
      const findings = diagnosticsOf(state).map(flatDiagnostic);
      if (rule === undefined) throw new ApiError(404, 'no-rule', `there is no rule \`${body.rule}\``);
      if (rule.checked === undefined)
        return {
          ...{ findings, examined: 0, matches: 0, unknown: 0, samples: [] },
          ...{ missingFields: [], isComplete: true },
        };
      const filter = filterFrom(body.filter ?? {}, nowMs());
      return { findings, ...(await tryRule(rule.checked, store, filter, signal)) };
    },
    listCaptures: async () => ({
      captures: listCaptures(options.captureFolder).map(({ name, sizeBytes, modifiedMs }) => ({
        ...{ name, sizeBytes },
        time: new Date(modifiedMs).toISOString(),
      })),
    }),
    tryRulesOnCapture: async ({ body, signal }) => {
      const { name, text, rule, capture } = body;
      const wanted = listCaptures(options.captureFolder).find((one) => one.name === capture);
      if (wanted === undefined) throw new ApiError(404, 'no-capture', 'there is no such recording');
      const state = book.stateWith(name, text);
      const findings = diagnosticsOf(state).map(flatDiagnostic);
      if (!state.setup.report.isUsable)
        throw new ApiError(422, 'bad-rules', findings[0]?.message ?? 'the rules cannot be used');
      if (rule !== undefined && !state.rules.has(rule))
        throw new ApiError(404, 'no-rule', `there is no rule \`${rule}\``);
      if (isTrying)
        throw new ApiError(429, 'capture-busy', 'another recording is being tried', {
          retryAfterSeconds: 10,
        });
      isTrying = true;
      try {
        const on =
          rule === undefined ? [] : [{ name: 'this-one.yaml', text: withRuleEnabled('', rule, true) }];
        const config = { ...book.config, rule_matching: 'all' as const };
        const setup = { config, ruleFiles: [...state.files, ...on] };
        const { samples, counts, ...tried } = await tryOnCapture({ setup, path: wanted.path, rule }, signal);
        return {
          ...{ ...tried, findings },
          counts: [...counts],
          samples: samples.map(({ timeNs, ...sample }) => ({ ...sample, time: timeText(timeNs) })),
        };
      } finally {
        isTrying = false;
      }
    },
    languageFacts: async () => {
      facts ??= factsOf(book.catalogue);
      return facts;
    },
  };
}

/** What cannot be changed in the file is told as what is wrong with the request. */
export function edited(edit: (text: string) => string): (text: string) => string {
  return (text) => {
    try {
      return edit(text);
    } catch (error) {
      if (error instanceof ManagedFileError)
        throw new ApiError(409, 'rules-file', error.message, { hint: `look at \`${MANAGED_NAME}\`` });
      throw error;
    }
  };
}

function ruleShape({
  definition,
  checked,
  isEnabled,
  yaml,
}: KnownRule): Omit<Rule, 'alertCount' | 'expectedCount' | 'lastTime' | 'matchCount'> {
  const { name, span, source, writtenCondition, exceptions } = definition;
  return {
    ...{ name, source, isEnabled },
    desc: checked?.description ?? '',
    condition: writtenCondition,
    output: checked?.outputText ?? '',
    priority: priorities[checked?.priority ?? 7] ?? 'Debug',
    tags: [...(checked?.tags ?? [])],
    file: span.file,
    line: span.start.line,
    text: yaml,
    exceptions: exceptions.map((exception) => exception.name),
  };
}

/** `undefined`: there is no sensor, or it does not answer. */
async function matchesOf(sensor: SensorPort | undefined): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const measured = await sensor?.measure();
    return measured && new Map(measured.matches.map(({ rule, count }) => [rule, count]));
  } catch {
    return undefined;
  }
}

/** When each rule that the store knows fired last; the same question asked soon again gets the same answer. */
function createLastTimes(store: AlertStore, nowMs: () => number): () => Promise<ReadonlyMap<string, bigint>> {
  let latest: { readonly atMs: number; readonly times: Promise<ReadonlyMap<string, bigint>> } | undefined;
  async function read(): Promise<ReadonlyMap<string, bigint>> {
    const times = new Map<string, bigint>();
    const { values } = await store.countBy({}, 'rule', MOST_RULES);
    for (const { value } of values) {
      const where = [{ field: 'rule', values: [value], isNegated: false }];
      const [last] = (await store.search({ where }, { limit: 1 })).alerts;
      if (last !== undefined) times.set(value, last.alert.timeNs);
    }
    return times;
  }
  return () => {
    if (latest === undefined || nowMs() - latest.atMs > LAST_TIMES_MS) {
      const times = read();
      latest = { atMs: nowMs(), times };
      times.catch(() => {
        latest = undefined;
      });
    }
    return latest.times;
  };
}
