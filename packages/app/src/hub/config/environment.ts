/**
 * Environment variables in the place of keys: the path in capitals, with `_` for dots. COMPAT: a variable wins over the
 * file, and an empty one is none; what both have of a map is put together.
 */

import {
  type ConfigNode,
  type Diagnostic,
  type Keys,
  type MapNode,
  mapNode,
  type ObjectSchema,
  type Span,
  scalarNode,
  type ValueSchema,
} from '@peregrine/base';
import { pairsOf } from '@peregrine/outputs/hub';
import { serviceLink } from './diagnostics.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The section with what the environment says of its keys. `prefix` is the path of the section; empty for the top. */
export function withEnvironment(
  keys: Keys,
  node: ConfigNode | undefined,
  prefix: string,
  environment: Environment,
  report: (diagnostic: Diagnostic) => void,
): MapNode {
  const written = node?.kind === 'map' ? node.entries : new Map<string, ConfigNode>();
  const entries = new Map(written);
  for (const [name, of] of Object.entries(keys)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const present = nameIn(written, name);
    if (isObject(of)) {
      const child = withEnvironment(of.keys, written.get(present), path, environment, report);
      if (child.entries.size > 0) entries.set(present, child);
      continue;
    }
    // Lists of maps, such as routes, have no form in one line.
    if (of.items !== undefined && isObject(of.items)) continue;
    const variable = path.toUpperCase().replaceAll('.', '_');
    const value = environment[variable];
    if (value === undefined || value === '') continue;
    // Kubernetes sets `LOGSTASH_PORT=tcp://10.0.0.1:5044` where there is a service `logstash`.
    if (name.endsWith('port') && /^(?:tcp|udp|sctp):\/\//.test(value)) report(serviceLink.at({}, variable));
    else entries.set(present, withMap(of, written.get(present), value, spanOf(variable, value)));
  }
  return mapNode(entries, node?.span);
}

function withMap(
  of: ValueSchema<unknown>,
  inFile: ConfigNode | undefined,
  text: string,
  span: Span,
): ConfigNode {
  const pairs = of.json.type === 'object' && inFile?.kind === 'map' ? pairsOf(text) : undefined;
  if (pairs === undefined || inFile?.kind !== 'map') return scalarNode(text, span);
  const added = pairs.map(([name, value]) => [name, scalarNode(value, span)] as const);
  return mapNode([...inFile.entries, ...added], inFile.span);
}

/** A variable is a file of its own to whoever reads what is wrong with it. */
function spanOf(variable: string, value: string): Span {
  const at = (offset: number) => ({ line: 1, column: offset + 1, offset });
  return { file: `$${variable}`, start: at(0), end: at(value.length) };
}

/** The key as it is written, whose letter case does not count. */
function nameIn(entries: ReadonlyMap<string, ConfigNode>, name: string): string {
  if (entries.has(name)) return name;
  return [...entries.keys()].find((written) => written.toLowerCase() === name) ?? name;
}

function isObject(of: ValueSchema<unknown>): of is ObjectSchema<Keys> {
  return 'keys' in of;
}
