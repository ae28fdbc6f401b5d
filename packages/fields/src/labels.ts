/** Labels of containers and pods as one text. */

/** Longer values are left out. */
const MOST_VALUE_BYTES = 100;

export type Labels = Readonly<Record<string, string>>;

export function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** By name; a label without a value shows its name alone. Without those that the container runtime put there for itself. */
export function labelsText(labels: Labels): string {
  return Object.keys(labels)
    .filter((name) => !name.startsWith('annotation.') && !name.startsWith('io.kubernetes.'))
    .filter((name) => (labels[name] ?? '').length <= MOST_VALUE_BYTES)
    .sort()
    .map((name) => (labels[name] === '' ? name : `${name}:${labels[name]}`))
    .join(', ');
}
