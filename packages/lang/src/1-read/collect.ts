/** Lists and macros as they stand after all items so far. Redefinition keeps the index and moves the visibility. */

import { nearestName } from '@peregrine/base';
import { appendWithoutTarget } from '../diagnostics/semantics.ts';
import type { ExceptionChecker } from './check-exceptions.ts';
import { RuleCollector } from './collect-rules.ts';
import { type Context, placeOf, type Report } from './context.ts';
import type { ListItem, MacroItem, PluginRequirement, TextPiece } from './items.ts';
import type { SourceFile } from './source-file.ts';
import type { YamlScalar } from './yaml-node.ts';

export interface CollectedList {
  readonly name: string;
  readonly context: Context;
  readonly index: number;
  readonly visibility: number;
  readonly items: readonly YamlScalar[];
  readonly lastFile: SourceFile;
}

export interface CollectedMacro {
  readonly name: string;
  readonly context: Context;
  readonly index: number;
  readonly visibility: number;
  /** Joined by blanks. */
  readonly conditions: readonly TextPiece[];
  readonly lastFile: SourceFile;
}

export class Collector {
  readonly lists = new Map<string, CollectedList>();
  readonly macros = new Map<string, CollectedMacro>();
  readonly rules: RuleCollector;
  readonly pluginRequirements: PluginRequirement[] = [];
  readonly engineVersions: string[] = [];
  /** Names of macros whose items could not be read: that they are missing is no news. */
  readonly unreadable = new Set<string>();
  readonly #report: Report;
  #index = 0;

  constructor(checker: ExceptionChecker, report: Report) {
    this.#report = report;
    this.rules = new RuleCollector(checker, report, () => this.#index++);
  }

  defineList(item: ListItem): void {
    const index = this.#index++;
    const previous = this.lists.get(item.name);
    this.lists.set(item.name, {
      ...item,
      index: previous?.index ?? index,
      visibility: index,
      lastFile: item.context.file,
    });
  }

  appendList(item: ListItem): void {
    const previous = this.lists.get(item.name);
    if (previous === undefined) {
      this.#reportMissing('list', item.name, item.context, this.lists.keys());
      return;
    }
    const items = [...previous.items, ...item.items];
    this.lists.set(item.name, { ...previous, items, visibility: this.#index++, lastFile: item.context.file });
  }

  defineMacro(item: MacroItem): void {
    const index = this.#index++;
    const previous = this.macros.get(item.name);
    this.macros.set(item.name, {
      name: item.name,
      context: item.context,
      index: previous?.index ?? index,
      visibility: index,
      conditions: [item.condition],
      lastFile: item.context.file,
    });
  }

  appendMacro(item: MacroItem): void {
    const previous = this.macros.get(item.name);
    if (previous === undefined) {
      this.#reportMissing('macro', item.name, item.context, this.macros.keys());
      return;
    }
    this.macros.set(item.name, {
      ...previous,
      conditions: [...previous.conditions, item.condition],
      visibility: this.#index++,
      lastFile: item.context.file,
    });
  }

  #reportMissing(kind: string, name: string, context: Context, names: Iterable<string>): void {
    if (this.unreadable.has(name)) return;
    this.#report.add(appendWithoutTarget.at(placeOf(context), kind, name, nearestName(name, names)));
  }
}
