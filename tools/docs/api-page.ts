/** Reference of the HTTP API of the web interface, from the schemas that requests are checked with. */

import {
  type ApiEntry,
  apiEntries,
  apiIntroduction,
} from '../../packages/api/src/ui-server/api-reference.ts';
import { code, groupBy, type Page, section, table } from './markdown.ts';

export function apiPage(): Page {
  return {
    name: 'api.md',
    title: 'HTTP API',
    summary: 'Every operation of the web interface: who may, what it takes, what it answers.',
    body: [
      'The web interface has this page at `/api/v2/docs`, and the same for programs, as OpenAPI 3.1, at `/api/v2/openapi.json`.',
      ...apiIntroduction,
      ...[...groupBy(apiEntries(), ({ tag }) => tag)].map(([tag, entries]) =>
        section(tag, ...entries.map(operation)),
      ),
    ].join('\n\n'),
  };
}

function operation({ method, path, summary, access, inputs, answer, failures }: ApiEntry): string {
  const rows = inputs.map(({ name, place, type, isRequired, doc }) => [
    code(name),
    `${place}${isRequired ? ', needed' : ''}`,
    code(type),
    doc,
  ]);
  return [
    `### ${code(`${method} ${path}`)}`,
    `${summary} ${access}`,
    ...(rows.length === 0 ? [] : [table(['name', 'where', 'type', 'meaning'], rows)]),
    `Answer: ${code(answer)}`,
    ...failures.map(({ status, text }) => `${code(status)}: ${text}`),
  ].join('\n\n');
}
