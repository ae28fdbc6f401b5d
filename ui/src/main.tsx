/** The web interface: finds the page for the address, and asks who is signed in. */

import './shared/tokens.css';
import './shared/parts.css';
import './shell/shell.css';
import { render } from 'preact';
import { go } from './place.ts';
import { App } from './shell/app.tsx';
import { addressOfUpstreamHash } from './shell/upstream-address.ts';

const root = document.getElementById('app');
const address = addressOfUpstreamHash(location.hash);
if (address !== undefined) go(address, { isReplaced: true });
if (root !== null) render(<App />, root);
