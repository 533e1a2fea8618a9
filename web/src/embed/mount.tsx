/** What `embed.ts` loads once an element is in the page: everything that draws a conversation. */
import '../lib/no-eval.ts';
import '../styles/tokens.css';
import '../styles/base.css';
import { createRef, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Readable } from '../../../client/types.ts';
import { createConnections } from './connections.ts';
import { type EmbedHandle, EmbedRoot } from './embed-root.tsx';
import type { Tell } from './host-events.ts';
import type { Settings } from './settings.ts';

/** One for all elements of the page, which is what lets them share. */
const connections = createConnections();

export interface Mounted {
  focus(): void;
  unmount(): void;
}

export const mount = (box: HTMLElement, settings: Readable<Settings>, tell: Tell): Mounted => {
  const root = createRoot(box);
  const handle = createRef<EmbedHandle>();
  root.render(
    <StrictMode>
      <EmbedRoot settings={settings} connections={connections} tell={tell} handle={handle} />
    </StrictMode>,
  );
  return {
    focus: () => handle.current?.focus(),
    unmount: () => root.unmount(),
  };
};
