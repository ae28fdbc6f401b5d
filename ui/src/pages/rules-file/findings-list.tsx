/** What is wrong with the rules, with a way to each place. */

import type { JSX } from 'preact';
import { ShortText, Text } from '../../shared/text.tsx';
import { addressOfFile } from '../rules/addresses.ts';
import type { EditorFinding } from './editor.ts';

export type ListedFinding = EditorFinding & { readonly file?: string | undefined };

const MOST = 200;

export interface FindingsListProps {
  /** `undefined`: it is not known yet. */
  readonly findings: readonly ListedFinding[] | undefined;
  /** Name of the file in the editor. */
  readonly file: string;
  readonly onPlace: (line: number, column: number) => void;
}

/** Errors first, those of this file before others. */
function inOrder(findings: readonly ListedFinding[], file: string): readonly ListedFinding[] {
  const rank = (finding: ListedFinding): number =>
    (finding.severity === 'error' ? 0 : 2) + (finding.file === file ? 0 : 1);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

export function FindingsList({ findings, file, onPlace }: FindingsListProps): JSX.Element {
  const errorCount = findings?.filter(({ severity }) => severity === 'error').length ?? 0;
  const warningCount = (findings?.length ?? 0) - errorCount;
  return (
    <section class="findings" aria-label="Findings">
      <p role="status" class={errorCount > 0 ? 'bad' : 'quiet'}>
        {findings === undefined
          ? 'Checking…'
          : findings.length === 0
            ? 'Nothing is wrong.'
            : `${errorCount === 1 ? '1 error' : `${errorCount} errors`}, ${warningCount === 1 ? '1 warning' : `${warningCount} warnings`}`}
      </p>
      <ul>
        {inOrder(findings ?? [], file)
          .slice(0, MOST)
          .map((finding, i) => (
            <li key={i} class={`finding is-${finding.severity}`}>
              <span class="finding-sign" aria-hidden="true">
                {finding.severity === 'error' ? '✗' : '⚠'}
              </span>
              <span>
                <span class="unseen">{finding.severity}: </span>
                <Text value={finding.message} limit={400} />
                {finding.hint !== undefined && (
                  <span class="quiet">
                    {' '}
                    <Text value={finding.hint} limit={300} />
                  </span>
                )}
              </span>
              <Place finding={finding} file={file} onPlace={onPlace} />
            </li>
          ))}
      </ul>
      {(findings?.length ?? 0) > MOST && <p class="quiet">and {(findings?.length ?? 0) - MOST} more</p>}
    </section>
  );
}

function Place({
  finding: { file: of, line, column = 1 },
  file,
  onPlace,
}: {
  readonly finding: ListedFinding;
  readonly file: string;
  readonly onPlace: FindingsListProps['onPlace'];
}): JSX.Element | null {
  if (line === undefined) return null;
  if (of === undefined || of === file)
    return (
      <button type="button" class="link-button" onClick={() => onPlace(line, column)}>
        line {line}
      </button>
    );
  return (
    <a href={addressOfFile(of, line)}>
      <ShortText value={of} limit={60} />:{line}
    </a>
  );
}
