/** An alert without a field that a destination's index cannot take. */

import { encodeAlert, type HubAlert } from '@peregrine/alert';

/**
 * `path` is the field as the index knows it: dots may stand for `_`, and it may be a part of the alert's field or the
 * other way round. `undefined`: the alert has no such field.
 */
export function withoutField(alert: HubAlert, path: string): HubAlert | undefined {
  const names = Object.keys(alert.fields);
  const found = names.filter((name) => name === path || name.replaceAll('.', '_') === path).slice(0, 1) ?? [];
  const wrong =
    found.length > 0
      ? found
      : names.filter((name) => name.startsWith(`${path}.`) || path.startsWith(`${name}.`));
  if (wrong.length === 0) return undefined;
  const fields = Object.fromEntries(Object.entries(alert.fields).filter(([name]) => !wrong.includes(name)));
  return { ...alert, fields, json: encodeAlert({ ...alert, fields }) };
}
