/** All fields of Kubernetes audit events but those of any JSON document. */

import type { JsonField } from '../json/json-field.ts';
import { objectFields } from './object-fields.ts';
import { podFields } from './pod-fields.ts';
import { requestFields } from './request-fields.ts';

const fields: Readonly<Record<string, JsonField>> = { ...requestFields, ...objectFields, ...podFields };

/** COMPAT: a document without `auditID` is no audit event, and none of these has a value. */
export const auditFieldRoster: Readonly<Record<string, JsonField>> = Object.fromEntries(
  Object.entries(fields).map(([name, field]) => [
    name,
    {
      ...field,
      bind: (reader, argument) => {
        const id = reader.slot(['auditID']);
        const read = field.bind(reader, argument);
        return (event) => (reader.has(event.document, id) ? read(event) : undefined);
      },
    } satisfies JsonField,
  ]),
);
