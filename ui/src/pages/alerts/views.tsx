/** Saved views: a search by name, one's own or for everybody. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { mayAct, session } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';

export function Views(): JSX.Element {
  const { data, reload } = useAnswer('views', (signal) => call('listViews', { signal }));
  const [name, setName] = useState('');
  const [isShared, setShared] = useState(false);
  const me = session.value?.user?.name;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await call('saveView', { body: { name: name.trim(), query: String(place.value.query), isShared } });
      tell(`view saved: ${name.trim()}`);
      setName('');
      reload();
    } catch (error) {
      tellProblem(error);
    }
  };
  const remove = async (id: string): Promise<void> => {
    try {
      await call('removeView', { params: { id } });
      reload();
    } catch (error) {
      tellProblem(error);
    }
  };
  const views = data?.views ?? [];
  return (
    <details class="menu">
      <summary class="button is-small">Views</summary>
      <div class="menu-box">
        <ul class="menu-list">
          {views.map((view) => (
            <li key={view.id} class="row">
              <a
                href={`/alerts?${new URLSearchParams(view.query)}`}
                onClick={(event) => {
                  event.preventDefault();
                  event.currentTarget.closest('details')?.removeAttribute('open');
                  go(`/alerts?${new URLSearchParams(view.query)}`);
                }}
              >
                <ShortText value={view.name} limit={60} />
              </a>
              {view.isShared && <span class="quiet">for everybody</span>}
              <span class="spring" />
              {(view.owner === me || mayAct('admin')) && (
                <button
                  type="button"
                  class="act"
                  aria-label={`Remove the view ${view.name.slice(0, 60)}`}
                  onClick={() => void remove(view.id)}
                >
                  ×
                </button>
              )}
            </li>
          ))}
          {views.length === 0 && <li class="quiet">None are saved yet.</li>}
        </ul>
        <form class="menu-form" onSubmit={(event) => void save(event)}>
          <label class="form-row">
            Save what is shown as
            <input
              type="text"
              required
              maxLength={256}
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={isShared}
              onChange={({ currentTarget }) => setShared(currentTarget.checked)}
            />
            for everybody
          </label>
          <button type="submit" class="button is-small" disabled={name.trim() === ''}>
            Save view
          </button>
        </form>
      </div>
    </details>
  );
}
