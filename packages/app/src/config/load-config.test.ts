// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of configuration files, not of templates.
import { plainOf } from '@peregrine/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { notesOn } from './config.ts';
import { type ConfigFiles, type LoadedConfig, loadConfig } from './load-config.ts';

function fakeDisk(contents: Readonly<Record<string, string>>): ConfigFiles {
  const filesIn = (folder: string): string[] =>
    Object.keys(contents)
      .filter((path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/'))
      .sort();
  return {
    read: (path) => {
      const text = contents[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
    kindOf: (path) =>
      contents[path] !== undefined ? 'file' : filesIn(path).length > 0 ? 'folder' : undefined,
    filesIn,
    realPath: (path) => path,
  };
}

function load(
  contents: Readonly<Record<string, string>>,
  overrides: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<LoadedConfig> {
  return loadConfig({ file: '/main.yaml', overrides, environment, files: fakeDisk(contents) });
}

describe('a file', () => {
  test('alone', async () => {
    const { config, diagnostics, paths } = await load({
      '/main.yaml':
        'json_output: True\npriority: info\nstdout_output: {enabled: on}\nrules_files: [a.yaml]\n',
    });
    expect(diagnostics).toEqual([]);
    expect(paths).toEqual(['/main.yaml']);
    expect(config).toMatchObject({
      json_output: true,
      priority: 'Info',
      stdout_output: { enabled: true },
      rules_files: ['a.yaml'],
      rule_matching: 'first',
      output_timeout: 2000,
      http_output: { user_agent: 'falcosecurity/falco', max_consecutive_timeouts: 5 },
    });
  });

  test('empty, or absent, gives defaults', async () => {
    expect((await load({ '/main.yaml': '' })).config).toMatchObject({ priority: 'Debug' });
    const none = await loadConfig({ file: undefined, overrides: [], environment: {}, files: fakeDisk({}) });
    expect(none.config).toEqual((await load({ '/main.yaml': '# nothing\n' })).config);
  });

  test('with environment variables', async () => {
    const text =
      'json_output: ${JSON}\nfile_output: {enabled: true, filename: "${DIR}/a"}\npriority: $${X}\n';
    const { config, diagnostics } = await load({ '/main.yaml': text }, [], { JSON: 'yes', DIR: '/d' });
    expect(config).toBeUndefined();
    expect(diagnostics.map(({ message }) => message)).toEqual(['`priority` cannot be `${X}`']);
    const fine = await load({ '/main.yaml': text }, ['priority=error'], { JSON: 'yes', DIR: '/d' });
    expect(fine.config).toMatchObject({
      json_output: true,
      file_output: { filename: '/d/a' },
      priority: 'Error',
    });
  });

  test('with anchors', async () => {
    const text = 'stdout_output: &on {enabled: true}\nsyslog_output: *on\n';
    expect((await load({ '/main.yaml': text })).config).toMatchObject({ syslog_output: { enabled: true } });
  });
});

describe('included files', () => {
  const main =
    'priority: error\nrules_files: [a]\nconfig_files: [/d, {path: /o, strategy: override}, {path: /new, strategy: add-only}, /gone]\n';
  test('are put on by their strategy, in order', async () => {
    const { root, paths, diagnostics } = await load({
      '/main.yaml': main,
      '/d/2': 'rules_files: [c]\npriority: debug\n',
      '/d/1': 'rules_files: [b]\n',
      '/o': 'rules_files: [z]\n',
      '/new': 'priority: alert\njson_output: true\n',
    });
    expect(diagnostics).toEqual([]);
    expect(plainOf(root)).toMatchObject({ rules_files: ['z'], priority: 'debug', json_output: 'true' });
    expect(paths).toEqual(['/main.yaml', '/d', '/o', '/new']);
  });

  test.each([
    [{ '/main.yaml': 'config_files: [/x]', '/x': 'config_files: [/y]' }, 'config-nested'],
    [{ '/main.yaml': 'config_files: [/main.yaml]' }, 'config-includes-itself'],
    [{ '/main.yaml': 'config_files: [/x]', '/x': '- a list' }, 'config-not-a-map'],
    [{ '/main.yaml': 'config_files: [/x]', '/x': 'a: [' }, 'config-yaml'],
  ])('%j is refused', async (contents, code) => {
    const { config, diagnostics } = await load(contents);
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code, severity: 'error' }]);
  });
});

describe('overrides', () => {
  test('win over files, included ones too, and may name them', async () => {
    const contents = { '/main.yaml': 'priority: error', '/x': 'priority: alert\njson_output: true' };
    const { config } = await load(contents, [
      'config_files[]=/x',
      'priority=notice',
      'rules[].disable.tag=net',
    ]);
    expect(config).toMatchObject({
      json_output: true,
      priority: 'Notice',
      rules: [{ disable: { tag: 'net' } }],
    });
  });

  test('may be a tree', async () => {
    const { config } = await load({ '/main.yaml': '' }, [
      'append_output[]={suggested_output: true}',
      'a=b=c',
    ]);
    expect(config?.append_output).toMatchObject([{ suggested_output: true }]);
  });

  test.each(['json_output', '=x', 'a..b=1', 'append_output[]={a: [}'])('%s is refused', async (override) => {
    const { config, diagnostics } = await load({ '/main.yaml': '' }, [override]);
    expect(config).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
  });
});

test.each([
  ['engine: {kind: kmodd}', '`engine.kind` cannot be `kmodd`'],
  ['engine: {kind: replay}', '`engine.kind` is `replay`, but `engine.replay.capture_file` is not set'],
  ['priority: loud', '`priority` cannot be `loud`'],
  ['rule_matching: some', '`rule_matching` cannot be `some`'],
  ['rules_files: []\nrules_file: []', 'both `rules_files` and `rules_file` are set'],
  ['rules: [{enable: {}}]', '`rules[0]` enables and disables nothing'],
  ['file_output: {enabled: true}', '`file_output.filename` is not set'],
  ['program_output: {enabled: true}', '`program_output.program` is not set'],
  [
    'http_output: {enabled: true, url: "ftp://x"}',
    '`http_output.url` is `ftp://x`, which is not an http or https address',
  ],
  [
    'syscall_event_timeouts: {max_consecutives: 0}',
    '`syscall_event_timeouts.max_consecutives` is `0`, but must be 1 or more',
  ],
  ['syscall_event_drops: {threshold: 2}', '`syscall_event_drops.threshold` is `2`, but must be 0 to 1'],
  [
    'syscall_event_drops: {actions: [ignore, log]}',
    '`syscall_event_drops.actions` has `ignore` beside `log` or `alert`',
  ],
  ['append_output: [{extra_fields: x}]', '`append_output[0].extra_fields`: a list is needed'],
  ['append_output: [{extra_fields: [a, a: "%b"]}]', '`append_output[0].extra_fields[1]`: `a` comes twice'],
  [
    'append_output: [{extra_fields: [{a: 1, b: 2}]}]',
    '`append_output[0].extra_fields[0]`: one field, or one name with a format, is needed',
  ],
])('%s cannot work', async (text, message) => {
  const { config, diagnostics } = await load({ '/main.yaml': text });
  expect(config).toBeUndefined();
  expect(diagnostics.filter(({ severity }) => severity === 'error').map((d) => d.message)).toEqual([message]);
});

test('unknown keys and wrong types are told of, with their place, and the default is taken', async () => {
  const { config, diagnostics } = await load({
    '/main.yaml': 'json_ouput: true\npriority: debug\nwatch_config_files: perhaps\n',
  });
  expect(config).toMatchObject({ json_output: false, watch_config_files: true });
  expect(
    diagnostics.map(({ code, severity, span }) => [code, severity, span?.file, span?.start.line]),
  ).toEqual([
    ['unknown-key', 'warning', '/main.yaml', 1],
    ['wrong-type', 'warning', '/main.yaml', 3],
  ]);
});

test('parts that are not built are told of', async () => {
  const { config } = await load({
    '/main.yaml':
      'webserver: {enabled: true}\nengine: {kind: replay, replay: {capture_file: x}}\nfalco_libs: {snaplen: 200}\n',
  });
  expect(config && notesOn(config)).toHaveLength(2);
  const quiet = await load({
    '/main.yaml': 'plugins: [{name: container, library_path: x}]\nload_plugins: [container]',
  });
  expect(quiet.config && notesOn(quiet.config)).toEqual([]);
});

test('no text throws', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 60 }), fc.string({ maxLength: 20 }), async (text, override) => {
      const loaded = await load({ '/main.yaml': text }, [override]);
      expect(loaded.root.kind).toBe('map');
    }),
    { numRuns: 200 },
  );
});
