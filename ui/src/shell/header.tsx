/** The line above every page. */

import type { JSX } from 'preact';
import { call } from '../api.ts';
import { place } from '../place.ts';
import { tellProblem } from '../shared/notice.tsx';
import { mayAct, session } from '../shared/session.ts';
import { ShortText } from '../shared/text.tsx';
import { destinations, isAt } from './navigation.ts';
import { chooseTheme, type Theme, theme } from './theme.ts';

const themes: readonly { readonly theme: Theme; readonly title: string }[] = [
  { theme: 'system', title: 'Theme: system' },
  { theme: 'light', title: 'Theme: light' },
  { theme: 'dark', title: 'Theme: dark' },
];

export function Header({
  onHelp,
  onSignedOut,
}: {
  readonly onHelp: () => void;
  readonly onSignedOut: () => void;
}): JSX.Element {
  const user = session.value?.user ?? null;
  const signOut = (): void => {
    call('signOut').then(onSignedOut, tellProblem);
  };
  return (
    <header class="shell-head">
      <a class="shell-name" href="/">
        Peregrine
      </a>
      {(user !== null || session.value === undefined) && (
        // Its place is kept while it is not known who is there.
        <nav aria-label="Pages">
          {destinations
            .filter(({ role }) => mayAct(role))
            .map(({ address, title, key }) => (
              <a
                key={address}
                href={address}
                title={`${title} (keys g ${key})`}
                aria-current={isAt(place.value.path, address) ? 'page' : undefined}
              >
                {title}
              </a>
            ))}
        </nav>
      )}
      <span class="spring" />
      <div class="row shell-tools">
        <button type="button" class="act" aria-label="Keys" title="Keys (key ?)" onClick={onHelp}>
          ?
        </button>
        <label>
          <span class="unseen">Theme</span>
          <select
            class="is-small"
            value={theme.value}
            onChange={({ currentTarget: { value } }) =>
              chooseTheme(themes.find((one) => one.theme === value)?.theme ?? 'system')
            }
          >
            {themes.map(({ theme: each, title }) => (
              <option key={each} value={each}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {user !== null && user.via !== 'open' && (
          <>
            <a class="quiet-link" href="/account">
              <ShortText value={user.name} limit={40} /> ({user.role})
            </a>
            <button type="button" class="button is-small" onClick={signOut}>
              Sign out
            </button>
          </>
        )}
      </div>
    </header>
  );
}
