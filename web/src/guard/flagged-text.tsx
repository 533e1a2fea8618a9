/** A text that was not sent, with the words in question underlined. */
import css from './flagged-text.module.css';
import { piecesOf, type Span } from './spans.ts';

export const FlaggedText = ({ text, spans }: { readonly text: string; readonly spans: readonly Span[] }) => (
  <span className={css.text}>
    {piecesOf(text, spans).map(({ text, flagged }, index) =>
      flagged ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other name, and change with it.
        <span key={index} className={css.flagged}>
          {text}
        </span>
      ) : (
        text
      ),
    )}
  </span>
);
