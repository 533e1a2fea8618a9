/** One case: what was written, what was said around it, and deciding it. */
import { ArrowRight, ShieldQuestion } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { CaseDetails, ModerationCase, User, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useNavigate } from '../app/route.ts';
import { fullTime } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { ListState } from '../ui/list-state.tsx';
import { Page } from '../ui/page.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import { CaseContext } from './case-context.tsx';
import { CaseFacts } from './case-facts.tsx';
import css from './case-page.module.css';
import { KIND, OUTCOMES, VERDICTS } from './case-text.ts';
import { DecisionForm } from './decision-form.tsx';
import { useCase } from './use-case.ts';

export const CasePage = ({ caseId }: { readonly caseId: string }) => {
  const { status, details, error, reload, settle } = useCase(caseId);
  const empty = { icon: ShieldQuestion, title: 'This case cannot be shown', text: error ?? '' };
  const title = details === null ? 'Case' : KIND[details.case.kind];
  return (
    <Page title={title} back={{ to: { page: 'moderation' }, label: 'Back to the queue' }}>
      <ListState
        status={status === 'failed' ? 'ready' : status}
        what="case"
        isEmpty={status === 'failed'}
        empty={empty}
        onRetry={reload}
      >
        {details !== null && <Shown details={details} onSettled={settle} onStale={reload} />}
      </ListState>
    </Page>
  );
};

interface ShownProps {
  readonly details: CaseDetails;
  readonly onSettled: (changed: ModerationCase) => void;
  readonly onStale: () => void;
}

const Shown = ({ details, onSettled, onStale }: ShownProps) => {
  const { case: shown, text, sealProblem } = details;
  const users = new Map(details.users.map((user) => [user.userId, user]));
  return (
    <>
      <CaseFacts details={details} users={users} />
      {(text !== null || sealProblem !== null) && (
        <section className={css.part} aria-labelledby="case-text">
          <h2 id="case-text">As it was written</h2>
          {text !== null ? (
            <blockquote className={css.text} data-testid="case-text">
              {text}
            </blockquote>
          ) : (
            <p className={css.problem}>The text cannot be opened. {sealProblem}</p>
          )}
        </section>
      )}
      {details.messages.length > 0 && <CaseContext details={details} users={users} />}
      <section className={css.part} aria-label="Decision">
        <Deciding shown={shown} users={users} onSettled={onSettled} onStale={onStale} />
      </section>
    </>
  );
};

interface DecidingProps {
  readonly shown: ModerationCase;
  readonly users: ReadonlyMap<UserId, User>;
  readonly onSettled: (changed: ModerationCase) => void;
  readonly onStale: () => void;
}

const Deciding = ({ shown, users, onSettled, onStale }: DecidingProps) => {
  const { client } = useParley();
  const me = useMe();
  const now = useNow();
  const announce = useAnnounce();
  const place = usePlace();
  const [justDone, setJustDone] = useState(false);
  const done = useRef<HTMLHeadingElement>(null);
  const { caseId, kind, state, decision, secondLook, claim } = shown;
  const nameOf = (userId: UserId | null): string =>
    userId === null ? 'Parley' : userId === me.userId ? 'you' : (users.get(userId)?.displayName ?? userId);

  // Whoever listens hears what was done, and goes on from there.
  useEffect(() => {
    if (justDone) done.current?.focus();
  }, [justDone]);

  const settle = (changed: ModerationCase, words: string): void => {
    onSettled(changed);
    announce(words);
    setJustDone(true);
  };

  if (state === 'withdrawn') return <h2>The report was withdrawn</h2>;
  if (decision === null) {
    if (claim !== null && claim.moderatorId !== me.userId && claim.until > now) {
      return (
        <p className={css.claimed} role="status" data-testid="claimed">
          {`${nameOf(claim.moderatorId)} looks at this case now. It is free again when they leave it, or after ten minutes.`}
        </p>
      );
    }
    return (
      <DecisionForm
        title="Decide"
        choices={OUTCOMES[kind]}
        action="Decide"
        onStale={onStale}
        submit={async (outcome, reason) => {
          const { case: changed } = await client.request('moderation.decide', { caseId, outcome, reason });
          settle(changed, `Decided: ${OUTCOMES[kind][outcome].done}.`);
        }}
      />
    );
  }
  return (
    <>
      <h2 ref={done} tabIndex={-1} className={css.done} data-testid="decided">
        {OUTCOMES[kind][decision.outcome].done}
      </h2>
      <p className={css.meta}>
        by {nameOf(decision.moderatorId)}, {fullTime(decision.at, place)}
      </p>
      <p className={css.reason}>{decision.reason}</p>
      {secondLook !== null && (
        <>
          <h2 className={css.done} data-testid="second-look">
            {VERDICTS[secondLook.verdict].done} on a second look
          </h2>
          <p className={css.meta}>
            by {nameOf(secondLook.moderatorId)}, {fullTime(secondLook.at, place)}
          </p>
          <p className={css.reason}>{secondLook.reason}</p>
        </>
      )}
      {secondLook === null && decision.moderatorId === me.userId && (
        <p className={css.meta}>Another moderator may look at it once more.</p>
      )}
      {secondLook === null && decision.moderatorId !== null && decision.moderatorId !== me.userId && (
        <DecisionForm
          title="Second look"
          choices={VERDICTS}
          action="Send the second look"
          onStale={onStale}
          submit={async (verdict, reason) => {
            const { case: changed } = await client.request('moderation.review', { caseId, verdict, reason });
            settle(changed, `${VERDICTS[verdict].done} on a second look.`);
          }}
        />
      )}
      {justDone && <NextCase />}
    </>
  );
};

/** To the one that waits longest. */
const NextCase = () => {
  const { client } = useParley();
  const navigate = useNavigate();
  const go = async (): Promise<void> => {
    const { cases } = await client.request('moderation.list', { limit: 1 }).catch(() => ({ cases: [] }));
    const [next] = cases;
    navigate(next === undefined ? { page: 'moderation' } : { page: 'case', caseId: next.caseId });
  };
  return (
    <div className={css.next}>
      <Button icon={ArrowRight} data-testid="next-case" onClick={() => void go()}>
        Next case
      </Button>
    </div>
  );
};
