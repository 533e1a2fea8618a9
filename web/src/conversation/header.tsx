/** The top of a conversation: who it is with, whether they are there, what time it is for them, and calling them. */
import { ArrowLeft, EllipsisVertical, LogOut, PanelRight, Phone, UserPlus, Video } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { isReadOnly, type ThreadSummary, type User } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { useMe, useParley } from '../app/parley.tsx';
import { useNavigate } from '../app/route.ts';
import { useCallDesk, useDeskView } from '../call/call-provider.tsx';
import { timeAgo, timeOfDay } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { AddPeople } from '../people/add-people.tsx';
import { LeaveDialog } from '../people/leave-dialog.tsx';
import { mayLeave } from '../people/may-leave.ts';
import { usePersonItems } from '../people/use-person-items.tsx';
import { firstNameOf, othersOf, threadName, threadTopic } from '../threads/people.ts';
import { ThreadAvatar } from '../threads/thread-avatar.tsx';
import { useMarkItems } from '../threads/use-mark-items.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { useNarrow, usePlace, useSurroundings } from '../ui/surroundings.tsx';
import css from './header.module.css';
import { isRingingFor } from './interview-text.ts';

interface Props {
  readonly thread: ThreadSummary;
  readonly panelOpen: boolean;
  /** Null where the proposal is not shown beside it. */
  readonly onTogglePanel: (() => void) | null;
}

export const Header = ({ thread, panelOpen, onTogglePanel }: Props) => {
  const { client } = useParley();
  const me = useMe();
  const { users } = useReadable(client.inbox);
  const { isWindow } = useSurroundings();
  const isNarrow = useNarrow();
  const Title = isWindow ? 'h1' : 'h2';
  const others = othersOf(thread, me.userId, users);
  const other = others.length === 1 ? others[0] : undefined;
  // Without a connection nobody knows.
  const isConnected = useReadable(client.connection).status === 'online';
  const presences = useReadable(client.presence);
  const blocked = useReadable(client.blocked);
  const presence = isConnected ? presences.get(other?.userId ?? '') : undefined;
  const title = useRef<HTMLHeadingElement>(null);
  const hasPanel = thread.proposal !== null && onTogglePanel !== null;
  // On a phone there is no room for a button each.
  const panelInMenu = hasPanel && isWindow && isNarrow;
  const hasOptions = isWindow || other !== undefined;
  const otherIds = others.map(({ userId }) => userId).join('\n');

  useEffect(() => (otherIds === '' ? undefined : client.watch(otherIds.split('\n'))), [client, otherIds]);
  // On a phone the conversation replaces the list: whoever listens or tabs begins at its top.
  useEffect(() => {
    if (isWindow && isNarrow) title.current?.focus({ preventScroll: true });
  }, [isWindow, isNarrow]);

  return (
    <header className={css.header}>
      {isWindow && (
        <Link to={{ page: 'threads' }} className={css.back} aria-label="Back to conversations">
          <ArrowLeft aria-hidden size={20} />
        </Link>
      )}
      <ThreadAvatar others={others} online={presence?.online} />
      <div className={css.who}>
        <Title ref={title} tabIndex={-1}>
          {threadName(thread, me.userId, users)}
        </Title>
        {other === undefined ? (
          <p className={css.whereabouts}>
            <SetAside thread={thread} />
            <span>{threadTopic(thread, me.userId, users)}</span>
          </p>
        ) : (
          <Whereabouts thread={thread} person={other} presence={presence} blocked={blocked.has(other.userId)} />
        )}
      </div>
      <div className={css.actions}>
        {!isReadOnly(thread) && <CallButtons thread={thread} atEdge={!hasPanel && !hasOptions} />}
        {hasPanel && !panelInMenu && (
          <IconButton
            label={panelOpen ? 'Hide the proposal' : 'Show the proposal'}
            icon={PanelRight}
            tip={hasOptions ? 'below' : 'below-end'}
            aria-pressed={panelOpen}
            data-testid="toggle-proposal"
            onClick={onTogglePanel}
          />
        )}
        {hasOptions && <Options thread={thread} person={other} onShowProposal={panelInMenu ? onTogglePanel : null} />}
      </div>
    </header>
  );
};

/** Why the list does not have it. */
const SetAside = ({ thread: { marks } }: Pick<Props, 'thread'>) =>
  (marks.archived || marks.hidden) && <span data-testid="set-aside">{marks.hidden ? 'Hidden' : 'Archived'}</span>;

interface OptionsProps extends Pick<Props, 'thread'> {
  /** The one other, if it is one. */
  readonly person: User | undefined;
  readonly onShowProposal: (() => void) | null;
}

const Options = ({ thread, person, onShowProposal }: OptionsProps) => {
  const { client } = useParley();
  const me = useMe();
  const navigate = useNavigate();
  const { users } = useReadable(client.inbox);
  const name = threadName(thread, me.userId, users);
  const items = useMarkItems(thread, name);
  const { isWindow } = useSurroundings();
  const about = usePersonItems(thread.threadId, person);
  const [asking, setAsking] = useState<'add' | 'leave' | null>(null);
  const close = (): void => setAsking(null);
  const own = [
    ...(onShowProposal === null ? [] : [{ label: 'Show the proposal', icon: PanelRight, run: onShowProposal }]),
    { label: 'Add people', icon: UserPlus, run: () => setAsking('add') },
  ];
  // In somebody else's page there is no list to mark it in.
  const sections = [
    ...(isWindow ? [{ items: own }, { items }] : []),
    ...(about.items.length > 0 ? [{ items: about.items }] : []),
    ...(isWindow && mayLeave(thread, me.userId)
      ? [{ items: [{ label: 'Leave…', icon: LogOut, danger: true, run: () => setAsking('leave') }] }]
      : []),
  ];
  return (
    <>
      <Menu
        label="Conversation options"
        sections={sections}
        trigger={(props) => (
          <IconButton
            {...props}
            label="Conversation options"
            icon={EllipsisVertical}
            tip="below-end"
            data-testid="conversation-options"
          />
        )}
      />
      {about.dialog}
      {asking === 'leave' && (
        <LeaveDialog thread={thread} name={name} onClose={close} onLeft={() => navigate({ page: 'threads' })} />
      )}
      {asking === 'add' && (
        <AddPeople
          thread={thread}
          onClose={close}
          onAdded={(threadId) => {
            close();
            navigate({ page: 'thread', threadId });
          }}
        />
      )}
    </>
  );
};

interface WhereaboutsProps extends Pick<Props, 'thread'> {
  readonly person: { readonly displayName: string; readonly timeZone: string | null };
  readonly presence: { readonly online: boolean; readonly lastSeenAt: number | null } | undefined;
  readonly blocked: boolean;
}

const Whereabouts = ({ thread, person, presence, blocked }: WhereaboutsProps) => {
  const now = useNow();
  const place = usePlace();
  return (
    <p className={css.whereabouts}>
      <SetAside thread={thread} />
      {blocked && <span data-testid="blocked">Blocked</span>}
      {!blocked && presence !== undefined && (
        <span data-testid="presence">
          {presence.online ? (
            'Online'
          ) : presence.lastSeenAt === null ? (
            'Offline'
          ) : (
            <>
              <span className={css.roomy}>Last seen {timeAgo(presence.lastSeenAt, now, place)}</span>
              <span className={css.tight}>Seen {timeAgo(presence.lastSeenAt, now, { ...place, style: 'narrow' })}</span>
            </>
          )}
        </span>
      )}
      {person.timeZone !== null && (
        <span>
          {timeOfDay(now, { ...place, timeZone: person.timeZone })}
          {/* The longest of both lines have no room together on a phone. */}
          <span className={presence?.online === false ? css.roomy : undefined}> for {firstNameOf(person)}</span>
        </span>
      )}
    </p>
  );
};

interface CallButtonsProps {
  readonly thread: ThreadSummary;
  /** Nothing comes after them, so a name below has to end where they do. */
  readonly atEdge: boolean;
}

const CallButtons = ({ thread, atEdge }: CallButtonsProps) => {
  const desk = useCallDesk();
  const me = useMe();
  const { stage, calling } = useDeskView();
  const { threadId, interview } = thread;
  const isHere = stage.is !== 'none' && stage.threadId === threadId;
  if (isHere) return null;
  if (interview !== null)
    // What rings for this person has a card of its own, with the same button.
    return isRingingFor(interview, me.userId) ? null : (
      <Button
        size="s"
        tone="success"
        icon={interview.media === 'video' ? Video : Phone}
        data-testid="join"
        onClick={() => desk.enter(interview)}
      >
        Join
      </Button>
    );
  return (
    <>
      <IconButton
        label="Audio call"
        icon={Phone}
        data-testid="call-audio"
        disabled={calling}
        onClick={() => desk.call(threadId, 'audio')}
      />
      <IconButton
        label="Video call"
        icon={Video}
        tip={atEdge ? 'below-end' : 'below'}
        data-testid="call-video"
        disabled={calling}
        onClick={() => desk.call(threadId, 'video')}
      />
    </>
  );
};
