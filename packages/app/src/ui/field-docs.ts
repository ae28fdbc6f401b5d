/** What is known of fields by their names: those that rules can speak of. */

import { listSources } from '../rules/list-catalogue.ts';

export interface FieldDoc {
  readonly type: 'text' | 'number';
  readonly doc: string;
}

const NUMBERS = /^(?:U?INT|PORT|PID|FD|ERRNO|RELTIME|ABSTIME|UID|GID|DOUBLE)/;

/** Made when somebody asks first. */
export function fieldDocs(): (name: string) => FieldDoc {
  let known: ReadonlyMap<string, FieldDoc> | undefined;
  return (name) => {
    known ??= readFieldDocs();
    return known.get(name.replace(/\[.*\]$/, '')) ?? { type: 'text', doc: '' };
  };
}

function readFieldDocs(): ReadonlyMap<string, FieldDoc> {
  return new Map(
    listSources()
      .flatMap(({ fields }) => fields)
      .map(({ name, type, doc }) => [name, { type: NUMBERS.test(type) ? 'number' : 'text', doc }]),
  );
}
