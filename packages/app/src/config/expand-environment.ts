/**
 * Environment variables in configuration values.
 *
 * `${NAME}` is the variable's value, empty when it is not set; `$${NAME}` is `${NAME}` as text. COMPAT: what was put
 * in is looked at again, and a `$` of any other kind ends the search in that value.
 */

/** Values that name themselves would never end. */
const MOST_REPLACEMENTS = 1_000;

export function expandEnvironment(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  let value = text;
  let at = value.indexOf('$');
  for (let i = 0; at >= 0 && i < MOST_REPLACEMENTS; i++) {
    const isEscaped = value.startsWith('$${', at);
    const end = value.indexOf('}', at);
    if (end < 0 || !(isEscaped || value.startsWith('${', at))) break;
    if (isEscaped) {
      value = value.slice(0, at) + value.slice(at + 1);
      at = value.indexOf('$', end);
    } else {
      value = value.slice(0, at) + (environment[value.slice(at + 2, end)] ?? '') + value.slice(end + 1);
      at = value.indexOf('$', at);
    }
  }
  return value;
}
