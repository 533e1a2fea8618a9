/** An element's content: what all of it stands in, then the conversation or what is in its place. */
import { type Ref, useEffect, useImperativeHandle, useMemo, useState } from 'react';
import type { Readable } from '../../../client/types.ts';
import { useNarrower } from '../lib/use-narrower.ts';
import { useReadable } from '../lib/use-readable.ts';
import { AnnouncerProvider } from '../ui/announcer.tsx';
import { LayersProvider, useCovered } from '../ui/layers.tsx';
import { NoticesProvider } from '../ui/notices.tsx';
import { type Surroundings, SurroundingsProvider } from '../ui/surroundings.tsx';
import type { Connections } from './connections.ts';
import css from './embed-root.module.css';
import type { Tell } from './host-events.ts';
import { createOverlay } from './overlay.ts';
import { Seat } from './seat.tsx';
import type { Settings } from './settings.ts';

/** What the page can do with the content. */
export interface EmbedHandle {
  /** Puts the focus where one writes, or on the first thing that takes it. */
  focus(): void;
}

interface Props {
  readonly settings: Readable<Settings>;
  readonly connections: Connections;
  readonly tell: Tell;
  readonly handle: Ref<EmbedHandle>;
}

/** Narrower than this there is room for the call or the conversation. */
const NARROW_PX = 720;

export const EmbedRoot = ({ settings, connections, tell, handle }: Props) => {
  const now = useReadable(settings);
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [overlayBox, setOverlayBox] = useState<HTMLElement | null>(null);
  const isNarrow = useNarrower(box, NARROW_PX);
  const inView = useInView(box);
  const overlay = useMemo(() => (overlayBox === null ? undefined : createOverlay(overlayBox)), [overlayBox]);
  const surroundings = useMemo<Surroundings>(
    () => ({
      isWindow: false,
      isNarrow,
      inView,
      ...(now.locale === null ? {} : { locale: now.locale }),
      ...(overlay === undefined ? {} : { overlay }),
    }),
    [isNarrow, inView, now.locale, overlay],
  );
  useImperativeHandle(handle, () => ({
    focus: () => {
      const first = box?.querySelector<HTMLElement>('textarea:enabled') ?? box?.querySelector<HTMLElement>('button:enabled');
      first?.focus();
    },
  }));

  return (
    // The words are English, whatever the page's language.
    <div ref={setBox} className={css.root} data-theme={now.theme} lang="en">
      <SurroundingsProvider value={surroundings}>
        <AnnouncerProvider>
          <NoticesProvider>
            <LayersProvider>
              {overlay !== undefined && (
                <Frame>
                  <Seat settings={now} connections={connections} tell={tell} />
                </Frame>
              )}
            </LayersProvider>
          </NoticesProvider>
        </AnnouncerProvider>
      </SurroundingsProvider>
      <div ref={setOverlayBox} className={css.overlay} popover="manual" />
    </div>
  );
};

const Frame = ({ children }: { readonly children: React.ReactNode }) => (
  <section className={css.frame} aria-label="Conversation" inert={useCovered()}>
    {children}
  </section>
);

const useInView = (box: HTMLElement | null): boolean => {
  const [inView, setInView] = useState(false);
  useEffect(() => {
    if (box === null) return;
    // A busy page is told of several changes at once, the last one last.
    const observer = new IntersectionObserver((entries) => setInView(entries.at(-1)?.isIntersecting === true));
    observer.observe(box);
    return () => observer.disconnect();
  }, [box]);
  return inView;
};
