/** What was found in a text: the words, why they are in question, and what to do instead. */
import css from './findings.module.css';
import { ALSO_TEXT, CATEGORY_TEXT, type Notice, reasonText, type Taken } from './words.ts';

/** More than these would push away what one writes. */
const MOST = 3;

interface Props {
  readonly notices: readonly Notice[];
  /** What becomes of the whole, as it is said above; what of a part becomes something else says so. */
  readonly outcome: Taken;
}

export const Findings = ({ notices, outcome }: Props) => {
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
              {reasonText(category, { several: words.length > 1 })}
            </>
          ) : (
            `It has a ${CATEGORY_TEXT[category]}.`
          )}{' '}
          {outcome !== 'block' && outcome !== action && `${ALSO_TEXT[action]} `}
          <span className={css.advice}>{advice}</span>
        </li>
      ))}
      {more > 0 && <li>{`And ${more} more.`}</li>}
    </ul>
  );
};
