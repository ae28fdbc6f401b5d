/** Addresses made of what a user set and what an alert says. */

/** `base` with segments below it: whatever is in a segment stays in it. */
export function below(base: string, ...segments: readonly string[]): string {
  return [withoutSlash(base), ...segments.map(encodeURIComponent)].join('/');
}

/** `base` with a path as it is written, whether the one ends or the other begins with a slash. */
export function joined(base: string, path: string): string {
  return `${withoutSlash(base)}/${path.replace(/^\/+/, '')}`;
}

/** Parameters that are set, or nothing. */
export function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  const text = set.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`).join('&');
  return text === '' ? '' : `?${text}`;
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
