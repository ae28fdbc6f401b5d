/** Reference of plugins: sources of events beside the kernel, where they read from, and how they are set up. */

import { pluginRoster } from '../../packages/app/src/plugins/roster.ts';
import { isObject, rowsOf } from './configuration-page.ts';
import { code, type Page, section, table } from './markdown.ts';

export function pluginsPage(): Page {
  return {
    name: 'plugins.md',
    title: 'Plugins',
    summary: 'Sources of events beside the kernel.',
    body: [
      'What `plugins` of falco.yaml may name. `load_plugins` chooses among the entries; `open_params` says where the events',
      'are, and `init_config`, a map or the same as text, how they are read. Where nothing is said of a default, a key must',
      'be set. Beside these, `container` is accepted: what it gives is built in. Others may be modules of your own:',
      '[writing a plugin](../guides/writing-plugins.md).',
      '',
      ...pluginRoster.flatMap(({ name, source, doc, openForms, settings, web }) => [
        section(
          `${code(name)}, for the source ${code(source)}`,
          [
            doc,
            '',
            table(
              ['`open_params`', 'meaning'],
              openForms.map((form) => [code(form.form), form.doc]),
            ),
            '',
            ...(web === undefined
              ? []
              : [
                  `Without a port, its web server listens on ${web.port}; without a path, it answers ${code(web.path)}.`,
                  '',
                ]),
            table(
              ['`init_config`', 'type', 'default', 'meaning'],
              isObject(settings) ? rowsOf(settings.keys, '') : [],
            ),
          ].join('\n'),
        ),
        '',
      ]),
    ].join('\n'),
  };
}
