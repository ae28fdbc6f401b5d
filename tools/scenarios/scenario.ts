/** Scenarios as people write them (rules/tests/README.md describes the format): YAML to plain data, checked. */

import { parse } from 'yaml';

export interface ScenarioFile {
  readonly rule: string;
  readonly matches: readonly Scenario[];
  readonly misses: readonly Scenario[];
}

export interface Scenario {
  readonly title: string;
  readonly containers: ReadonlyMap<string, ScenarioContainer>;
  readonly processes: ReadonlyMap<string, ScenarioProcess>;
  readonly steps: readonly Step[];
}

export interface ScenarioContainer {
  readonly image: string | undefined;
  readonly isPrivileged: boolean | undefined;
}

export interface ScenarioProcess {
  readonly name: string;
  readonly exepath: string;
  readonly args: readonly string[];
  readonly parent: string | undefined;
  readonly container: string | undefined;
  readonly user: string;
  readonly tty: number;
  readonly ageSeconds: number;
  readonly cwd: string;
  readonly capabilities: readonly string[] | undefined;
}

export type OpenPurpose = 'read' | 'write' | 'append' | 'truncate' | 'create';

export type Step =
  | { readonly kind: 'wait'; readonly seconds: number }
  | {
      readonly kind: 'spawn';
      readonly by: string;
      readonly as: string;
      readonly words: readonly string[];
      readonly name: string | undefined;
      readonly exepath: string | undefined;
      readonly user: string | undefined;
      readonly tty: number | undefined;
      readonly cwd: string | undefined;
      readonly capabilities: readonly string[] | undefined;
      readonly isUpperLayer: boolean;
      readonly isFromMemory: boolean;
      readonly error: string | undefined;
    }
  | {
      readonly kind: 'open';
      readonly by: string;
      readonly path: string;
      readonly purpose: OpenPurpose;
      readonly fd: number;
      readonly error: string | undefined;
    }
  | {
      readonly kind: 'connect';
      readonly by: string;
      readonly address: string;
      readonly port: number;
      readonly protocol: 'tcp' | 'udp';
      readonly fd: number;
      readonly error: string | undefined;
    }
  | {
      readonly kind: 'event';
      readonly by: string;
      readonly name: string;
      readonly params: Readonly<Record<string, string | number>>;
    };

const DEFAULT_FD = 3;
const PURPOSES: readonly OpenPurpose[] = ['read', 'write', 'append', 'truncate', 'create'];

/** Throws with the place and the reason when the text is not a scenario file. */
export function readScenarioFile(text: string): ScenarioFile {
  const file = new Node(parse(text), 'file');
  const scenarios = (key: string): readonly Scenario[] => file.items(key).map(readScenario);
  const result = { rule: file.text('rule'), matches: scenarios('matches'), misses: scenarios('misses') };
  file.finish();
  return result;
}

function readScenario(node: Node): Scenario {
  const result = {
    title: node.text('title'),
    containers: new Map(node.entries('containers').map(([name, entry]) => [name, readContainer(entry)])),
    processes: new Map(node.entries('processes').map(([label, entry]) => [label, readProcess(label, entry)])),
    steps: node.items('steps').map(readStep),
  };
  node.finish();
  return result;
}

function readContainer(node: Node): ScenarioContainer {
  const result = { image: node.optionalText('image'), isPrivileged: node.optionalFlag('privileged') };
  node.finish();
  return result;
}

function readProcess(label: string, node: Node): ScenarioProcess {
  const name = node.optionalText('name') ?? label;
  const result = {
    name,
    exepath: node.optionalText('exepath') ?? `/usr/bin/${name}`,
    args: node.words('args') ?? [],
    parent: node.optionalText('parent'),
    container: node.optionalText('container'),
    user: node.optionalText('user') ?? 'root',
    tty: node.optionalNumber('tty') ?? 0,
    ageSeconds: secondsOf(node.optionalText('age') ?? '1h'),
    cwd: node.optionalText('cwd') ?? '/',
    capabilities: node.words('capabilities'),
  };
  node.finish();
  return result;
}

function readStep(node: Node): Step {
  const step = stepOf(node);
  node.finish();
  return step;
}

function stepOf(node: Node): Step {
  const wait = node.optionalText('wait');
  if (wait !== undefined) return { kind: 'wait', seconds: secondsOf(wait) };
  const by = node.text('by');
  const words = node.words('spawn');
  if (words !== undefined) return readSpawn(node, by, words);
  const path = node.optionalText('open');
  if (path !== undefined) {
    const purpose = PURPOSES.find((known) => known === (node.optionalText('for') ?? 'read'));
    if (purpose === undefined) throw node.fault('`for` must be one of', PURPOSES.join(', '));
    const error = node.optionalText('res');
    return { kind: 'open', by, path, purpose, fd: node.optionalNumber('fd') ?? DEFAULT_FD, error };
  }
  const target = node.optionalText('connect');
  if (target !== undefined) {
    const match = /^\[?([0-9a-f.:]+?)\]?:(\d+)$/.exec(target);
    if (match === null) throw node.fault('`connect` must be ADDRESS:PORT, not', target);
    return {
      kind: 'connect',
      by,
      address: match[1] ?? '',
      port: Number(match[2]),
      protocol: node.optionalText('protocol') === 'udp' ? 'udp' : 'tcp',
      fd: node.optionalNumber('fd') ?? DEFAULT_FD,
      error: node.optionalText('res'),
    };
  }
  return { kind: 'event', by, name: node.text('event'), params: node.scalars('with') };
}

function readSpawn(node: Node, by: string, words: readonly string[]): Step {
  const [program = ''] = words;
  return {
    kind: 'spawn',
    by,
    words,
    as: node.optionalText('as') ?? program.slice(program.lastIndexOf('/') + 1),
    name: node.optionalText('name'),
    exepath: node.optionalText('exepath'),
    user: node.optionalText('user'),
    tty: node.optionalNumber('tty'),
    cwd: node.optionalText('cwd'),
    capabilities: node.words('capabilities'),
    isUpperLayer: node.optionalText('layer') === 'upper',
    isFromMemory: node.optionalFlag('memory') ?? false,
    error: node.optionalText('res'),
  };
}

function secondsOf(text: string): number {
  const match = /^(\d+)(s|m|h)$/.exec(text);
  if (match === null) throw new Error(`a time is a number and s, m or h, not \`${text}\``);
  return Number(match[1]) * (match[2] === 'h' ? 3600 : match[2] === 'm' ? 60 : 1);
}

/** One mapping of the file; remembers which keys were read, so that a misspelt one is noticed. */
class Node {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #place: string;
  readonly #read = new Set<string>();

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error(`${place}: expected a mapping`);
    }
    this.#values = new Map(Object.entries(value));
    this.#place = place;
  }

  fault(reason: string, subject: string): Error {
    return new Error(`${this.#place}: ${reason} \`${subject}\``);
  }

  /** Call when all keys were read. */
  finish(): void {
    const unknown = [...this.#values.keys()].filter((key) => !this.#read.has(key));
    if (unknown.length > 0) throw this.fault('unknown key', unknown.join(', '));
  }

  #get(key: string): unknown {
    this.#read.add(key);
    return this.#values.get(key);
  }

  optionalText(key: string): string | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    throw this.fault('expected text at', key);
  }

  text(key: string): string {
    const value = this.optionalText(key);
    if (value === undefined) throw this.fault('missing key', key);
    return value;
  }

  optionalNumber(key: string): number | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === 'number') return value;
    throw this.fault('expected a number at', key);
  }

  optionalFlag(key: string): boolean | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.fault('expected true or false at', key);
  }

  /** A list of words, or a text that blanks divide. */
  words(key: string): readonly string[] | undefined {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value.map(String);
    if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
    throw this.fault('expected words at', key);
  }

  scalars(key: string): Readonly<Record<string, string | number>> {
    const value = this.#get(key) ?? {};
    const node = new Node(value, `${this.#place}, ${key}`);
    const entries = [...node.#values].map(([name, entry]): [string, string | number] => {
      if (typeof entry === 'string' || typeof entry === 'number') return [name, entry];
      throw node.fault('expected text or a number at', name);
    });
    return Object.fromEntries(entries);
  }

  items(key: string): readonly Node[] {
    const value = this.#get(key);
    if (!Array.isArray(value)) throw this.fault('expected a list at', key);
    return value.map((entry, i) => new Node(entry, `${this.#place}, ${key} ${i + 1}`));
  }

  entries(key: string): readonly [string, Node][] {
    const value = this.#get(key);
    if (value === undefined) return [];
    const node = new Node(value, `${this.#place}, ${key}`);
    return [...node.#values].map(([name, entry]) => [name, new Node(entry, `${this.#place}, ${name}`)]);
  }
}
