/** A message's text; words that were under a mark a moment ago stand out for a short while. */
import { useEffect, useRef, useState } from 'react';
import type { Message } from '../../../protocol/index.ts';
import { RichText } from '../conversation/rich-text.tsx';
import { revealedSpans } from './masked.ts';
import css from './released-text.module.css';
import { piecesOf, type Span } from './spans.ts';

const SHOWN_MS = 5_000;
const NOTHING: readonly Span[] = [];

/** The places of words that have just been released. */
export const useReleased = (message: Message | null): readonly Span[] => {
  const before = useRef(message);
  const [spans, setSpans] = useState(NOTHING);
  useEffect(() => {
    const earlier = before.current;
    before.current = message;
    if (message === null || earlier?.masked === undefined || !isRelease(earlier, message)) {
      setSpans(NOTHING);
      return;
    }
    setSpans(revealedSpans(earlier, message.body));
    const timer = setTimeout(() => setSpans(NOTHING), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message]);
  return spans;
};

export const isRelease = (before: Message, after: Message): boolean =>
  before.masked !== undefined &&
  after.masked === undefined &&
  after.offset === before.offset &&
  after.editedAt === before.editedAt &&
  after.deletedAt === null;

export const ReleasedText = ({ text, spans }: { readonly text: string; readonly spans: readonly Span[] }) =>
  spans.length === 0 ? (
    <RichText text={text} />
  ) : (
    piecesOf(text, spans).map((piece, index) =>
      piece.flagged ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other name, and change with it.
        <mark key={index} className={css.released} data-testid="released">
          <RichText text={piece.text} />
        </mark>
      ) : (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above.
        <RichText key={index} text={piece.text} />
      ),
    )
  );
