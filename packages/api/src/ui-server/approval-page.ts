/** The page that an approval link opens: what will be done, and two buttons. One document without scripts. */

import { unreachable } from '@peregrine/base';
import type { Run } from '../contract/index.ts';
import { foreignHtml, html } from './html-text.ts';

/** What a link stands for, or what came of using it. */
export type ApprovalView =
  | { readonly kind: 'waiting'; readonly run: Run }
  | { readonly kind: 'approved'; readonly run: Run }
  | { readonly kind: 'denied'; readonly run: Run }
  /** It was decided before, or nobody decided in time. */
  | { readonly kind: 'over'; readonly run: Run }
  | { readonly kind: 'expired' }
  /** Nothing that this hub gave out, or it no longer knows what for. */
  | { readonly kind: 'invalid' };

export const APPROVAL_STYLE_PATH = 'style.css';

export const approvalStyle = `:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; line-height: 1.25; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); gap: 0.4rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
form { display: flex; flex-wrap: wrap; gap: 1rem; }
button { font: inherit; min-height: 2.75rem; padding: 0.4rem 1.4rem; cursor: pointer; }
button[value="approve"] { font-weight: 600; }
`;

/** `token`: what the buttons send. Status, and the document. */
export function approvalPage(
  view: ApprovalView,
  token: string,
): { readonly status: number; readonly text: string } {
  switch (view.kind) {
    case 'waiting':
      return page(200, 'Approve this?', [
        `<p>Nothing was done yet. It is, when you approve it, until ${timeHtml(view.run.approval?.expiresTime)}.</p>`,
        factsOf(view.run),
        `<form method="post" action="/response/approve?token=${encodeURIComponent(token)}">`,
        '<button name="decision" value="approve">Approve</button>',
        '<button name="decision" value="deny">Deny</button>',
        '</form>',
      ]);
    case 'approved':
      return page(200, 'Approved', ['<p>It is being done.</p>', factsOf(view.run), linkTo(view.run)]);
    case 'denied':
      return page(200, 'Denied', ['<p>It will not be done.</p>', factsOf(view.run), linkTo(view.run)]);
    case 'over':
      return page(409, 'This was decided already', [
        `<p>${foreignHtml(view.run.summary)}</p>`,
        factsOf(view.run),
        linkTo(view.run),
      ]);
    case 'expired':
      return page(410, 'This link has expired', ['<p>Nobody approved it in time, so nothing was done.</p>']);
    case 'invalid':
      return page(404, 'This link is not valid', [
        '<p>Open the whole address, as it was sent to you; what is older than the hub remembers is gone.</p>',
      ]);
    default:
      return unreachable(view);
  }
}

/** For who tries too many addresses that stand for nothing. */
export function tooManyPage(seconds: number): { readonly status: number; readonly text: string } {
  return page(429, 'Too many attempts', [`<p>Try again in ${seconds} seconds.</p>`]);
}

function factsOf(run: Run): string {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Action', foreignHtml(run.action)],
    ['What it does', `<code>${foreignHtml(run.actionner)}</code>`],
    ['To what', run.target === '' ? '-' : foreignHtml(run.target)],
    ['Response rule', foreignHtml(run.rule)],
    ['Alert', `${html(run.alertPriority)}: ${foreignHtml(run.alertRule)}`],
    ['What happened', foreignHtml(run.alertOutput)],
    ['When', timeHtml(run.alertTime)],
    ...(run.hostname === '' ? [] : [['Machine', foreignHtml(run.hostname)] as const]),
  ];
  return `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

function timeHtml(time: string | undefined): string {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? foreignHtml(time ?? '') : html(`${new Date(ms).toUTCString()}`);
}

const linkTo = ({ id }: Run): string =>
  `<p><a href="/response?run=${encodeURIComponent(id)}">What became of it</a> (for who can sign in)</p>`;

function page(
  status: number,
  title: string,
  parts: readonly string[],
): { readonly status: number; readonly text: string } {
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title} - Peregrine</title>
<link rel="stylesheet" href="/response/approve/${APPROVAL_STYLE_PATH}">
</head>
<body>
<main>
<h1>${title}</h1>
${parts.join('\n')}
</main>
</body>
</html>
`;
  return { status, text };
}
