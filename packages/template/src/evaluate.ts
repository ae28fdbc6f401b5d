/** Runs a template's tree over data. Bounded: what it may print and how long it may go round have limits. */

import { ExactNumber } from '@peregrine/alert';
import { unreachable } from '@peregrine/base';
import { callFunction, childOf } from './functions.ts';
import { TemplateProblem } from './problem.ts';
import type { Command, Operand, Pipeline, TemplateNode } from './tree.ts';
import { isTrue, type TemplateValue, textOf } from './value.ts';

/** Longest text that a template gives, UTF-16 units. */
const MOST_LENGTH = 1 << 20;
const MOST_STEPS = 100_000;

type Variables = { name: string; value: TemplateValue }[];
/** How a body ended. */
type Ending = 'done' | 'break' | 'continue';

export function evaluate(nodes: readonly TemplateNode[], data: TemplateValue): string {
  return new Evaluation(data).run(nodes);
}

class Evaluation {
  readonly #variables: Variables;
  readonly #data: TemplateValue;
  #text = '';
  #stepCount = 0;

  constructor(data: TemplateValue) {
    this.#data = data;
    this.#variables = [{ name: '$', value: data }];
  }

  run(nodes: readonly TemplateNode[]): string {
    this.#nodes(nodes, this.#data);
    return this.#text;
  }

  #nodes(nodes: readonly TemplateNode[], dot: TemplateValue): Ending {
    const variableCount = this.#variables.length;
    for (const node of nodes) {
      const ending = this.#node(node, dot);
      if (ending !== 'done') {
        this.#variables.length = variableCount;
        return ending;
      }
    }
    this.#variables.length = variableCount;
    return 'done';
  }

  #node(node: TemplateNode, dot: TemplateValue): Ending {
    this.#step();
    switch (node.kind) {
      case 'text':
        this.#print(node.text);
        return 'done';
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.assigns === undefined) this.#print(textOf(value));
        return 'done';
      }
      case 'if':
      case 'with': {
        const variableCount = this.#variables.length;
        const value = this.#pipeline(node.pipeline, dot);
        const inner = node.kind === 'with' ? value : dot;
        const ending = isTrue(value) ? this.#nodes(node.body, inner) : this.#nodes(node.otherwise, dot);
        this.#variables.length = variableCount;
        return ending;
      }
      case 'range':
        return this.#range(node, dot);
      case 'break':
      case 'continue':
        return node.kind;
      default:
        return unreachable(node);
    }
  }

  #range(node: Extract<TemplateNode, { kind: 'range' }>, dot: TemplateValue): Ending {
    const variableCount = this.#variables.length;
    const entries = entriesOf(this.#pipeline(node.pipeline, dot));
    if (entries.length === 0) return this.#nodes(node.otherwise, dot);
    for (const [key, value] of entries) {
      const [first, second] = node.variables;
      if (second !== undefined) this.#variables.push({ name: second, value });
      if (first !== undefined)
        this.#variables.push({ name: first, value: second === undefined ? value : key });
      const ending = this.#nodes(node.body, value);
      this.#variables.length = variableCount;
      if (ending === 'break') break;
    }
    return 'done';
  }

  #pipeline({ assigns, commands }: Pipeline, dot: TemplateValue): TemplateValue {
    let value: TemplateValue;
    for (const [i, command] of commands.entries())
      value = this.#command(command, dot, i === 0 ? [] : [value]);
    if (assigns?.isNew === true) this.#variables.push({ name: assigns.name, value });
    else if (assigns !== undefined) this.#variable(assigns.name).value = value;
    return value;
  }

  #command(command: Command, dot: TemplateValue, last: readonly TemplateValue[]): TemplateValue {
    this.#step();
    if (command.kind === 'value') return this.#operand(command.operand, dot);
    const { name, args, offset } = command;
    if (name === 'and' || name === 'or') return this.#junction(name, args, dot, last);
    try {
      return callFunction(name, [...args.map((arg) => this.#operand(arg, dot)), ...last]);
    } catch (error) {
      if (error instanceof TemplateProblem) throw error;
      throw new TemplateProblem(error instanceof Error ? error.message : String(error), offset);
    }
  }

  /** The first argument that decides, or the last. */
  #junction(
    name: 'and' | 'or',
    args: readonly Operand[],
    dot: TemplateValue,
    last: readonly TemplateValue[],
  ): TemplateValue {
    let value: TemplateValue;
    for (const arg of args) {
      value = this.#operand(arg, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return last.length > 0 ? last[0] : value;
  }

  #operand(operand: Operand, dot: TemplateValue): TemplateValue {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'dot':
        return lookUp(dot, operand.keys, operand.offset);
      case 'variable':
        return lookUp(this.#variable(operand.name).value, operand.keys, operand.offset);
      case 'group':
        return lookUp(this.#pipeline(operand.pipeline, dot), operand.keys, operand.offset);
      case 'function':
        return this.#command({ kind: 'call', name: operand.name, args: [], offset: operand.offset }, dot, []);
      default:
        return unreachable(operand);
    }
  }

  #variable(name: string): Variables[number] {
    const found = this.#variables.findLast((variable) => variable.name === name);
    if (found === undefined) throw new TemplateProblem(`there is no variable \`${name}\` here`, 0);
    return found;
  }

  #print(text: string): void {
    this.#text += text;
    if (this.#text.length > MOST_LENGTH) throw new TemplateProblem('the text becomes too long', 0);
  }

  #step(): void {
    if (++this.#stepCount > MOST_STEPS) throw new TemplateProblem('the template takes too long', 0);
  }
}

/** Keys that are not there give nothing; keys of what has no keys are a problem. */
function lookUp(value: TemplateValue, keys: readonly string[], offset: number): TemplateValue {
  let found = value;
  for (const key of keys) {
    if (found === undefined || found === null) throw new TemplateProblem(`\`.${key}\` of nothing`, offset);
    if (typeof found !== 'object' || Array.isArray(found) || found instanceof ExactNumber) {
      throw new TemplateProblem(`\`.${key}\` of what has no keys`, offset);
    }
    found = childOf(found, key);
  }
  return found;
}

function entriesOf(value: TemplateValue): readonly (readonly [TemplateValue, TemplateValue])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item, i) => [i, item] as const);
  if (typeof value === 'object' && !(value instanceof ExactNumber)) {
    return Object.keys(value)
      .sort()
      .map((key) => [key, childOf(value, key)] as const);
  }
  throw new TemplateProblem('`range` takes a list or a map', 0);
}
