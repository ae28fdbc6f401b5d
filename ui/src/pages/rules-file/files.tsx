/** Files of rules, in the order in which they are read. */

import './rules-file.css';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { bytesText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';
import { addressOfFile, addressOfVersions } from '../rules/addresses.ts';

export function RulesFilesPage(): JSX.Element {
  const { data, problem, reload } = useAnswer('rules files', (signal) => call('listRulesFiles', { signal }));
  return (
    <div class="page">
      <a class="quiet-link" href="/rules">
        Rules
      </a>
      <h1>Rules files</h1>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={6} />}
      {data !== undefined && (
        <Panel title="In the order in which they are read">
          <ol class="rules-files">
            {data.files.map(({ name, text, isEditable, version }) => (
              <li key={name}>
                <a href={addressOfFile(name)}>
                  <ShortText value={name} limit={200} />
                </a>
                <span class="quiet">
                  {bytesText(text.length)}
                  {isEditable && version > 0 && (
                    <>
                      , version {version}: <a href={addressOfVersions(name)}>all versions</a>
                    </>
                  )}
                  {isEditable && ', changed from here'}
                </span>
              </li>
            ))}
          </ol>
          <p class="quiet">
            Later files can override what earlier ones say. What is changed here is on the disk as{' '}
            <Text value={data.changes.file} />.
          </p>
        </Panel>
      )}
    </div>
  );
}
