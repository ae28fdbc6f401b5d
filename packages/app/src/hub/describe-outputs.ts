/** Outputs for people: what there is, which keys each has, and what to write to have one. */

import { type Keys, nearestName, type ObjectSchema, type ValueSchema } from '@peregrine/base';
import { type Sink, sectionSchemaOf, sinkRoster } from '@peregrine/outputs/hub';
import { hubSchema } from './config/keys.ts';
import { statsdTitles } from './statsd-titles.ts';

export interface OutputSummary {
  readonly name: string;
  readonly title: string;
  readonly category: string;
  readonly doc: string;
}

export interface KeyDescription {
  /** Whole path: `slack.webhookurl`. */
  readonly path: string;
  readonly variable: string;
  readonly type: string;
  /** As it is written; `undefined` for keys that must be set. */
  readonly default: string | undefined;
  readonly doc: string;
}

/**
 * What falcosidekick has among its outputs and is about the hub itself: no alerts go there, counters do. Their keys are
 * those of the hub.
 */
const hubOutputs = [
  {
    name: 'prometheus',
    title: 'Prometheus',
    doc: 'Offers the counters of the hub under `/metrics`; it is always on.',
    enabledBy: [],
    example: 'prometheus:\n  extralabels: "proc.name"\n',
  },
  {
    name: 'statsd',
    title: statsdTitles.statsd,
    doc: 'Sends the counters of the hub to a StatsD daemon.',
    enabledBy: ['statsd.forwarder'],
    example: 'statsd:\n  forwarder: "statsd:8125"\n',
  },
  {
    name: 'dogstatsd',
    title: statsdTitles.dogstatsd,
    doc: 'Sends the counters of the hub to an agent of Datadog.',
    enabledBy: ['dogstatsd.forwarder'],
    example: 'dogstatsd:\n  forwarder: "localhost:8125"\n',
  },
] as const;

export interface OutputDescription extends OutputSummary {
  /** Paths of the keys that turn it on. */
  readonly enabledBy: readonly string[];
  readonly keys: readonly KeyDescription[];
  /** Least that has to be written, as YAML. */
  readonly example: string;
}

export function listOutputs(): readonly OutputSummary[] {
  return [
    ...sinkRoster.map(({ name, title, category, doc }) => ({ name, title, category, doc })),
    ...hubOutputs.map(({ name, title, doc }) => ({ name, title, category: 'metrics', doc })),
  ];
}

/** What is said of an output that takes counters instead of alerts; `undefined`: it is none of these. */
export function describeHubOutput(asked: string): OutputDescription | undefined {
  const wanted = asked.toLowerCase();
  const found = hubOutputs.find(({ name }) => name === wanted);
  return (
    found && { ...found, category: 'metrics', keys: keysOf(hubSchema.keys[found.name].keys, found.name) }
  );
}

/** The sink, by its name or its title; letter case does not count. */
export function findOutput(asked: string): Sink | { readonly nearest: string | undefined } {
  const wanted = asked.toLowerCase();
  const found = sinkRoster.find(({ name, title }) => name === wanted || title.toLowerCase() === wanted);
  return (
    found ?? {
      nearest: nearestName(
        wanted,
        listOutputs().map(({ name }) => name),
      ),
    }
  );
}

export function describeOutput(sink: Sink): OutputDescription {
  const { name, title, category, doc, enabledBy } = sink;
  const shared = sink.shared === undefined ? [] : keysOf(sink.shared.config.keys, sink.shared.name);
  return {
    name,
    title,
    category,
    doc,
    enabledBy: enabledBy.map((key) => `${name}.${key}`),
    keys: [...shared, ...keysOf(sectionSchemaOf(sink).keys, name)],
    example: exampleOf(sink),
  };
}

function keysOf(keys: Keys, prefix: string): readonly KeyDescription[] {
  return Object.entries(keys).flatMap(([name, of]) => {
    const path = `${prefix}.${name}`;
    if (isObject(of)) return keysOf(of.keys, path);
    return [
      {
        path,
        variable: path.toUpperCase().replaceAll('.', '_'),
        type: of.type,
        default: defaultOf(of),
        doc: of.doc,
      },
    ];
  });
}

function defaultOf({ fallback, defaultText }: ValueSchema<unknown>): string | undefined {
  if (fallback === undefined) return undefined;
  const value = defaultText ?? fallback.value ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function exampleOf(sink: Sink): string {
  const entries = Object.entries(sectionSchemaOf(sink).keys).flatMap(([name, of]) => {
    const isNeeded = of.fallback === undefined || sink.enabledBy.includes(name);
    const written = sink.example?.[name] ?? (isNeeded ? of.example : undefined);
    return written === undefined ? [] : [[name, written] as const];
  });
  const parts = sink.name.split('.');
  const heads = parts.map((part, i) => `${'  '.repeat(i)}${part}:\n`).join('');
  const indent = '  '.repeat(parts.length);
  return heads + entries.map(([name, value]) => `${indent}${name}: ${JSON.stringify(value)}\n`).join('');
}

function isObject(of: ValueSchema<unknown>): of is ObjectSchema<Keys> {
  return 'keys' in of;
}
