/** What was found in a text: the words, why they are in question, and what to do instead. */
import css from './findings.module.css';
import { CATEGORY_TEXT, type Notice, REASON_TEXT } from './words.ts';

/** More than these would push away what one writes. */
const MOST = 3;

export const Findings = ({ notices }: { readonly notices: readonly Notice[] }) => {
  const more = notices.length - MOST;
  return (
    <ul className={css.findings}>
      {notices.slice(0, MOST).map(({ category, action, words, together, advice }) => (
        <li key={`${category} ${action}`}>
          {words.length > 0 ? (
            <>
              {words.slice(0, MOST).map((one, index) => (
                <span key={one}>
                  {index > 0 && ', '}
                  <q className={css.words}>{one}</q>
                </span>
              ))}{' '}
              {together && 'with what you wrote before '}
              {REASON_TEXT[category]}
            </>
          ) : (
            `It has a ${CATEGORY_TEXT[category]}.`
          )}{' '}
          <span className={css.advice}>{advice}</span>
        </li>
      ))}
      {more > 0 && <li>{`And ${more} more.`}</li>}
    </ul>
  );
};
