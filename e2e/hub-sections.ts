/** A configuration as people copy it from the documentation: every output is there, and none is on. */

import { sectionSchemaOf, sinkRoster } from '../packages/outputs/src/hub.ts';

/** Every section with every key empty, as the example of the documentation has it. */
export function outputsThatAreOff(): string {
  const lines: string[] = [];
  const families = new Map<string, string[]>();
  for (const sink of sinkRoster) {
    const [first = '', ...rest] = sink.name.split('.');
    const keys = Object.keys(sectionSchemaOf(sink).keys).map((key) => `${key}: ""`);
    const body = `{ ${keys.join(', ')} }`;
    families.set(first, [
      ...(families.get(first) ?? []),
      rest.length === 0 ? body : `${rest.join('.')}: ${body}`,
    ]);
  }
  for (const [name, parts] of families) {
    lines.push(
      parts[0]?.startsWith('{') === true ? `${name}: ${parts[0]}` : `${name}: { ${parts.join(', ')} }`,
    );
  }
  return lines.join('\n');
}
