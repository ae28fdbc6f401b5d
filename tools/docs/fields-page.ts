/** Reference of fields: all that conditions may read and outputs may show. */

import type { FieldInfo } from '@peregrine/lang';
import { listSources } from '../../packages/app/src/rules/list-catalogue.ts';
import { code, groupBy, type Page, section, table } from './markdown.ts';

export function fieldsPage(): Page {
  const sources = listSources();
  const counts = sources.map(({ name, fields }) => `${fields.length} of the source ${code(name)}`);
  return {
    name: 'fields.md',
    title: 'Fields',
    summary: 'What conditions may read and outputs may show.',
    body: [
      `Fields: ${counts.join(', ')}. A field whose name is followed by \`[N]\` or \`[KEY]\` takes an`,
      'argument; in brackets that may be left out, `([N])`, it is optional. A field that has no value for an event makes every',
      'comparison false, and is `<NA>` in outputs and `null` in JSON.',
      '',
      ...sources.flatMap(({ name, fields }) =>
        [...groupBy(fields, (field) => field.class)].flatMap(([className, own]) => [
          section(`${code(className)} of ${code(name)}`, table(['field', 'type', 'meaning'], own.map(rowOf))),
          '',
        ]),
      ),
    ].join('\n'),
  };
}

function rowOf(field: FieldInfo): readonly string[] {
  return [code(field.name) + argumentOf(field), typeOf(field), [field.doc, ...notesOn(field)].join(' ')];
}

function argumentOf({ argument }: FieldInfo): string {
  if (argument.requirement === 'none') return '';
  const form = `[${argument.forms.map((kind) => (kind === 'index' ? 'N' : 'KEY')).join(' or ')}]`;
  return argument.requirement === 'optional' ? ` ([${form.slice(1, -1)}])` : ` ${form}`;
}

function typeOf(field: FieldInfo): string {
  return field.isList ? `list of ${field.type}` : field.type;
}

function notesOn(field: FieldInfo): readonly string[] {
  return [
    ...(field.isDeprecated ? ['**Deprecated.**'] : []),
    ...(field.isFilterOnly ? ['Only in conditions.'] : []),
    ...(field.isPrintOnly ? ['Only in outputs.'] : []),
    ...(field.isSuggested ? ['Part of suggested outputs.'] : []),
    ...(field.examples.length > 0 ? [`For example ${field.examples.map(code).join(', ')}.`] : []),
  ];
}
