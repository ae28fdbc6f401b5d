/** Fields of what GitHub tells through webhooks. */

import type { Json } from '@peregrine/base';
import { at, elements, type JsonEvent } from '../json/json-event.ts';
import { type JsonField, list, text } from '../json/json-field.ts';

function part(doc: string, path: readonly string[], examples: readonly string[] = []): JsonField {
  return text({ doc, examples, value: (event) => at(event.object, ...path) });
}

/** Files that the commits of a push name. */
function filesOf(
  { object }: JsonEvent,
  change: 'added' | 'modified' | 'removed',
): readonly Json[] | undefined {
  const commits = at(object, 'commits');
  return commits === undefined
    ? undefined
    : elements(commits).flatMap((commit) => elements(at(commit, change)));
}

export const githubFieldRoster: Readonly<Record<string, JsonField>> = {
  'github.type': part(
    'Kind of event, as the request’s header names it.',
    ['webhook_type'],
    ['push', 'repository'],
  ),
  'github.action': part('What happened to it.', ['action'], ['deleted']),
  'github.user': part('Who did it.', ['sender', 'login']),
  'github.repo': part('Address of the repository.', ['repository', 'html_url']),
  'github.repo.name': part(
    'Owner and name of the repository.',
    ['repository', 'full_name'],
    ['example/shop'],
  ),
  'github.repo.public': text({
    doc: 'Whether everybody can read the repository.',
    value: ({ object }) => {
      const isPrivate = at(object, 'repository', 'private');
      return typeof isPrivate === 'boolean' ? !isPrivate : undefined;
    },
  }),
  'github.org': part('Organisation.', ['organization', 'login']),
  'github.owner': part('Owner of the repository.', ['repository', 'owner', 'login']),
  'github.ref': part('Branch or tag.', ['ref'], ['refs/heads/main']),
  'github.forced': part('Whether a push rewrote history.', ['forced']),
  'github.collaborator.name': part('Who was given rights, or lost them.', ['member', 'login']),
  'github.collaborator.role': part('The rights.', ['changes', 'permission', 'to']),
  'github.webhook.id': part('Id of a webhook that was changed.', ['hook', 'id']),
  'github.webhook.type': part('Kind of that webhook.', ['hook', 'type']),
  'github.workflow.name': part('Name of a workflow.', ['workflow', 'name']),
  'github.workflow.conclusion': part('How a run of it ended.', ['workflow_run', 'conclusion'], ['failure']),
  'github.commit.added': list({ doc: 'Files that a push adds.', values: (event) => filesOf(event, 'added') }),
  'github.commit.modified': list({
    doc: 'Files that a push changes.',
    values: (event) => filesOf(event, 'modified'),
  }),
  'github.commit.removed': list({
    doc: 'Files that a push removes.',
    values: (event) => filesOf(event, 'removed'),
  }),
};
