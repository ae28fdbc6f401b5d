/** Turning rules on and off. */

import type { Rule } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { tellProblem, tellUndoable } from '../../shared/notice.tsx';

/** Shown at once; taken back where the server refuses. Tells, and lets it be undone. */
async function switchRule(name: string, isEnabled: boolean, onChanged: () => void): Promise<void> {
  try {
    const { isLive } = await call('setRuleEnabled', { params: { name }, body: { isEnabled } });
    const short = name.length > 80 ? `${name.slice(0, 80)}…` : name;
    const what = `${short} is ${isEnabled ? 'on' : 'off'}`;
    tellUndoable(isLive ? what : `${what} in the file: sensors that read it take it`, () => {
      void switchRule(name, !isEnabled, onChanged);
    });
  } catch (error) {
    tellProblem(error);
  }
  onChanged();
}

export interface RuleSwitchProps {
  readonly rule: Pick<Rule, 'name' | 'isEnabled'>;
  /** Otherwise it only shows whether the rule is on. */
  readonly mayChange: boolean;
  readonly onChanged: () => void;
}

export function RuleSwitch({
  rule: { name, isEnabled },
  mayChange,
  onChanged,
}: RuleSwitchProps): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  return (
    <button
      type="button"
      role="switch"
      class="rule-switch"
      aria-checked={isEnabled}
      aria-label={`${name.slice(0, 100)} is on`}
      title={mayChange ? `Turn it ${isEnabled ? 'off' : 'on'}` : `It is ${isEnabled ? 'on' : 'off'}`}
      disabled={!mayChange || isBusy}
      onClick={() => {
        setBusy(true);
        void switchRule(name, !isEnabled, () => {
          setBusy(false);
          onChanged();
        });
      }}
    >
      <span aria-hidden="true" class="rule-switch-track" />
      <span class="rule-switch-text" aria-hidden="true">
        {isEnabled ? 'on' : 'off'}
      </span>
    </button>
  );
}
