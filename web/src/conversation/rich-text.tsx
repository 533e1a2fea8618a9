/** What somebody wrote, with its lines kept and its links clickable. */
import { memo } from 'react';
import { linkParts } from '../lib/links.ts';
import css from './rich-text.module.css';

export const RichText = memo(({ text }: { readonly text: string }) => (
  <span className={css.text}>
    {linkParts(text).map((part, index) =>
      part.kind === 'text' ? (
        part.text
      ) : (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name, and change with it.
        <a key={index} className={css.link} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      ),
    )}
  </span>
));
