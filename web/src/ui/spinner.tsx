/** Something is under way; what, is said by the words beside it. */
import css from './spinner.module.css';

export const Spinner = ({ size = 16 }: { readonly size?: number }) => (
  <svg className={css.spinner} width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true">
    <circle cx="8" cy="8" r="6.25" stroke="currentColor" strokeOpacity="0.25" strokeWidth="1.75" />
    <path d="M14.25 8A6.25 6.25 0 0 0 8 1.75" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
  </svg>
);
