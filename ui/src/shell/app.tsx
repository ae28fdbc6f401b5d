/** What is around every page: where one can go, who is signed in, and the keys that work everywhere. */

import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, useSession } from '../api.ts';
import { pageOf } from '../pages.ts';
import { followLinks, go, place } from '../place.ts';
import { problemOf } from '../shared/answer.ts';
import { Confirmation } from '../shared/confirm.tsx';
import { type KeyTable, useKeys } from '../shared/keys.ts';
import { Notices } from '../shared/notice.tsx';
import { ProblemBox, Waiting } from '../shared/parts.tsx';
import { mayAct, session } from '../shared/session.ts';
import { Header } from './header.tsx';
import { KeysHelp } from './keys-help.tsx';
import { destinations } from './navigation.ts';
import { SignIn } from './sign-in.tsx';

/** Between `g` and the letter of a page. */
const CHORD_MS = 1_500;

export function App(): JSX.Element {
  const [problem, setProblem] = useState<ReturnType<typeof problemOf>>();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const ask = (): void => {
    call('getSession').then(
      (answer) => {
        useSession(answer.csrfToken, ask);
        session.value = answer;
        setProblem(undefined);
      },
      (error: unknown) => setProblem(problemOf(error)),
    );
  };
  useEffect(ask, []);
  usePageKeys(() => setHelpOpen(true));
  const current = session.value;
  const isSignedIn = (current?.user ?? null) !== null;
  useEffect(() => {
    // Where a provider sends who could not be let in; whoever is in by now has no use for it.
    if (isSignedIn && place.value.path === '/sign-in') go('/', { isReplaced: true });
  }, [isSignedIn]);
  return (
    // Links are followed here for all pages; they are links without it, too.
    <div class="shell" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Header onHelp={() => setHelpOpen(true)} onSignedOut={ask} />
      {current?.hasDefaultPassword === true && (
        <p class="shell-warning" role="alert">
          Somebody can sign in here with a password that everybody knows: change it, and remove{' '}
          <code>ui.allowdefaultpassword</code>.
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {problem !== undefined ? (
          <div class="page">
            <ProblemBox problem={problem} retry={ask} />
          </div>
        ) : current === undefined ? (
          <div class="page">
            <Waiting lines={8} />
          </div>
        ) : current.user === null ? (
          <SignIn hasPasswords={current.hasPasswords} oidc={current.oidc} onSignedOut={ask} />
        ) : (
          <CurrentPage />
        )}
      </main>
      <Notices />
      <Confirmation />
      {isHelpOpen && <KeysHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function usePageKeys(help: () => void): void {
  const chordMs = useRef(Number.NEGATIVE_INFINITY);
  const chords: Record<string, () => void> = {};
  for (const { key, address, role } of destinations) if (mayAct(role)) chords[key] = () => go(address);
  const table: KeyTable = {
    '?': help,
    g: () => {
      chordMs.current = performance.now();
    },
  };
  useKeys(table);
  useEffect(() => {
    // Before the page sees it: the same letters mean something else there.
    const onKey = (event: KeyboardEvent): void => {
      if (performance.now() - chordMs.current > CHORD_MS || event.key === 'g') return;
      chordMs.current = Number.NEGATIVE_INFINITY;
      const act = Object.hasOwn(chords, event.key) ? chords[event.key] : undefined;
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act();
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  });
}

function CurrentPage(): JSX.Element {
  const { path } = place.value;
  const found = pageOf(path);
  const [loaded, setLoaded] = useState<{
    readonly name: string;
    readonly page: ComponentType<{ id: string }>;
  }>();
  const [problem, setProblem] = useState<ReturnType<typeof problemOf>>();
  const name = found?.page.name;
  useEffect(() => {
    document.title = found === undefined ? 'Peregrine' : `${found.page.title} · Peregrine`;
    let isCurrent = true;
    setProblem(undefined);
    found?.page.load().then(
      (page) => {
        if (isCurrent) setLoaded({ name: found.page.name, page });
      },
      (error: unknown) => {
        if (isCurrent) setProblem(problemOf(error));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [name]);
  if (found === undefined)
    return (
      <div class="page">
        <h1>There is no such page</h1>
        <p>
          Go to the <a href="/">overview</a>.
        </p>
      </div>
    );
  // A part of the pages that cannot be loaded: the program was replaced by another version, or has ended.
  if (problem !== undefined)
    return (
      <div class="page">
        <ProblemBox problem={problem} retry={() => location.reload()} />
      </div>
    );
  if (loaded === undefined || loaded.name !== name)
    return (
      <div class="page">
        <Waiting lines={10} />
      </div>
    );
  const { page: Page } = loaded;
  return <Page id={found.id} />;
}
