/** `outputformat`: the text of an alert in another arrangement. */

export interface OutputParts {
  readonly output: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly customFields: Readonly<Record<string, string>>;
  readonly templatedFields: Readonly<Record<string, string>>;
}

/** COMPAT: only texts as Falco writes them are changed: time, colon, priority, what follows. */
const FALCO_TEXT = /^(\d\d:\d\d:\d\d\.\d+): \w+ (.+)$/s;

export function formatOutput(format: string, parts: OutputParts): string {
  const match = FALCO_TEXT.exec(parts.output);
  if (match === null) return parts.output;
  const [, timestamp = '', rest = ''] = match;
  // What an alert says comes last, so that neither placeholders nor brackets in it are touched.
  const frame = replaced(format, {
    '<custom_fields>': pairsOf(parts.customFields),
    '<templated_fields>': pairsOf(parts.templatedFields),
    '<tags>': parts.tags.join(','),
  })
    .replaceAll('( )', '')
    .replaceAll('()', '')
    .replace(/ +$/, '');
  return replaced(frame, { '<timestamp>': timestamp, '<priority>': parts.priority, '<output>': rest });
}

function replaced(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/<[a-z_]+>/g, (name) => (Object.hasOwn(values, name) ? (values[name] ?? name) : name));
}

function pairsOf(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
