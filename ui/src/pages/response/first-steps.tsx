/** For a hub that does nothing about alerts: how to begin. */

import type { JSX } from 'preact';
import { CopyButton } from '../../shared/parts.tsx';

const rule = `- when: rule = "Terminal shell in container"
  do: kubernetes:terminate
`;
const settings = `response:
  rulesfiles: [/etc/peregrine/response.yaml]
  dryrun: true
`;

export function FirstSteps(): JSX.Element {
  return (
    <section class="panel response-begin" aria-label="How to begin">
      <h2>This hub does nothing about alerts yet</h2>
      <p>
        A response rule says which alerts it is for and what is done: here, the pod is deleted that a shell
        was opened in. Two lines in a file, <code>response.yaml</code>:
      </p>
      <Snippet text={rule} what="rule" />
      <p>
        Name the file in the configuration of the hub. With <code>dryrun</code>, this page tells what would
        have been done, and nothing is.
      </p>
      <Snippet text={settings} what="settings" />
      <p>
        <code>peregrine response check</code> says what is wrong with rules before the hub is started again.
      </p>
    </section>
  );
}

function Snippet({ text, what }: { readonly text: string; readonly what: string }): JSX.Element {
  return (
    <div class="response-snippet">
      <pre class="code">{text}</pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
