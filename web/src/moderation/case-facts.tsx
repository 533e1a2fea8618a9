/** Who a case is about, who opened it, what was found, and what else there was about the same person. */
import type { CaseDetails, User, UserId } from '../../../protocol/index.ts';
import { fullTime } from '../lib/time.ts';
import { unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import css from './case-facts.module.css';
import { foundLabel, gistOf, stateLabel } from './case-text.ts';

const CONTRACT = { before: 'before a contract', active: 'under a contract', ended: 'after a contract' } as const;

interface Props {
  readonly details: CaseDetails;
  readonly users: ReadonlyMap<UserId, User>;
}

export const CaseFacts = ({ details, users }: Props) => {
  const { case: shown, thread, others } = details;
  const place = usePlace();
  const subject = users.get(shown.subjectId) ?? unknownUser(shown.subjectId);
  const opener = shown.openedBy === null ? null : (users.get(shown.openedBy) ?? unknownUser(shown.openedBy));
  const total = others.waiting + others.granted + others.refused;
  return (
    <section className={css.facts} aria-label="The case">
      <div className={css.head}>
        <Avatar user={subject} size="l" />
        <div className={css.who}>
          <h2>{subject.displayName}</h2>
          {subject.headline !== '' && <p>{subject.headline}</p>}
        </div>
        <span className={css.state} data-state={shown.state} data-testid="case-state">
          {stateLabel(shown)}
        </span>
      </div>
      <dl className={css.list}>
        <dt>About</dt>
        <dd>{gistOf(shown)}</dd>
        <dt>Opened</dt>
        <dd>
          {fullTime(shown.at, place)}
          {opener !== null && `, by ${opener.displayName}`}
          {opener === null && shown.kind === 'report' && ', by Parley'}
        </dd>
        {shown.reason !== '' && (
          <>
            <dt>{shown.kind === 'appeal' ? 'Their reason' : 'Note'}</dt>
            <dd className={css.note}>{shown.reason}</dd>
          </>
        )}
        {thread !== null && (
          <>
            <dt>Conversation</dt>
            <dd>
              {thread.title === '' ? 'Without a title' : thread.title}, {CONTRACT[thread.contract]}
            </dd>
          </>
        )}
        {shown.findings.length > 0 && (
          <>
            <dt>Found</dt>
            <dd>
              <ul className={css.findings}>
                {shown.findings.map((finding) => (
                  <li key={`${finding.rule} ${JSON.stringify(finding.spans)}`}>
                    {foundLabel(finding.category)}, {Math.round(finding.confidence * 100)} % sure
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        <dt>Other cases</dt>
        <dd>
          {total === 0
            ? 'None about this person'
            : `${others.waiting} waiting, ${others.granted} granted or upheld, ${others.refused} refused or dismissed`}
        </dd>
      </dl>
    </section>
  );
};
