/**
 * Puts lists into condition text: textually, before parsing, wherever a list's name stands between delimiters.
 *
 * COMPAT: as the reference does (Falco 0.45, rule_loader_compiler.cpp): lists apply in the order of their definition,
 * so that text put in by one is open to later ones only; blanks around a name become one; an empty list takes one
 * comma with it. Instead of going over the text once for each list, words are looked up and what a list stands for is
 * worked out once, which comes to the same.
 */

import type { CollectedList } from './collect.ts';

/** A stretch of expanded text that stands for `text[from]` on. `isExact`: char by char; else for a list's name. */
export interface Segment {
  readonly start: number;
  readonly from: number;
  readonly isExact: boolean;
}

/** Longer text is taken for an expansion bomb. */
export const maxExpandedLength = 16 * 1024 * 1024;

interface Expansion {
  readonly index: number;
  readonly name: string;
  readonly raw: string;
  /** `raw` with the lists after this one put in; worked out when first needed. */
  text: string | undefined;
}

const BLANK = 1;
const DELIMITER = 2;
const classes = new Uint8Array(128);
for (const char of ' \t\n\r') classes[char.charCodeAt(0)] = BLANK | DELIMITER;
for (const char of '(),=') classes[char.charCodeAt(0)] = DELIMITER;

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (classes[code] ?? 0) : 0;
}

export class ListExpander {
  /** Names of lists that stand in some condition or other list. */
  readonly used = new Set<string>();
  /** Items of each list, lists among them replaced by theirs. */
  readonly items = new Map<string, readonly string[]>();
  readonly #expansions = new Map<string, Expansion>();
  /** Lists whose names have delimiters in them, which no word lookup finds. */
  readonly #oddNames: boolean;

  constructor(lists: ReadonlyMap<string, CollectedList>) {
    const sorted = [...lists.values()].sort((a, b) => a.index - b.index);
    let hasOddNames = false;
    for (const list of sorted) {
      const items: string[] = [];
      for (const { value } of list.items) {
        const other = lists.get(value);
        if (other !== undefined && other.index < list.visibility) {
          this.used.add(value);
          for (const item of other.items) items.push(quoteItem(item.value));
        } else {
          items.push(quoteItem(value));
        }
      }
      this.items.set(list.name, items);
      const raw = items.join(', ');
      this.#expansions.set(list.name, { index: list.index, name: list.name, raw, text: undefined });
      for (let at = 0; at < list.name.length; at++) if (classOf(list.name, at) !== 0) hasOddNames = true;
    }
    this.#oddNames = hasOddNames;
  }

  /** `undefined` when the text would get too long. `segments` receives where its parts come from. */
  expand(text: string, segments?: Segment[]): string | undefined {
    if (this.#oddNames) {
      segments?.push({ start: 0, from: 0, isExact: false });
      return this.#expandOneByOne(text, -1);
    }
    return this.#expandWords(text, -1, segments);
  }

  #expandWords(text: string, after: number, segments?: Segment[]): string | undefined {
    let result = '';
    let copied = 0;
    let at = 0;
    let isBehindEmpty = false;
    const { length } = text;
    while (at < length) {
      while (at < length && classOf(text, at) !== 0) at++;
      const start = at;
      while (at < length && classOf(text, at) === 0) at++;
      if (at === start) break;
      const expansion = this.#expansions.get(text.slice(start, at));
      if (expansion === undefined || expansion.index <= after) continue;
      this.used.add(expansion.name);
      const inner = this.#textOf(expansion);
      if (inner === undefined) return undefined;
      let before = start;
      while (before > copied && (classOf(text, before - 1) & BLANK) !== 0) before--;
      if (inner === '' && isBehindEmpty && before === copied) {
        // Which of two empty lists side by side takes a comma, their order of definition decides.
        segments?.splice(0, segments.length, { start: 0, from: 0, isExact: false });
        return this.#expandOneByOne(text, after);
      }
      isBehindEmpty = inner === '';
      if (before > copied) {
        segments?.push({ start: result.length, from: copied, isExact: true });
        result += text.slice(copied, before);
      }
      let end = at;
      while (end < length && (classOf(text, end) & BLANK) !== 0) end++;
      if (inner === '') {
        if (result.endsWith(',')) result = result.slice(0, -1);
        else if (text.charCodeAt(end) === 44) end++;
      }
      if (result !== '' && !result.endsWith(' ')) result += ' ';
      segments?.push({ start: result.length, from: start, isExact: false });
      result += `${inner} `;
      if (result.length > maxExpandedLength) return undefined;
      copied = end;
      at = end;
    }
    if (copied === 0) {
      segments?.push({ start: 0, from: 0, isExact: true });
      return text;
    }
    segments?.push({ start: result.length, from: copied, isExact: true });
    return result + text.slice(copied);
  }

  #textOf(expansion: Expansion): string | undefined {
    expansion.text ??= this.#expandWords(expansion.raw, expansion.index)?.trim();
    return expansion.text;
  }

  /** List after list over the whole text: slow, but finds names of any kind. */
  #expandOneByOne(text: string, after: number): string | undefined {
    let result = text;
    for (const { name, raw, index } of this.#expansions.values()) {
      if (index <= after) continue;
      let at = result.indexOf(name);
      while (at >= 0 && name !== '') {
        let end = at + name.length;
        let start = at;
        const isWord =
          (start === 0 || classOf(result, start - 1) !== 0) &&
          (end >= result.length || classOf(result, end) !== 0);
        if (!isWord) {
          at = result.indexOf(name, at + 1);
          continue;
        }
        this.used.add(name);
        while (start > 0 && (classOf(result, start - 1) & BLANK) !== 0) start--;
        while (end < result.length && (classOf(result, end) & BLANK) !== 0) end++;
        if (raw === '') {
          if (result.charAt(start - 1) === ',') start--;
          else if (result.charAt(end) === ',') end++;
        }
        const before = start > 0 ? `${result.slice(0, start)} ` : '';
        result = `${before}${raw} ${result.slice(end)}`;
        if (result.length > maxExpandedLength) return undefined;
        at = result.indexOf(name, before.length + raw.length + 1);
      }
    }
    return result;
  }
}

/** An item with a blank in it is put in quotes unless it has them. */
export function quoteItem(text: string): string {
  return text.includes(' ') && !text.startsWith('"') && !text.startsWith("'") ? `"${text}"` : text;
}
