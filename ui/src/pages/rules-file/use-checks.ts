/** Checks the rules in the editor while they are written, with all other files. */

import type { LanguageFacts, RulesFile } from '@peregrine/api/contract';
import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { RulesChecker } from '../../language/checker.ts';
import type { CheckAnswer } from '../../language/messages.ts';
import type { RulesEditor } from './editor.ts';

/** After the last key. */
const PAUSE_MS = 200;

export interface Checks {
  /** `undefined`: not known yet. */
  readonly answer: CheckAnswer | undefined;
  /** The browser cannot check: only the server does, when the text is saved. */
  readonly isOff: boolean;
  readonly check: (text: string) => void;
}

export function useChecks(
  editor: RefObject<RulesEditor | undefined>,
  facts: LanguageFacts,
  files: readonly RulesFile[],
  name: string,
): Checks {
  const [answer, setAnswer] = useState<CheckAnswer>();
  const [isOff, setOff] = useState(false);
  const checker = useRef<RulesChecker>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const started = new RulesChecker(
      facts,
      (found) => {
        setAnswer(found);
        editor.current?.showNames(found);
        editor.current?.showFindings(found.findings.filter(({ file }) => file === name));
      },
      () => setOff(true),
    );
    checker.current = started;
    started.check(files);
    return () => {
      clearTimeout(timer.current);
      started.close();
    };
  }, []);
  const check = useCallback((text: string): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => checker.current?.check(files.map((file) => (file.name === name ? { name, text } : file))),
      PAUSE_MS,
    );
  }, []);
  return { answer, isOff, check };
}
