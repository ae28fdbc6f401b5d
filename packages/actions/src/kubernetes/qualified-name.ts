/** Names of labels and annotations: `app`, `example.org/app`. */

const PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

export function isQualifiedName(name: string): boolean {
  const slash = name.indexOf('/');
  if (slash < 0) return PART.test(name);
  return PREFIX.test(name.slice(0, slash)) && PART.test(name.slice(slash + 1));
}
