/** What the operator tells everybody who is here: over everything else, the most urgent first, one after the other where there is little room. */
import { CircleAlert, Info, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import type { Announcement, AnnouncementTone } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { classes } from '../lib/classes.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { useNarrow } from '../ui/surroundings.tsx';
import css from './announcements.module.css';

/** How many are shown before one asks for the others. */
const SHOWN = { narrow: 1, wide: 2 } as const;

const URGENCY: Readonly<Record<AnnouncementTone, number>> = { critical: 0, warning: 1, info: 2 };
const ICONS: Readonly<Record<AnnouncementTone, LucideIcon>> = { critical: CircleAlert, warning: TriangleAlert, info: Info };
/** What the icon says. */
const NAMES: Readonly<Record<AnnouncementTone, string>> = { critical: 'Urgent', warning: 'Important', info: 'News' };

export const Announcements = () => {
  const { client } = useParley();
  const all = useReadable(client.announcements).toSorted((one, other) => URGENCY[one.tone] - URGENCY[other.tone]);
  const isNarrow = useNarrow();
  const [isWhole, setIsWhole] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const listId = useId();
  const room = isNarrow ? SHOWN.narrow : SHOWN.wide;
  const shown = isWhole ? all : all.slice(0, room);

  const dismiss = (announcementId: string): void => {
    const hadFocus = isFocusWithin(box.current);
    client.dismissAnnouncement(announcementId);
    if (hadFocus) requestAnimationFrame(() => requestAnimationFrame(() => focusAfter(box.current)));
  };
  const row = (announcement: Announcement) => (
    <Banner key={announcement.announcementId} announcement={announcement} onDismiss={dismiss} />
  );

  return (
    <div
      ref={box}
      className={classes(css.announcements, isWhole && css.whole)}
      {...(all.length === 0 ? {} : { role: 'region', 'aria-label': 'Announcements' })}
    >
      <div id={listId} className={css.list}>
        {/* Both are there from the start, so that what comes into them is read out. */}
        <div role="alert" aria-atomic="false">
          {shown.filter(({ tone }) => tone === 'critical').map(row)}
        </div>
        <div role="status" aria-atomic="false">
          {shown.filter(({ tone }) => tone !== 'critical').map(row)}
        </div>
      </div>
      {all.length > room && (
        <div className={css.more}>
          <Button size="s" tone="ghost" aria-expanded={isWhole} aria-controls={listId} onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? 'Show fewer' : `Show ${all.length - room} more`}
          </Button>
        </div>
      )}
    </div>
  );
};

const Banner = ({
  announcement: { announcementId, text, link, tone, dismissible },
  onDismiss,
}: {
  readonly announcement: Announcement;
  readonly onDismiss: (announcementId: string) => void;
}) => {
  const Icon = ICONS[tone];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !dismissible) return;
    event.stopPropagation();
    onDismiss(announcementId);
  };
  return (
    // Keys are heard of what is in it; it takes none itself.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <div className={css.banner} data-tone={tone} data-testid={`announcement-${announcementId}`} onKeyDown={onKeyDown}>
      <Icon aria-hidden size={18} />
      <p>
        <span className="unseen">{NAMES[tone]}: </span>
        {text}
        {link !== null && (
          <>
            {' '}
            <a href={link.url} target="_blank" rel="noopener noreferrer">
              {link.label}
            </a>
          </>
        )}
      </p>
      {dismissible && (
        <IconButton label="Dismiss" icon={X} size="s" tip="none" shortcut="Escape" onClick={() => onDismiss(announcementId)} />
      )}
    </div>
  );
};

const isFocusWithin = (box: HTMLElement | null): boolean =>
  box?.contains((box.getRootNode() as Document | ShadowRoot).activeElement) ?? false;

/** To the next that can be put away; after the last, to what the page is about. */
const focusAfter = (box: HTMLElement | null): void => {
  const next = box?.querySelector<HTMLElement>('button');
  const root = box?.getRootNode() as Document | ShadowRoot | undefined;
  (next ?? root?.querySelector<HTMLElement>('#main, textarea:enabled'))?.focus();
};
