/** What the reference's options show and end with: lists, schemas, versions, plugins, a bundle for support. */

import { readFileSync } from 'node:fs';
import { builtInPlugins, listEvents, listIgnoredSyscalls, listSources } from '@peregrine/app/catalogue';
import { configSchema } from '@peregrine/app/config';
import { referenceVersions, versions } from '@peregrine/app/versions';
import { plainOf } from '@peregrine/base';
import type { Arguments } from '../arguments.ts';
import { exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import type { FalcoSetup } from './falco-setup.ts';
import { refuse } from './refuse.ts';
import { rulesJsonSchema } from './rules-json-schema.ts';

type Format = 'text' | 'markdown' | 'json';

export function showWithoutConfig(given: Arguments, terminal: Terminal): number {
  if (given.has('config-schema')) return print(terminal, JSON.stringify(configSchema.json));
  if (given.has('rule-schema')) return print(terminal, JSON.stringify(rulesJsonSchema));
  if (given.has('ignored')) return print(terminal, `Ignored syscall(s):\n${listIgnoredSyscalls().join(' ')}`);
  if (given.has('list-events')) return print(terminal, renderEvents(formatOf(given)));
  return print(terminal, `Your system page size is: ${pageSizeBytes()} bytes`);
}

export function showWithConfig(given: Arguments, { config }: FalcoSetup, terminal: Terminal): number {
  if (given.has('version')) return print(terminal, renderVersions(config.json_output));
  if (given.has('plugin-info')) {
    const name = given.valueOf('plugin-info') ?? '';
    const plugin = builtInPlugins.find((candidate) => candidate.name === name);
    if (plugin === undefined)
      return refuse(terminal, `there is no plugin \`${name}\`: there is ${pluginNames()}`);
    return print(
      terminal,
      `Name: ${plugin.name}\nVersion: ${plugin.version}\nIts fields and events are built in.`,
    );
  }
  if (given.has('list-plugins')) {
    return print(
      terminal,
      `${builtInPlugins.length} built in:\n${builtInPlugins.map(({ name, version }) => `${name} ${version}`).join('\n')}`,
    );
  }
  const source = given.valueOf('list');
  const all = listSources(config);
  const sources = all.filter(({ name }) => source === undefined || name === source);
  if (sources.length === 0) {
    const names = all.map(({ name }) => name).join(', ');
    return refuse(terminal, `there is no source \`${source}\`: there is ${names}`);
  }
  return print(terminal, renderFields(sources, formatOf(given), given));
}

export function showSupport(
  line: readonly string[],
  { setup, read }: FalcoSetup,
  terminal: Terminal,
): number {
  const bundle = {
    version: versions.version,
    engine_info: {
      engine_version: Number(versions.engineVersion.split('.')[1]),
      engine_version_semver: versions.engineVersion,
    },
    cmdline: [terminal.name, ...line].join(' '),
    config: plainOf(read.root),
    rules_files: setup.ruleFiles.map(({ name, text }) => ({ name, content: text })),
    system_info: {
      kernel: readLine('/proc/version'),
      architecture: process.arch,
      node: process.versions.node,
    },
  };
  return print(terminal, JSON.stringify(bundle));
}

function print(terminal: Terminal, text: string): number {
  terminal.out(`${text}\n`);
  return exit.ok;
}

function formatOf(given: Arguments): Format {
  const format = given.valueOf('format');
  if (given.has('markdown') || format === 'markdown') return 'markdown';
  return format === 'json' ? 'json' : 'text';
}

/** Names of keys as tools read them. */
function renderVersions(isJson: boolean): string {
  if (isJson) return JSON.stringify(referenceVersions());
  return [
    `Falco version: ${versions.version} (Peregrine, ${process.arch === 'x64' ? 'x86_64' : process.arch})`,
    `Libs version:  ${versions.version}`,
    `Plugin API:    ${versions.pluginApi}`,
    `Engine:        ${versions.engineVersion}`,
    'Driver:',
    `  API version:    ${versions.driverApi}`,
    `  Schema version: ${versions.driverSchema}`,
    `  Default driver: ${versions.driverApi}`,
  ].join('\n');
}

function renderFields(sources: ReturnType<typeof listSources>, format: Format, given: Arguments): string {
  if (given.has('names')) return sources.flatMap(({ fields }) => fields.map(({ name }) => name)).join('\n');
  if (format === 'json') return JSON.stringify({ sources });
  const isVerbose = given.has('verbose');
  const groups = sources.flatMap(({ name: source, fields }) =>
    [...new Set(fields.map((field) => field.class))].map((group) => {
      return { title: `${group} (${source})`, fields: fields.filter((field) => field.class === group) };
    }),
  );
  return groups
    .map(({ title, fields }) => {
      const rows = fields.map(({ name, type, doc }) => [
        name,
        isVerbose || format === 'markdown' ? `${type}: ${doc}` : doc,
      ]);
      return format === 'markdown'
        ? `## ${title}\n\n| Name | Description |\n|---|---|\n${rows.map(([name, doc]) => `| \`${name}\` | ${doc} |`).join('\n')}\n`
        : `${title}\n\n${rows.map(([name = '', doc]) => `${name.padEnd(34)} ${doc}`).join('\n')}\n`;
    })
    .join('\n');
}

function renderEvents(format: Format): string {
  const events = listEvents();
  if (format === 'json')
    return JSON.stringify(events.map(({ name, category, params }) => ({ name, category, params })));
  const categories = [...new Set(events.map(({ category }) => category))].sort();
  return categories
    .map((category) => {
      const some = events.filter((event) => event.category === category);
      const rows = some.map(({ name, params }) => [
        name,
        params.map((param) => `${param.type} **${param.name}**`).join(', '),
      ]);
      return format === 'markdown'
        ? `## ${category}\n\n| Name | Params |\n|---|---|\n${rows.map(([name, params]) => `| \`${name}\` | ${params} |`).join('\n')}\n`
        : `${category}\n\n${rows.map(([name, params]) => `${name}(${(params ?? '').replaceAll('**', '')})`).join('\n')}\n`;
    })
    .join('\n');
}

function pluginNames(): string {
  return builtInPlugins.map(({ name }) => name).join(', ');
}

/** From the kernel's own description of this process's memory. */
function pageSizeBytes(): number {
  const kilobytes = /^KernelPageSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/smaps', 'utf8'))?.[1];
  return Number(kilobytes ?? 4) * 1024;
}

function readLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
