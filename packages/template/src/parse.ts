/** Reads a template's tokens into its tree. What is not understood is a problem with its place: nothing is guessed. */

import { functionNames } from './functions.ts';
import { type Token, type TokenKind, tokensOf } from './lex.ts';
import { TemplateProblem } from './problem.ts';
import type { Command, Operand, Pipeline, TemplateNode } from './tree.ts';

/** Deeper nesting than any template of people has. */
const MOST_DEPTH = 64;
const BLOCKS = new Set(['if', 'with', 'range']);
const UNKNOWN_HERE = new Set(['define', 'template', 'block']);

export function parseTemplate(text: string): readonly TemplateNode[] {
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #rangeDepth = 0;
  /** Names of variables in scope, innermost last. */
  #variables: string[] = ['$'];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): readonly TemplateNode[] {
    const nodes = this.#nodes();
    const token = this.#peek();
    if (token.kind !== 'end')
      throw new TemplateProblem(`\`${this.#peekWord()}\` has no beginning`, token.offset);
    return nodes;
  }

  /** Up to `{{end}}`, `{{else}}` or the end, which stay. */
  #nodes(): TemplateNode[] {
    if (++this.#depth > MOST_DEPTH)
      throw new TemplateProblem('blocks are nested too deeply', this.#peek().offset);
    const variableCount = this.#variables.length;
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'end') break;
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: this.#next().text });
        continue;
      }
      const word = this.#peekWord();
      if (word === 'end' || word === 'else') break;
      this.#next();
      nodes.push(this.#action(word, token.offset));
    }
    this.#variables.length = variableCount;
    this.#depth--;
    return nodes;
  }

  #action(word: string, offset: number): TemplateNode {
    if (UNKNOWN_HERE.has(word)) throw new TemplateProblem(`\`${word}\` is not supported`, offset);
    if (BLOCKS.has(word)) {
      this.#skipSpace();
      this.#next();
      return this.#block(word, offset);
    }
    if (word === 'break' || word === 'continue') {
      if (this.#rangeDepth === 0) throw new TemplateProblem(`\`${word}\` is outside of \`range\``, offset);
      this.#skipSpace();
      this.#next();
      this.#expect('close');
      return { kind: word };
    }
    const pipeline = this.#pipeline('close');
    this.#expect('close');
    return { kind: 'action', pipeline };
  }

  #block(word: string, offset: number): TemplateNode {
    const variableCount = this.#variables.length;
    const variables = word === 'range' ? this.#rangeVariables() : [];
    const pipeline = this.#pipeline('close');
    this.#variables.push(...variables);
    this.#expect('close');
    if (word === 'range') this.#rangeDepth++;
    const body = this.#nodes();
    if (word === 'range') this.#rangeDepth--;
    const otherwise = this.#otherwise(word, offset);
    this.#variables.length = variableCount;
    if (word === 'range') return { kind: 'range', pipeline, variables, body, otherwise };
    return { kind: word === 'if' ? 'if' : 'with', pipeline, body, otherwise };
  }

  /** What follows the body: `{{else}}`, `{{else if}}`, `{{end}}`. */
  #otherwise(word: string, offset: number): readonly TemplateNode[] {
    const found = this.#peekWord();
    if (found === '') throw new TemplateProblem(`\`${word}\` has no \`{{end}}\``, offset);
    this.#next();
    this.#skipSpace();
    this.#next();
    this.#skipSpace();
    if (found === 'end') {
      this.#expect('close');
      return [];
    }
    const next = this.#peek();
    if (next.kind === 'word' && next.text === word && word !== 'range') {
      this.#next();
      return [this.#block(word, next.offset)];
    }
    this.#expect('close');
    const nodes = this.#nodes();
    if (this.#peekWord() !== 'end') throw new TemplateProblem(`\`${word}\` has no \`{{end}}\``, offset);
    this.#next();
    this.#skipSpace();
    this.#next();
    this.#expect('close');
    return nodes;
  }

  /** `$i, $v :=` or `$v :=`; nothing is taken when there is none. */
  #rangeVariables(): string[] {
    const start = this.#at;
    const names: string[] = [];
    for (;;) {
      this.#skipSpace();
      const token = this.#peek();
      if (token.kind !== 'variable') break;
      names.push(this.#next().text);
      this.#skipSpace();
      if (this.#peek().kind === 'declare') {
        this.#next();
        if (names.length > 2) throw new TemplateProblem('`range` has two variables at most', token.offset);
        return names;
      }
      if (this.#peek().kind !== 'comma') break;
      this.#next();
    }
    this.#at = start;
    return [];
  }

  #pipeline(until: 'close' | 'paren-close'): Pipeline {
    const assigns = this.#assignment();
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command());
      this.#skipSpace();
      const token = this.#peek();
      if (token.kind === until) break;
      if (token.kind !== 'pipe') throw this.#unexpected();
      this.#next();
      this.#skipSpace();
      const next = this.#peek();
      if (next.kind !== 'word' || isConstantWord(next.text)) {
        throw new TemplateProblem('only a function can follow `|`', next.offset);
      }
    }
    if (assigns?.isNew === true) this.#variables.push(assigns.name);
    return { assigns, commands };
  }

  #assignment(): Pipeline['assigns'] {
    const start = this.#at;
    this.#skipSpace();
    const token = this.#peek();
    if (token.kind === 'variable') {
      this.#next();
      this.#skipSpace();
      const operator = this.#peek().kind;
      if (operator === 'declare' || operator === 'assign') {
        this.#next();
        const isNew = operator === 'declare';
        if (!isNew) this.#checkVariable(token);
        return { name: token.text, isNew };
      }
    }
    this.#at = start;
    return undefined;
  }

  #command(): Command {
    this.#skipSpace();
    const first = this.#peek();
    if (first.kind === 'word' && !isConstantWord(first.text)) {
      this.#next();
      this.#checkFunction(first);
      const args: Operand[] = [];
      for (;;) {
        this.#skipSpace();
        const { kind } = this.#peek();
        if (kind === 'close' || kind === 'paren-close' || kind === 'pipe') break;
        args.push(this.#operand());
      }
      return { kind: 'call', name: first.text, args, offset: first.offset };
    }
    const operand = this.#operand();
    this.#skipSpace();
    const { kind, offset } = this.#peek();
    if (kind !== 'close' && kind !== 'paren-close' && kind !== 'pipe') {
      throw new TemplateProblem('a value takes no arguments', offset);
    }
    return { kind: 'value', operand };
  }

  #operand(): Operand {
    const token = this.#next();
    const { offset } = token;
    switch (token.kind) {
      case 'string':
        return { kind: 'constant', value: token.text };
      case 'number':
        return { kind: 'constant', value: numberOf(token) };
      case 'field':
        return { kind: 'dot', keys: [token.text.slice(1), ...this.#keys()], offset };
      case 'dot':
        return { kind: 'dot', keys: [], offset };
      case 'variable':
        this.#checkVariable(token);
        return { kind: 'variable', name: token.text, keys: this.#keys(), offset };
      case 'paren-open': {
        if (++this.#depth > MOST_DEPTH) throw new TemplateProblem('groups are nested too deeply', offset);
        const pipeline = this.#pipeline('paren-close');
        this.#expect('paren-close');
        this.#depth--;
        return { kind: 'group', pipeline, keys: this.#keys(), offset };
      }
      case 'word':
        if (isConstantWord(token.text)) {
          return { kind: 'constant', value: token.text === 'nil' ? null : token.text === 'true' };
        }
        this.#checkFunction(token);
        return { kind: 'function', name: token.text, offset };
      default:
        this.#at--;
        throw this.#unexpected();
    }
  }

  #keys(): string[] {
    const keys: string[] = [];
    while (this.#peek().kind === 'field') keys.push(this.#next().text.slice(1));
    return keys;
  }

  #checkVariable(token: Token): void {
    if (!this.#variables.includes(token.text)) {
      throw new TemplateProblem(`there is no variable \`${token.text}\` here`, token.offset);
    }
  }

  #checkFunction(token: Token): void {
    if (!functionNames.has(token.text)) {
      throw new TemplateProblem(`there is no function \`${token.text}\``, token.offset);
    }
  }

  /** The word after `{{`, or nothing. */
  #peekWord(): string {
    let at = this.#at;
    if (this.#tokens[at]?.kind !== 'open') return '';
    at++;
    while (this.#tokens[at]?.kind === 'space') at++;
    const token = this.#tokens[at];
    return token?.kind === 'word' ? token.text : '';
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? END;
  }

  #skipSpace(): void {
    while (this.#peek().kind === 'space') this.#at++;
  }

  #expect(kind: TokenKind): void {
    this.#skipSpace();
    if (this.#peek().kind !== kind) throw this.#unexpected();
    this.#next();
  }

  #unexpected(): TemplateProblem {
    const token = this.#peek();
    const what = token.kind === 'end' ? 'the text ends' : `\`${token.text}\` stands`;
    return new TemplateProblem(`${what} where something else is wanted`, token.offset);
  }
}

const END: Token = { kind: 'end', text: '', offset: 0 };

function isConstantWord(word: string): boolean {
  return word === 'true' || word === 'false' || word === 'nil';
}

function numberOf({ text, offset }: Token): number | bigint {
  const plain = text.replaceAll('_', '');
  const octal = /^([-+]?)0([0-7]+)$/.exec(plain);
  const value = Number(
    octal === null ? plain.replace(/^\+/, '') : `${octal[1]}${Number.parseInt(octal[2] ?? '', 8)}`,
  );
  const signed = /^-0[xXoObB]/.test(plain) ? -Number(plain.slice(1)) : value;
  if (Number.isNaN(signed)) throw new TemplateProblem(`\`${text}\` is no number`, offset);
  if (/^[-+]?\d+$/.test(plain) && !Number.isSafeInteger(signed)) return BigInt(plain);
  return signed;
}
