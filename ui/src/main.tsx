/** The web interface: finds the page for the address, and asks who is signed in. */

import './shared/tokens.css';
import './shared/parts.css';
import './shell.css';
import { render } from 'preact';
import { App } from './app.tsx';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
