/**
 * The rules that alerts come from, as far as they are known here: those of the sensor in this process, or else those of the
 * configuration of the hub. Read anew when the files have changed; what was worked out is kept for as long as they have not.
 */

import { readFileSync } from 'node:fs';
import type { Diagnostic } from '@peregrine/base';
import type { CheckedRule, RuleDefinition } from '@peregrine/lang';
import type { Config } from '../../config/config.ts';
import { disk } from '../../config/disk.ts';
import { loadConfig } from '../../config/load-config.ts';
import { shippedRules } from '../../detection/setup.ts';
import { type AppCatalogue, createCatalogue } from '../../rules/catalogue.ts';
import { loadSetupRules, type SetupRules } from '../../rules/load-rules.ts';
import { type RuleFile, readRuleFiles } from '../../rules/rule-files.ts';
import type { SensorPort } from './sensor-port.ts';

/** What the file of changes is called by those who do not need to know where it is. */
export const MANAGED_NAME = 'web-rules.yaml';

export interface RuleBookOptions {
  /** Path of the file that is changed from the web interface; it need not be there. */
  readonly managedPath: string;
  readonly sensor: SensorPort | undefined;
  /** Rules files or folders where there is no sensor; empty, the rules that come along. */
  readonly paths: readonly string[];
}

export interface KnownRule {
  readonly definition: RuleDefinition;
  /** `undefined`: it has errors. */
  readonly checked: CheckedRule<never> | undefined;
  readonly isEnabled: boolean;
  /** Of its definition. */
  readonly yaml: string;
}

export interface BookState {
  /** In order, the file of changes last and under the name `MANAGED_NAME`. */
  readonly files: readonly RuleFile[];
  readonly setup: SetupRules<never>;
  readonly rules: ReadonlyMap<string, KnownRule>;
  /** Names of lists. */
  readonly lists: ReadonlySet<string>;
}

export class RuleBook {
  readonly #options: RuleBookOptions;
  readonly #config: () => Config;
  #catalogue: { readonly of: Config; readonly catalogue: AppCatalogue } | undefined;
  #state: (BookState & { readonly of: Config }) | undefined;

  private constructor(options: RuleBookOptions, config: () => Config) {
    this.#options = options;
    this.#config = config;
  }

  static async open(options: RuleBookOptions): Promise<RuleBook> {
    const { sensor } = options;
    if (sensor !== undefined) return new RuleBook(options, () => sensor.config());
    const { config } = await loadConfig({ file: undefined, overrides: [], environment: {}, files: disk });
    if (config === undefined) throw new Error('the defaults of the configuration are wrong');
    return new RuleBook(options, () => config);
  }

  get hasSensor(): boolean {
    return this.#options.sensor !== undefined;
  }

  get config(): Config {
    return this.#config();
  }

  get catalogue(): AppCatalogue {
    const config = this.#config();
    if (this.#catalogue?.of !== config) this.#catalogue = { of: config, catalogue: createCatalogue(config) };
    return this.#catalogue.catalogue;
  }

  /** As they are now. */
  get state(): BookState {
    const files = this.#readFiles();
    const config = this.#config();
    const known = this.#state;
    if (known !== undefined && known.of === config && isSameFiles(known.files, files)) return known;
    this.#state = { ...this.stateOf(files), of: config };
    return this.#state;
  }

  /** With a text in place of that of the file of that name, or behind all others. */
  stateWith(name: string, text: string): BookState {
    const { files } = this.state;
    const changed = files.some((file) => file.name === name)
      ? files.map((file) => (file.name === name ? { name, text } : file))
      : [...files, { name, text }];
    return this.stateOf(changed);
  }

  stateOf(files: readonly RuleFile[]): BookState {
    const setup = loadSetupRules(files, this.#config(), this.catalogue);
    const { loaded } = setup;
    const checked = new Map(loaded.rules.map((rule) => [rule.name, rule]));
    const selected = new Map((setup.rules ?? loaded.rules).map((rule) => [rule.name, rule.isEnabled]));
    const texts = new Map(files.map(({ name, text }) => [name, text]));
    const rules = new Map<string, KnownRule>();
    for (const definition of loaded.definitions) {
      const { name, span } = definition;
      const text = texts.get(span.file) ?? '';
      rules.set(name, {
        definition,
        checked: checked.get(name),
        isEnabled: selected.get(name) ?? false,
        yaml: text.slice(span.start.offset - (span.start.column - 1), span.end.offset).trimEnd(),
      });
    }
    return { files, setup, rules, lists: new Set(loaded.lists.map(({ name }) => name)) };
  }

  /** Empty where there is none. */
  managedText(): string {
    try {
      return readFileSync(this.#options.managedPath, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    }
  }

  #readFiles(): readonly RuleFile[] {
    const { sensor, paths, managedPath } = this.#options;
    const files =
      sensor?.ruleFiles() ??
      readRuleFiles(paths.length === 0 ? [shippedRules] : paths, 'configuration', disk).files;
    const others = files.filter(({ name }) => name !== managedPath);
    const text = this.managedText();
    return text === '' ? others : [...others, { name: MANAGED_NAME, text }];
  }
}

function isSameFiles(a: readonly RuleFile[], b: readonly RuleFile[]): boolean {
  return a.length === b.length && a.every(({ name, text }, i) => name === b[i]?.name && text === b[i]?.text);
}

/** Everything that is wrong, as the API tells it. */
export function diagnosticsOf({ setup }: BookState): readonly Diagnostic[] {
  return setup.report.files.flatMap(({ diagnostics }) => diagnostics);
}
