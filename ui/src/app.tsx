/** What is around every page: where one can go, and who is signed in. */

import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, useSession } from './api.ts';
import { pageOf } from './pages.ts';
import { followLinks, place } from './place.ts';
import { problemOf } from './shared/answer.ts';
import { Notices } from './shared/notice.tsx';
import { ProblemBox, Waiting } from './shared/parts.tsx';
import { session } from './shared/session.ts';

const links = [{ address: '/incidents', title: 'Incidents' }] as const;

export function App(): JSX.Element {
  const [problem, setProblem] = useState<ReturnType<typeof problemOf>>();
  useEffect(() => {
    const signedOut = (): void => {
      session.value = undefined;
    };
    call('getSession').then(
      (answer) => {
        useSession(answer.csrfToken, signedOut);
        session.value = answer;
      },
      (error: unknown) => setProblem(problemOf(error)),
    );
  }, []);
  return (
    // Links are followed here for all pages; they are links without it, too.
    <div class="shell" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="shell-head">
        <a class="shell-name" href="/">
          Peregrine
        </a>
        <nav aria-label="Pages">
          {links.map(({ address, title }) => (
            <a
              key={address}
              href={address}
              aria-current={place.value.path.startsWith(address) ? 'page' : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {problem !== undefined ? (
          <ProblemBox problem={problem} />
        ) : session.value === undefined ? (
          <Waiting lines={8} />
        ) : (
          <CurrentPage />
        )}
      </main>
      <Notices />
    </div>
  );
}

function CurrentPage(): JSX.Element {
  const { path } = place.value;
  const found = pageOf(path);
  const [loaded, setLoaded] = useState<{
    readonly name: string;
    readonly page: ComponentType<{ id: string }>;
  }>();
  const name = found?.page.name;
  useEffect(() => {
    document.title = found === undefined ? 'Peregrine' : `${found.page.title} · Peregrine`;
    let isCurrent = true;
    found?.page.load().then((page) => {
      if (isCurrent) setLoaded({ name: found.page.name, page });
    });
    return () => {
      isCurrent = false;
    };
  }, [name]);
  if (found === undefined)
    return (
      <div class="page">
        <h1>There is no such page</h1>
        <p>
          Go to the <a href="/incidents">incidents</a>.
        </p>
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
