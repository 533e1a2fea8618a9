/** A short note beside what it is about: opened and closed in place, put away for good, found again, and voted on. */
import { ChevronDown, CircleHelp } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { HELP_NOTES, type HelpNoteId } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { createCell } from '../lib/cell.ts';
import { classes } from '../lib/classes.ts';
import { keptInBrowser } from '../lib/kept.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { useNotify } from '../ui/notices.tsx';
import css from './help-note.module.css';

const noteOf = (noteId: HelpNoteId) => HELP_NOTES.find((note) => note.noteId === noteId)!;
const keyOf = (noteId: HelpNoteId): string => `parley.help.${noteId}`;

/** What was done to a note in this browser: `away` for good, or just `hidden` or `found` again, by somebody whose focus goes with it. */
type Told = 'away' | 'hidden' | 'found';

/** One for all places that show them. */
const told = createCell<ReadonlyMap<HelpNoteId, Told>>(
  new Map(HELP_NOTES.filter(({ noteId }) => keptInBrowser.getItem(keyOf(noteId)) !== null).map(({ noteId }) => [noteId, 'away'])),
);

const tell = (noteId: HelpNoteId, what: Told | null): void => {
  if (what === null || what === 'found') keptInBrowser.removeItem(keyOf(noteId));
  else keptInBrowser.setItem(keyOf(noteId), 'away');
  const next = new Map(told.get());
  if (what === null) next.delete(noteId);
  else next.set(noteId, what);
  told.set(next);
};

export const useIsAway = (noteId: HelpNoteId): boolean => {
  const what = useReadable(told).get(noteId);
  return what === 'away' || what === 'hidden';
};

interface Props {
  readonly noteId: HelpNoteId;
  /** Takes the whole width, as a bar of its own. */
  readonly bar?: boolean;
}

export const HelpNote = ({ noteId, bar = false }: Props) =>
  useIsAway(noteId) ? <Again noteId={noteId} /> : <Note noteId={noteId} bar={bar} />;

/** Takes the focus of who has just put it away, or just found it, and forgets that it was just now. */
const useFocusOf = (noteId: HelpNoteId, just: Told, then: Told | null) => {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (told.get().get(noteId) !== just) return;
    button.current?.focus();
    tell(noteId, then);
  }, [noteId, just, then]);
  return button;
};

const Again = ({ noteId }: { readonly noteId: HelpNoteId }) => (
  <IconButton
    ref={useFocusOf(noteId, 'hidden', 'away')}
    label={`Tips: ${noteOf(noteId).title}`}
    icon={CircleHelp}
    size="s"
    tip="above"
    data-testid={`help-again-${noteId}`}
    onClick={() => tell(noteId, 'found')}
  />
);

const Note = ({ noteId, bar }: Required<Props>) => {
  const { title, lines } = noteOf(noteId);
  const [isOpen, setIsOpen] = useState(() => told.get().get(noteId) === 'found');
  const button = useFocusOf(noteId, 'found', null);
  const bodyId = useId();
  return (
    <div className={classes(css.note, bar && css.bar)} data-testid={`help-${noteId}`}>
      <button
        ref={button}
        type="button"
        className={css.title}
        aria-expanded={isOpen}
        aria-controls={isOpen ? bodyId : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        <CircleHelp aria-hidden size={16} />
        <span>{title}</span>
        <ChevronDown aria-hidden size={16} className={css.arrow} />
      </button>
      {isOpen && (
        <div id={bodyId} className={css.body}>
          <ul>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <div className={css.foot}>
            <Vote noteId={noteId} />
            <Button size="s" tone="ghost" onClick={() => tell(noteId, 'hidden')}>
              Hide this tip
            </Button>
          </div>
        </div>
      )}
    </div>
  );
};

const Vote = ({ noteId }: { readonly noteId: HelpNoteId }) => {
  const { client } = useParley();
  const notify = useNotify();
  const labelId = useId();
  const [vote, setVote] = useState<boolean | null>(null);
  const [isNew, setIsNew] = useState(false);

  useEffect(() => {
    let isCurrent = true;
    client.helpVotes().then(
      (votes) => {
        const own = votes.find((one) => one.noteId === noteId);
        if (isCurrent && own !== undefined) setVote((now) => now ?? own.helpful);
      },
      // What was said before is not worth a word.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [client, noteId]);

  const say = async (helpful: boolean): Promise<void> => {
    const before = vote;
    setVote(helpful);
    try {
      await client.voteHelp(noteId, helpful);
      setIsNew(true);
    } catch {
      setVote(before);
      notify('Your answer could not be sent. Try again when there is a connection.');
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a line of text.
    <div className={css.vote} role="group" aria-labelledby={labelId}>
      <span id={labelId}>Was this helpful?</span>
      {([true, false] as const).map((helpful) => (
        <Button
          key={String(helpful)}
          size="s"
          tone={vote === helpful ? 'primary' : 'secondary'}
          aria-pressed={vote === helpful}
          onClick={() => void say(helpful)}
        >
          {helpful ? 'Yes' : 'No'}
        </Button>
      ))}
      <span role="status">{isNew ? 'Thank you.' : ''}</span>
    </div>
  );
};
