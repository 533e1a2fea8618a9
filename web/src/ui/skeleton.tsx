/** The shape of what is still loading. */
import { classes } from '../lib/classes.ts';
import css from './skeleton.module.css';

export const SkeletonRows = ({ label, count = 6 }: { readonly label: string; readonly count?: number }) => (
  <div role="status" aria-label={label} className={css.rows}>
    {Array.from({ length: count }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same and never move.
      <div key={index} className={css.row}>
        <span className={classes(css.bone, css.circle)} />
        <span className={css.lines}>
          <span className={css.bone} />
          <span className={css.bone} />
        </span>
      </div>
    ))}
  </div>
);

export const SkeletonBubbles = ({ label }: { readonly label: string }) => (
  <div role="status" aria-label={label} className={css.bubbles}>
    {['other', 'other', 'own', 'other', 'own', 'own'].map((side, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a fixed picture.
      <span key={index} className={classes(css.bone, css.bubble, css[side])} />
    ))}
  </div>
);
