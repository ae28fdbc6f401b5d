/** How a rule of another file is changed: by an entry that is read later and says what it replaces. */

import type { Rule } from '@peregrine/api/contract';

/** Its condition, to be changed; all else of the rule stays as it is. */
export function overrideText({ name, condition }: Pick<Rule, 'name' | 'condition'>): string {
  const lines = condition
    .trim()
    .split('\n')
    .map((line) => `    ${line.trim()}`.trimEnd());
  return `- rule: ${scalarText(name)}\n  condition: >-\n${lines.join('\n')}\n  override:\n    condition: replace\n`;
}

/** Line of the first entry about the rule in a file, from 1; `undefined`: there is none. */
export function lineOfEntry(text: string, name: string): number | undefined {
  const written = [name, scalarText(name), JSON.stringify(name), `'${name.replaceAll("'", "''")}'`];
  const index = text.split('\n').findIndex((line) => {
    const [, value] = /^\s*- +rule:\s*(.*?)\s*$/.exec(line) ?? [];
    return value !== undefined && written.includes(value.replace(/\s+#.*$/, ''));
  });
  return index < 0 ? undefined : index + 1;
}

/** Quoted where it might be read as something else. */
function scalarText(text: string): string {
  const isPlain =
    /^[A-Za-z][\w ./()-]*$/.test(text) &&
    text === text.trim() &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
